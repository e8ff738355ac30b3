"""Arguments as models write them: read, mended, or told what is wrong."""

import json
from typing import Literal

import pytest
from pydantic import BaseModel, ValidationError
from state.loops import (
    SumBinaryNumbers,
    answers,
    asked,
    call,
    calls,
    returning,
    sent,
    told_after,
    tool,
)
from support.scripted_model import Call, Calls, Say


def test_an_unknown_tool_is_told_with_those_there_are():
    (said,) = told_after(call("Lok"), tools=[returning("seen")])
    assert said == "There is no function “Lok”. Use one of: Look."


def test_the_model_is_told_what_was_wrong_and_may_try_again():
    wrong, right = call("SumBinaryNumbers", x="1"), call("SumBinaryNumbers", x="1", y="10")
    with asked(calls(wrong), calls(right), Say("3"), tools=[SumBinaryNumbers]) as state:
        rounds = state.loop()
        assert len(rounds) == 3
        assert "y: Field required" in answers(sent(state))[0]
        assert answers(sent(state))[1] == "3"
        assert rounds[0][2][0]["error"].__class__ is ValidationError


def test_wrong_arguments_are_told_field_by_field():
    class Strict(BaseModel):
        number: int
        unit: Literal["m", "km"]

    (said,) = told_after(call("Strict", number="many", unit="ell"), tools=[Strict])
    assert "- number: Input should be a valid integer" in said
    assert '(got "many")' in said
    assert "- unit: Input should be 'm' or 'km'" in said


@pytest.mark.parametrize(
    "written", ['{"what": "a"', "what=a", "[1, 2]", '"a"', '{"what": "half', "{" * 5000, '{"a": NaN' + "]"]
)
@pytest.mark.parametrize("streamed", [False, True])
def test_arguments_that_are_no_json_object_are_told(written, streamed):
    with asked(Calls([Call("Look", written, "c1")]), Say("."), tools=[returning("seen")]) as state:
        state.loop(out=state.last_ass_message if streamed else None)
        (said,) = answers(sent(state))
        assert "cannot be read" in said
        assert len(said) <= 1000


@pytest.mark.parametrize(
    "written",
    [
        '```json\n{"what": "a"}\n```',
        '{"what": "a",}',
        '"{\\"what\\": \\"a\\"}"',
        '{"what": "a"}  ',
    ],
)
def test_small_faults_of_arguments_are_mended(written):
    look = tool(run=lambda self: self.what)
    with asked(Calls([Call("Look", written, "c1")]), Say("."), tools=[look]) as state:
        state.loop()
        assert answers(sent(state)) == ["a"]


@pytest.mark.parametrize("written", ["", "null", "{}"])
def test_a_call_without_arguments_is_one_with_none(written):
    with asked(Calls([Call("Look", written, "c1")]), Say("."), tools=[returning("seen")]) as state:
        state.loop()
        assert answers(sent(state)) == ["seen"]


def test_on_validation_error_may_say_what_the_model_is_told():
    class Kind(BaseModel):
        number: int

        @classmethod
        def on_validation_error(cls, call_id, arguments, extra, state, out):
            return (
                f"{call_id}: {arguments['number']} is no number ({extra['validation_error'].error_count()})"
            )

    assert told_after(call("Kind", "c9", number="ten"), tools=[Kind]) == ["c9: ten is no number (1)"]


def test_on_validation_error_that_returns_false_ends_the_loop():
    class Final(BaseModel):
        number: int

        @classmethod
        def on_validation_error(cls):
            return False

    with asked(calls(call("Final")), tools=[Final]) as state:
        ((_, _, not_called),) = state.loop()
        assert not_called[0]["handled"] is False
        assert "number: Field required" in answers(state.ctx.to_chat())[0]


def test_brackets_within_a_text_nest_nothing():
    written = json.dumps({"what": "[" * 100})
    look = tool(run=lambda self: str(len(self.what)))
    with asked(Calls([Call("Look", written, "c1")]), Say("."), tools=[look]) as state:
        state.loop()
        assert answers(sent(state)) == ["100"]
