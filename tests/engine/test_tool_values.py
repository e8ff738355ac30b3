import asyncio
import json
import sys
from datetime import date
from enum import Enum

import pytest

from elysia_desktop.core.objects import Response, Result
from elysia_desktop.core.payloads import Status
from elysia_desktop.engine.tool_values import as_return, values_of


class Colour(str, Enum):  # noqa: UP042 - as tools are written
    RED = "red"


@pytest.mark.parametrize(
    ("value", "objects"),
    [
        ({"a": 1}, [{"a": 1}]),
        ({}, [{}]),
        ([1, {"a": 1}, [2, 3]], [{"tool_result": 1}, {"a": 1}, {"tool_result": [2, 3]}]),
        ([None], [{"tool_result": None}]),
        ([[]], [{"tool_result": []}]),
        (["a"], [{"tool_result": "a"}]),
        (5, [{"tool_result": 5}]),
        (0, [{"tool_result": 0}]),
        (False, [{"tool_result": False}]),
        ((1, 2), [{"tool_result": (1, 2)}]),
        ({1}, [{"tool_result": {1}}]),
        ([], []),
    ],
)
def test_a_value_becomes_a_result(value, objects):
    made = as_return(value, "add", {"x": 1})
    assert isinstance(made, Result)
    assert made.objects == objects
    assert made.metadata == {"tool_name": "add", "inputs_used": {"x": 1}}
    assert made.name == "add"


def test_words_objects_of_ours_and_nothing_are_told_apart():
    status = Status("…")
    assert as_return(None, "t", {}) is None
    assert as_return(status, "t", {}) is status
    words = as_return("Hi", "t", {"x": 1})
    assert isinstance(words, Response)
    assert words.text == "Hi"
    assert words.metadata == {"tool_name": "t", "inputs_used": {"x": 1}}


def test_words_of_an_enum_are_its_value():
    assert as_return(Colour.RED, "t", {}).text == "red"


def test_the_inputs_used_are_plain_data_of_their_own():
    given = {"on": date(2024, 5, 31), "how": Colour.RED, "tags": ["a"], "raw": b"\0"}
    made = as_return(1, "t", given)
    given["tags"].append("b")
    assert made.metadata["inputs_used"] == {"on": "2024-05-31", "how": "red", "tags": ["a"]}
    json.dumps(made.metadata)


async def all_of(result):
    return [value async for value in values_of(result)]


async def test_every_asynchronous_form_gives_its_values():
    async def returns():
        return [1, 2]

    async def yields():
        yield 1
        yield [2]

    async def returns_a_generator():
        return yields()

    class Steps:
        def __init__(self):
            self.left = [2, 1]

        def __aiter__(self):
            return self

        async def __anext__(self):
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    assert await all_of(returns()) == [[1, 2]]
    assert await all_of(yields()) == [1, [2]]
    assert await all_of(returns_a_generator()) == [1, [2]]
    assert await all_of(Steps()) == [1, 2]


async def test_payloads_in_a_list_are_given_one_by_one():
    said, status = Response("Hi"), Status("…")

    async def returns():
        return [said, status, {"a": 1}]

    async def yields():
        yield [status]
        yield [1]

    assert await all_of(returns()) == [said, status, {"a": 1}]
    assert await all_of(yields()) == [status, [1]]


@pytest.mark.parametrize(
    "given", [[1], (item for item in [1]), None, 5], ids=lambda given: type(given).__name__
)
async def test_what_is_not_asynchronous_is_refused_in_words(given):
    with pytest.raises(TypeError, match=f"{type(given).__name__}.*async def"):
        await all_of(given)


async def test_a_generator_that_is_left_early_is_closed():
    steps = []

    async def yields():
        try:
            yield 1
            yield 2
        finally:
            steps.append("closed")

    values = values_of(yields())
    assert await anext(values) == 1
    await values.aclose()
    assert steps == ["closed"]


async def test_a_tool_cannot_end_the_program():
    async def exits():
        yield 1
        sys.exit(1)

    with pytest.raises(RuntimeError, match="tried to end the program"):
        await all_of(exits())


async def test_what_a_tool_waits_for_may_be_cancelled_without_the_run():
    async def waits():
        waited_for = asyncio.get_running_loop().create_future()
        waited_for.cancel()
        await waited_for

    with pytest.raises(RuntimeError, match="waited for was cancelled"):
        await all_of(waits())


async def test_a_cancelled_run_cancels_its_tool():
    began, ended = asyncio.Event(), asyncio.Event()

    async def waits():
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    run = asyncio.create_task(all_of(waits()))
    await began.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert ended.is_set()
