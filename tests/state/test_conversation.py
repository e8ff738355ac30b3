"""The conversation as it is read, added to and shown."""

import pytest
from state.loops import (
    Look,
    asked,
    in_chat,
    is_valid,
    sent,
)
from support.scripted_model import Say

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.payloads import Warning as Notice
from elysia_desktop.state import (
    ExternalModuleChosenEvent,
    FunctionCall,
    MemoryHome,
    Message,
    ModuleConfig,
    StateManager,
    ToolOutput,
)


def test_history_is_openai_style_dicts_oldest_first():
    home = MemoryHome(messages=[Message.USER("One."), Message.ASSISTANT("Two.")])
    with StateManager(ExternalModuleChosenEvent(user_message="Three."), home=home) as state:
        assert state.history() == [
            {"role": "user", "content": "One."},
            {"role": "assistant", "content": "Two."},
            {"role": "user", "content": "Three."},
        ]


def history_of(n):
    return [Message.USER(f"{i}.") if i % 2 == 0 else Message.ASSISTANT(f"{i}.") for i in range(n)]


def test_truncated_history_keeps_the_newest_messages():
    with StateManager(ExternalModuleChosenEvent(), home=MemoryHome(messages=history_of(6))) as state:
        told = state.truncated_history(ModuleConfig(N_MAX=2), system_message="Be kind.")
        assert [m["content"] for m in told] == ["Be kind.", "4.", "5."]


def test_truncated_history_keeps_to_the_token_limit_but_not_below_n_min():
    messages = [Message.USER("long " * 500) for _ in range(4)]
    with StateManager(ExternalModuleChosenEvent(), home=MemoryHome(messages=messages)) as state:
        assert len(state.truncated_history(ModuleConfig(MAX_TOKENS=1500, N_MIN=0))) < 4
        assert len(state.truncated_history(ModuleConfig(MAX_TOKENS=1, N_MIN=2))) == 2


def test_truncated_history_keeps_calls_with_their_answers(state):
    state.register(Look)
    made = FunctionCall("c1", "Look")
    state.add_assistant_message("", [made])
    state.add_tool_message(ToolOutput("c1", "Look", "seen"), made)
    for most in range(1, 5):
        assert is_valid(state.truncated_history(ModuleConfig(N_MAX=most, N_MIN=0)))


def test_last_user_question_is_what_the_person_asked_last(state):
    assert state.last_user_question() == "What?"
    with StateManager(ExternalModuleChosenEvent()) as empty:
        assert empty.last_user_question() == ""


def test_add_assistant_message_appends_and_returns_the_dict(state):
    assert state.add_assistant_message("Hello.") == {"role": "assistant", "content": "Hello."}
    assert state.history()[-1] == {"role": "assistant", "content": "Hello."}
    assert state.ctx.last().content == "Hello."


def test_calls_and_answers_are_appended_and_returned_as_dicts(state):
    state.register(Look)
    made = FunctionCall("c1", "Look", "{}")
    asking = state.add_assistant_message("", [made])
    assert asking["tool_calls"][0] == {
        "id": "c1",
        "type": "function",
        "function": {"name": "Look", "arguments": "{}"},
    }
    answer = state.add_tool_message(ToolOutput("c1", "Look", "seen"), made)
    assert answer == {"role": "tool", "content": "seen", "tool_call_id": "c1", "name": "Look"}
    assert state.history() == [{"role": "user", "content": "What?"}, asking, answer]
    assert in_chat(state.ctx)[1:] == [asking, answer]


def test_a_notice_is_shown_to_the_person_and_never_in_the_models_context():
    with asked(Say("."), question="What?") as state:
        state.notify("The lamp is out.")
        state.complete()
        assert next(i for i in state.told.items if isinstance(i, Notice)).text == "The lamp is out."
        assert [m.content for m in state.list()] == ["What?", "The lamp is out."]
        assert [m["content"] for m in sent(state)] == ["What?"]
        assert [m["content"] for m in state.history()] == ["What?"]


def test_a_notice_with_an_id_is_appended_to_that_message(state):
    state.modify("Hello.")
    state.notify("(Cut.)", state.last_ass_message.id)
    assert state.last_ass_message.content == "Hello.\n\n(Cut.)"
    with pytest.raises(QueryRejected):
        state.notify("?", "nobody")


def test_modify_replaces_the_assistants_current_text_or_that_of_another_message():
    with asked() as state:
        state.modify("Hello.")
        assert state.last_ass_message.content == "Hello."
        state.modify("Why?", state.last_usr_message.id)
        assert state.last_usr_message.content == "Why?"
        assert [t["text"] for t in state.told.of("text_replaced")] == ["Hello.", "Why?"]


def test_list_is_the_visible_messages_postprocessed():
    class Loud(StateManager):
        def postprocess(self, content):
            return content.upper()

    home = MemoryHome(messages=[Message.SYSTEM("Hidden."), Message.USER("One."), Message.ASSISTANT("Two.")])
    with Loud(ExternalModuleChosenEvent(), home=home) as state:
        assert [m.content for m in state.list()] == ["ONE.", "TWO."]
        assert [m["content"] for m in state.history()][1:] == ["ONE.", "TWO."]
        assert [m.content for m in state.messages][1] == "One."


def test_preprocess_is_on_the_way_in():
    class Loud(StateManager):
        def preprocess(self, content):
            return content.upper()

    with Loud(ExternalModuleChosenEvent()) as state:
        state.modify("one")
        state.add_assistant_message("two")
        state.notify("three")
        assert [m.content for m in state.messages] == ["ONE", "TWO", "THREE"]


def test_both_are_the_identity(state):
    assert state.preprocess("a") == state.postprocess("a") == "a"


@pytest.mark.parametrize(
    "given", ["Be kind.", Message.SYSTEM("Be kind."), {"role": "system", "content": "Be kind."}], ids=type
)
def test_the_system_message_of_a_history_may_be_a_text_a_message_or_a_dict(state, given):
    first, _ = state.truncated_history(system_message=given)
    assert first == {"role": "system", "content": "Be kind."}


def test_an_empty_system_message_is_none(state):
    assert [m["role"] for m in state.truncated_history(system_message="")] == ["user"]
