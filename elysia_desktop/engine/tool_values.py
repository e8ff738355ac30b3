"""What a tool gave back, as items that the tree can send on."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from typing import Any, cast

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.objects import Response, Result
from elysia_desktop.core.payloads import Return


def as_return(value: Any, tool_name: str, inputs: Mapping[str, Any]) -> Return | None:
    """What a function returned as something the tree can send on; None stays None."""
    metadata = {"tool_name": tool_name, "inputs_used": inputs_used(inputs)}
    match value:
        case None | Return():
            return value
        case str():
            return Response(str.__str__(value), metadata=metadata)
        case dict():
            objects: list[dict[str, Any]] = [value]
        case list():
            objects = [item if isinstance(item, dict) else {"tool_result": item} for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            objects = [{"tool_result": value}]
    return Result(objects, metadata=metadata, name=tool_name)


def inputs_used(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as plain JSON data, apart from the tool's own, which it may change."""
    return jsonable(dict(inputs), remove_unserialisable=True, path="inputs_used")


async def values_of(result: Any) -> AsyncGenerator[Any, None]:
    """What an async generator yields, or the one value that a coroutine returns.

    A list with payloads among its items is given item by item. Raises `TypeError` for what is not asynchronous,
    and `RuntimeError` for what would end more than the tool.
    """
    try:
        async with aclosing(_values(result)) as values:
            async for value in values:
                for item in _apart(value):
                    yield item
    except SystemExit as error:
        raise RuntimeError("it tried to end the program") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise RuntimeError("something that it waited for was cancelled") from error


async def _values(result: Any) -> AsyncGenerator[Any, None]:
    if inspect.isawaitable(result):
        result = await result
        if not isinstance(result, AsyncIterable):
            yield result
            return
    if not isinstance(result, AsyncIterable):
        raise TypeError(
            f"it gave a {type(result).__name__} without being asynchronous; "
            "write it as `async def`, with `yield` or `return`."
        )
    values: Any = aiter(result)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    try:
        async for value in values:
            yield value
    finally:
        if inspect.isasyncgen(values):
            await values.aclose()


def _apart(value: Any) -> list[Any]:
    """The items of a list that holds payloads, else the value itself."""
    if isinstance(value, list) and any(isinstance(item, Return) for item in cast("list[Any]", value)):
        return cast("list[Any]", value)
    return [value]
