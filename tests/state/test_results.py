"""What a model is told of a call: the value returned, or what was written to the person."""

import json
import threading
from dataclasses import dataclass

import pytest
from pydantic import BaseModel
from state.loops import (
    answers,
    asked,
    call,
    calls,
    returning,
    sent,
    told_after,
    tool,
)
from support.scripted_model import Say

from elysia_desktop.core.sources import Source
from elysia_desktop.state import Message, ToolOutput


def test_a_text_becomes_the_tool_message_as_it_is():
    assert told_after(call("Look"), tools=[returning('{"not": "touched" ')]) == ['{"not": "touched" ']


class Place(BaseModel):
    name: str


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (5, 5),
        (0, 0),
        (True, True),
        ([1, "ä"], [1, "ä"]),
        ({"a": None}, {"a": None}),
        (Place(name="Rom"), {"name": "Rom"}),
        (Point(3), {"x": 3}),
        (float("nan"), None),
    ],
    ids=repr,
)
def test_any_other_value_becomes_the_tool_message_as_json(value, told):
    (said,) = told_after(call("Look"), tools=[returning(value)])
    assert json.loads(said) == told


def test_a_returned_message_gives_its_text_and_its_sources():
    message = Message.ASSISTANT("Seen [source1].", sources=(Source(1, "look_a_0_0"),))
    with asked(calls(call("Look")), Say("."), tools=[returning(message)]) as state:
        state.loop()
        assert state.ctx.last("tool").content == "Seen [source1]."
        assert state.ctx.last("tool").sources == (Source(1, "look_a_0_0"),)


def test_a_returned_output_gives_its_text():
    assert told_after(call("Look"), tools=[returning(ToolOutput("x", "Look", "seen"))]) == ["seen"]


def test_what_has_no_json_form_is_told_to_the_model():
    (said,) = told_after(call("Look"), tools=[returning({"lock": threading.Lock()})])
    assert "no JSON form" in said
    assert "result.lock" in said


def test_text_written_to_out_and_then_none_returned_is_the_result_and_ends_the_loop():
    look = tool(run=lambda self, out: out.update("_Looking…_") and out.update("I saw it.") and None)
    with asked(calls(call("Look")), tools=[look]) as state:
        rounds = state.loop(out=state.last_ass_message)
        assert len(rounds) == 1
        assert answers(state.ctx.to_chat()) == ["I saw it."]
        assert state.last_ass_message.content == "I saw it."


def test_the_loop_goes_on_when_only_some_calls_of_a_batch_have_written_to_out():
    write = tool("Write", run=lambda self, out: out.update("Written.") and None)
    wanted = calls(call("Write"), call("Look"))
    with asked(wanted, Say("All."), tools=[write, returning("seen")]) as state:
        rounds = state.loop(out=state.last_ass_message)
        assert len(rounds) == 2
        assert answers(sent(state)) == ["Written.", "seen"]
        assert state.last_ass_message.content == "All."


def test_a_tool_that_returns_none_and_writes_nothing_does_not_take_over_what_stands_in_out():
    with asked(calls(call("Look")), Say("All."), tools=[returning(None)]) as state:
        state.loop(out=state.last_ass_message, start_text="_Generating…_")
        assert answers(sent(state)) == ["Done; there is nothing to tell."]


@pytest.mark.parametrize("run_async", [False, True])
def test_writing_the_same_text_as_a_sibling_counts_as_writing(run_async):
    write = tool("Write", run=lambda self, out: out.update("Same.") and None)
    with asked(calls(call("Write"), call("Write")), tools=[write]) as state:
        rounds = state.loop(out=state.last_ass_message, run_async=run_async)
        assert len(rounds) == 1
        assert answers(state.ctx.to_chat()) == ["Same.", "Same."]


def test_after_a_loop_the_message_tells_whom_it_told_before():
    with asked(calls(call("Look")), Say("."), tools=[returning("seen")]) as state:
        out = state.last_ass_message
        before = out.on_change
        state.loop(out=out)
        assert out.on_change == before


@pytest.mark.parametrize("writes", [False, True])
def test_false_is_no_result_but_what_was_written_before_it_is(writes):
    look = tool(run=lambda self, out: (out.update("Seen.") and False) if writes else False)
    with asked(calls(call("Look")), tools=[look]) as state:
        state.loop(out=state.last_ass_message)
        told = "Seen." if writes else "Done; there is nothing to tell."
        assert answers(state.ctx.to_chat()) == [told]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (lambda state: state.files.first(), {"name": "ships.txt", "kind": "text"}),
        (lambda state: state.files.uploaded, [{"name": "ships.txt", "kind": "text"}]),
        (lambda state: list(state.files), [{"name": "ships.txt", "kind": "text"}]),
        (
            lambda state: state.files.search("ships"),
            [{"name": "ships.txt", "passage": {"text": "Ships sail."}}],
        ),
        (lambda state: state.messages.all()[:1], [{"role": "user", "content": "What?"}]),
        (lambda state: list(state.messages)[:1], [{"role": "user", "content": "What?"}]),
    ],
    ids=["a file", "files", "a list of files", "passages", "messages", "a list of messages"],
)
def test_files_passages_and_messages_become_json_too(value, told):
    look = tool(run=lambda self, state: value(state))
    with asked(calls(call("Look")), Say("."), tools=[look]) as state:
        state.files.write("ships.txt", "Ships sail.")
        state.loop()
        (said,) = answers(sent(state))
        assert is_within(told, json.loads(said))


def is_within(told, said):
    """Whether all that is told is said."""
    if isinstance(told, dict):
        return all(is_within(told[name], said[name]) for name in told)
    if isinstance(told, list):
        return len(told) == len(said) and all(map(is_within, told, said))
    return told == said
