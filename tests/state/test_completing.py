"""Contexts, single completions, and the calls of one message."""

import asyncio
import threading

import pytest
from pydantic import BaseModel
from state.loops import (
    Look,
    Other,
    answers,
    asked,
    call,
    calls,
    is_valid,
    sent,
)
from support.scripted_model import Json, Say

from elysia_desktop.core.errors import ToolError
from elysia_desktop.state import (
    FunctionCall,
    Message,
    MessageList,
)


def test_context_replaces(state):
    assert state.context([Message.USER("a"), Message.USER("b")]) is state
    assert [m.content for m in state.ctx] == ["a", "b"]


def test_context_appends_and_prepends(state):
    state.context("last", append=True).context(Message.SYSTEM("first"), prepend=True)
    assert [m.content for m in state.ctx] == ["first", "What?", "last"]


def test_context_takes_a_message_a_list_or_a_message_list(state):
    for given in (Message.USER("a"), [Message.USER("a")], MessageList("a")):
        assert [m.content for m in state.context(given).ctx] == ["a"]


def test_context_with_both_flags_is_refused(state):
    with pytest.raises(ValueError, match="not both"):
        state.context("a", append=True, prepend=True)


def test_context_never_aliases_the_callers_list(state):
    given, listed = [Message.USER("a")], MessageList("b")
    state.context(given).context("c", append=True)
    assert len(given) == 1
    state.context(listed).context("c", append=True)
    assert len(listed) == 1
    listed.append("d")
    assert [m.content for m in state.ctx] == ["b", "c"]


def test_the_context_begins_with_the_conversation_without_what_is_still_to_be_written(state):
    assert [m.content for m in state.ctx] == ["What?"]


def test_extra_is_for_the_tools_and_returns_self(state):
    assert state.extra(a=1).extra({"b": 2}) is state


def test_complete_asks_for_one_completion_of_the_context_and_adds_it():
    with asked(Say("Hello."), tools=[Look]) as state:
        completion = state.complete()
        assert completion.content == "Hello."
        assert [m["content"] for m in sent(state)] == ["What?"]
        assert [m.content for m in state.ctx] == ["What?", "Hello."]
        assert len(state.model.requests) == 1


@pytest.mark.parametrize(
    "message", ["And?", Message.USER("And?"), [Message.SYSTEM("Be kind."), "And?"]], ids=str
)
def test_a_message_to_complete_is_added_to_the_context(message):
    with asked(Say("Hello.")) as state:
        state.complete(message)
        assert sent(state)[-1]["content"] == "And?"
        assert "And?" in [m.content for m in state.ctx]


def test_a_message_that_is_in_the_context_is_not_added_again():
    with asked(Say("Hello.")) as state:
        state.complete(state.ctx.last())
        state_messages = [m["content"] for m in sent(state)]
        assert state_messages == ["What?"]


def test_complete_does_not_carry_out_the_calls_it_asks_for():
    with asked(calls(call("Look", "c1", what="a")), tools=[Look]) as state:
        completion = state.complete()
        assert completion.func_calls == (FunctionCall("c1", "Look", '{"what": "a"}'),)
        assert state.told.log == []


def test_complete_may_have_to_call_a_tool():
    with asked(calls(call("Look")), calls(call("Other")), tools=[Look, Other]) as state:
        state.complete(tool_choice=Look)
        assert state.model.requests[0].body["tool_choice"]["function"]["name"] == "Look"
        state.context("Again.").complete(tool_choice="required")
        assert state.model.requests[1].body["tool_choice"] == "required"


def test_a_tool_that_is_not_registered_cannot_be_chosen():
    with asked(tools=[Look]) as state, pytest.raises(ValueError, match="Other is not registered"):
        state.complete(tool_choice=Other)


def test_complete_may_be_held_to_a_schema():
    class Mood(BaseModel):
        mood: str

    with asked(Json({"mood": "good"})) as state:
        assert Mood.model_validate_json(state.complete(schema=Mood).content).mood == "good"


def test_stream_writes_to_the_last_assistant_message_as_it_comes():
    with asked(Say("Hello, you.", piece=4)) as state:
        state.stream()
        assert state.last_ass_message.content == "Hello, you."
        id_ = state.last_ass_message.id
        assert state.told.of("text_replaced")[0] == {"message_id": id_, "text": "Hell"}
        assert state.told.of("text_delta")[0] == {"message_id": id_, "delta": "o, y"}


def test_stream_may_write_to_another_message():
    with asked(Say("Hello.")) as state:
        out = Message.ASSISTANT()
        state.stream(out=out)
        assert (out.content, state.last_ass_message.content) == ("Hello.", "")


def test_the_start_text_stands_in_out_until_the_completion_begins():
    seen = []

    def script(body):
        seen.append(state.last_ass_message.content)
        return Say("Hello.")

    with asked(script) as state:
        state.complete(out=state.last_ass_message, start_text="_Generating answer…_")
        assert seen == ["_Generating answer…_"]
        assert state.last_ass_message.content == "Hello."


def test_call_runs_a_messages_tool_calls():
    with asked() as state:
        state.register(Look)
        message = Message.ASSISTANT("", [FunctionCall("c1", "Look", '{"what": "a"}')])
        called, not_called, go_on = state.call(message)
        assert called[0]["tool"] == Look(what="a")
        assert called[0]["call"]["run"] == "seen a"
        assert (not_called, go_on) == ([], True)
        assert is_valid(state.ctx.to_chat())
        assert answers(state.ctx.to_chat()) == ["seen a"]


def test_call_of_a_message_without_calls_does_nothing(state):
    assert state.call(Message.ASSISTANT("Hello.")) == ([], [], False)


def test_call_may_raise_on_a_missing_tool(state):
    message = Message.ASSISTANT("", [FunctionCall("c1", "Look"), FunctionCall("c2", "Lok")])
    state.register(Look)
    with pytest.raises(ToolError, match="no function “Lok”"):
        state.call(message, raise_on_missing_tool=True)
    assert is_valid(state.ctx.to_chat())


def test_siblings_run_at_once_with_run_async(state):
    both = threading.Barrier(2, timeout=10)

    class Meet(BaseModel):
        def run(self):
            both.wait()
            return "met"

    message = Message.ASSISTANT("", [FunctionCall("c1", "Meet"), FunctionCall("c2", "Meet")])
    called, _, _ = state.register(Meet).call(message, run_async=True)
    assert [one["call"]["run"] for one in called] == ["met", "met"]


def test_siblings_run_one_after_the_other_otherwise(state):
    running, most = [], []

    class Meet(BaseModel):
        async def run(self):
            running.append(1)
            await asyncio.sleep(0)
            most.append(len(running))
            running.pop()

    message = Message.ASSISTANT("", [FunctionCall("c1", "Meet"), FunctionCall("c2", "Meet")])
    state.register(Meet).call(message)
    assert most == [1, 1]


def test_answers_stand_right_behind_the_message_that_asked(state):
    message = Message.ASSISTANT("", [FunctionCall("c1", "Look")])
    state.register(Look).context([message, Message.USER("Meanwhile.")])
    state.call(message)
    assert [m.role for m in state.ctx] == ["assistant", "tool", "user"]
