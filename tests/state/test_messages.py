from datetime import UTC, datetime

import pytest

from elysia_desktop.core.sources import Source
from elysia_desktop.state.messages import FunctionCall, Message, Role, ToolOutput


def test_a_message_is_made_by_its_role():
    made = [
        Message.SYSTEM("s"),
        Message.USER("u"),
        Message.ASSISTANT("a"),
        Message.TOOL("t"),
        Message.NOTICE("n"),
    ]
    assert [(m.role, m.content) for m in made] == list(zip(Role, "suatn", strict=True))
    assert len({m.id for m in made}) == 5
    assert all(m.created_at.tzinfo for m in made)
    assert str(made[1]) == "u"


def test_two_messages_share_no_extra():
    one, other = Message.USER("a"), Message.USER("b")
    one.extra["seen"] = True
    assert other.extra == {}


def test_changes_of_the_text_are_told_as_what_was_added_or_as_all_anew():
    told = []
    message = Message.ASSISTANT(on_change=lambda own, delta: told.append((own.content, delta)))
    assert message.update("Wait") is message
    assert message.add(" a moment") is message
    message.add("")
    assert told == [("Wait", None), ("Wait a moment", " a moment")]


def test_a_copy_tells_nobody_and_shares_nothing():
    told = []
    message = Message.USER("a", extra={"list": [1]}, on_change=lambda *_: told.append(1))
    copy = message.copy(content="b")
    copy.add("!")
    copy.extra["list"].append(2)
    assert (message.content, message.extra, told) == ("a", {"list": [1]}, [])
    assert (copy.id, copy.content) == (message.id, "b!")


FULL = Message(
    Role.ASSISTANT,
    "Two [source3].",
    (FunctionCall("c1", "Count", '{"of": "cats"}', parent_id="c0"), FunctionCall("c2", "Count", "not JSON")),
    sources=(Source(3, "query_cats_0_1"),),
    extra={"kept": [1, {"a": None}]},
    created_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "message", [FULL, Message.TOOL("two", "c1", "Count"), Message.USER(""), Message.NOTICE("Saved.")]
)
def test_a_message_comes_back_from_what_is_saved_of_it(message):
    assert Message.from_dict(message.to_dict()) == message


def test_what_is_saved_says_where_something_is_not_json():
    with pytest.raises(TypeError, match=r"extra\.kept\[0\]"):
        Message.USER("a", extra={"kept": [object()]}).to_dict()


def test_a_message_is_told_in_openai_s_shape():
    assert FULL.to_chat() == {
        "role": "assistant",
        "content": "Two [source3].",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "Count", "arguments": '{"of": "cats"}'}},
            {"id": "c2", "type": "function", "function": {"name": "Count", "arguments": "not JSON"}},
        ],
    }
    assert Message.TOOL("two", "c1", "Count").to_chat() == {
        "role": "tool",
        "content": "two",
        "tool_call_id": "c1",
        "name": "Count",
    }
    assert Message.SYSTEM("Be brief.").to_chat() == {"role": "system", "content": "Be brief."}


def test_a_message_in_openai_s_shape_is_read():
    read = Message.from_dict(
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "F", "arguments": "{}"}}],
        }
    )
    assert (read.content, read.func_calls) == ("", (FunctionCall("c1", "F", "{}"),))
    parts = [
        {"type": "text", "text": "a"},
        {"type": "image_url", "image_url": {}},
        {"type": "text", "text": "b"},
    ]
    assert Message.from_dict({"role": "user", "content": parts}).content == "ab"


def test_who_may_speak_is_said_where_nobody_known_does():
    with pytest.raises(ValueError, match="system, user, assistant, tool, notice"):
        Message.from_dict({"role": "robot", "content": "beep"})
    with pytest.raises(ValueError, match="robot"):
        Message("robot", "beep")


def test_a_notice_is_told_to_no_model():
    with pytest.raises(ValueError, match="person"):
        Message.NOTICE("Saved.").to_chat()


def test_an_output_becomes_the_message_that_answers_its_call():
    message = ToolOutput("c1", "Count", "two", (Source(1, "r"),), outcome="failed").to_message()
    assert (message.role, message.tool_call_id, message.name, message.content) == (
        Role.TOOL,
        "c1",
        "Count",
        "two",
    )
    assert message.sources == (Source(1, "r"),)
    assert message.extra == {"outcome": "failed"}
    assert ToolOutput("c1", "Count", "two").to_message().extra == {}
