"""The calls of one message: one answer to each, in their order."""

import asyncio

import pytest
from pydantic import ValidationError
from state.loops import (
    SumBinaryNumbers,
    answers,
    asked,
    call,
    calls,
    is_valid,
    quiet,
    returning,
    sent,
    tool,
)
from support.scripted_model import Call, Calls, Say

from elysia_desktop.core.errors import ToolError
from elysia_desktop.state import FunctionCall, Message


def failing(self):
    raise ZeroDivisionError("no")


@pytest.mark.parametrize("run_async", [False, True])
def test_every_call_gets_exactly_one_message_in_call_order_also_when_it_fails(run_async):
    tools = [returning("seen"), tool("Fail", run=failing), SumBinaryNumbers]
    wanted = Calls(
        [
            Call("Fail", {}, "a"),
            Call("Look", {}, "b"),
            Call("Nothing", {}, "c"),
            Call("SumBinaryNumbers", {"x": "1"}, "d"),
            Call("Look", "{", "e"),
            Call("SumBinaryNumbers", {"x": "1", "y": "1"}, "f"),
        ]
    )
    with asked(wanted, Say("."), tools=tools) as state:
        ((_, called, not_called), _) = state.loop(run_async=run_async)
        told = [m for m in sent(state) if m["role"] == "tool"]
        assert [m["tool_call_id"] for m in told] == list("abcdef")
        assert is_valid(sent(state))
        assert [one["id"] for one in called] == ["a", "b", "f"]
        assert [one["id"] for one in not_called] == ["c", "d", "e"]
        assert [one["arguments"] for one in not_called] == ["{}", {"x": "1"}, "{"]
        assert told[5]["content"] == "2"


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (call("Fail"), ZeroDivisionError),
        (call("SumBinaryNumbers"), ValidationError),
        (call("Nothing"), ToolError),
    ],
)
@pytest.mark.parametrize("run_async", [False, True])
def test_raise_on_tool_error_raises_instead_and_leaves_a_valid_context(wanted, error, run_async):
    tools = [returning("seen"), tool("Fail", run=failing), SumBinaryNumbers]
    with asked(calls(call("Look"), wanted, call("Look")), Say("."), tools=tools) as state:
        with pytest.raises(error):
            state.loop(raise_on_tool_error=True, run_async=run_async)
        assert is_valid(state.ctx.to_chat())
        assert len(answers(state.ctx.to_chat())) == 3
        state.complete("Go on.")
        assert is_valid(sent(state))


def test_ids_that_a_server_leaves_out_or_repeats_are_made_different():
    first = Calls([Call("Look", {"what": "a"}, "0"), Call("Look", {"what": "b"}, "0")])
    second = Calls([Call("Look", {"what": "c"}, "0"), Call("Look", {"what": "d"}, None)])
    look = tool(run=lambda self: self.what)
    with asked(first, second, Say("."), tools=[look]) as state:
        state.loop()
        assert answers(sent(state)) == ["a", "b", "c", "d"]
        assert is_valid(sent(state))
        ids = [c["call_id"] for c in state.told.of("tool_called")]
        assert len(set(ids)) == 4


@pytest.mark.parametrize("streamed", [False, True])
def test_calls_are_carried_out_with_and_without_streaming(streamed):
    with asked(
        calls(call("SumBinaryNumbers", x="11", y="1")), Say("It is 4."), tools=[SumBinaryNumbers]
    ) as state:
        out = state.last_ass_message if streamed else None
        rounds = state.loop(out=out)
        assert answers(sent(state)) == ["4"]
        assert rounds[-1][0].content == "It is 4."
        assert bool(state.model.requests[0].body.get("stream")) is streamed
        assert state.last_ass_message.content == ("It is 4." if streamed else "")


def test_a_model_without_function_calls_is_asked_in_words():
    def script(body):
        said = " ".join(m["content"] for m in body["messages"])
        if "42" in said:
            return Say('{"function": "answer", "text": "It is 42."}')
        return Say('{"function": "Look", "arguments": {"what": "a"}}')

    settings = {"base_supports_tools": False, "complex_supports_tools": False}
    with asked(script, tools=[returning("42")], settings=settings) as state:
        rounds = state.loop()
        assert len(rounds) == 2
        assert "It is 42." in rounds[-1][0].content
        assert not any("tools" in received.body for received in state.model.requests)


def test_on_the_event_loop_calls_take_what_they_take_elsewhere():
    async def use(state):
        with pytest.raises(ToolError, match="Nonsense"):
            await state.acall(Message.ASSISTANT("", [FunctionCall("a", "Nonsense")]), None, None, True, True)
        with pytest.raises(ZeroDivisionError):
            await state.acall(Message.ASSISTANT("", [FunctionCall("b", "Bad")]), raise_on_tool_error=True)

    with quiet() as state:
        state.register(tool("Bad", run=lambda self: 1 / 0))
        asyncio.run(use(state))
