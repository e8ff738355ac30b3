"""Calls the methods of function-calling tools: with what they ask for, and so that none holds up the event loop."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


async def call_hook(function: Callable[..., Any], **available: Any) -> Any:
    """What a function returns, called with what its signature accepts of `available`.

    An asynchronous one is awaited, any other runs in a daemon thread of its own, with a copy of the context; being
    cancelled leaves that thread to end by itself. Raises what the function raises, `RuntimeError` where that would
    end more than the function.
    """
    given, named = accepted(function, available)
    if _is_asynchronous(function):
        return await _contained(function(*given, **named))
    result = await in_thread(partial(function, *given, **named))
    return await _contained(result) if inspect.isawaitable(result) else result


def accepted(function: Callable[..., Any], available: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What to call a function with, by place and by name; `**` accepts everything."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            return given, {**available, **named}
        if parameter.name not in available or parameter.kind is parameter.VAR_POSITIONAL:
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            given.append(available[parameter.name])
        else:
            named[parameter.name] = available[parameter.name]
    return given, named


async def in_thread(work: Callable[[], T]) -> T:
    """What a function that may block returns, run in a daemon thread of its own: a pool would starve nested ones."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def settle(value: T | None, error: BaseException | None) -> None:
        if outcome.done():  # nobody waits any more
            return
        if error is not None:
            outcome.set_exception(error)
        else:
            outcome.set_result(value)  # pyright: ignore[reportArgumentType] - without an error it is a T

    def run() -> None:
        value, error = None, None
        try:
            value = context.run(work)
        except (SystemExit, KeyboardInterrupt, StopIteration) as raised:
            error = _as_failure(raised)
        except BaseException as raised:  # noqa: BLE001 - raised again where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop has closed
            loop.call_soon_threadsafe(settle, value, error)

    Thread(target=run, name="tool", daemon=True).start()
    return await outcome


def _is_asynchronous(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - whether calling the object gives a coroutine
    )


async def _contained(work: Any) -> Any:
    """Await it; what would end the program fails the tool alone."""
    try:
        return await work
    except (SystemExit, KeyboardInterrupt, StopIteration) as raised:
        raise _as_failure(raised) from raised


def _as_failure(raised: BaseException) -> RuntimeError:
    told = "it raised StopIteration" if isinstance(raised, StopIteration) else "it tried to end the program"
    failure = RuntimeError(told)
    failure.__cause__ = raised
    return failure
