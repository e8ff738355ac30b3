"""Runs what a tool does in a task of its own, so that what it does to its task does not reach the run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def in_own_task(items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The items, each begun when it is asked for, made in one task from the first to the last.

    Leaving early, or being cancelled, cancels that task and waits for its end. Raises `RuntimeError` where the
    task was cancelled by nobody here.
    """
    # A TaskGroup that fails leaves its task marked as cancelled before Python 3.13.
    asked: asyncio.Queue[bool] = asyncio.Queue()
    given: asyncio.Queue[tuple[T] | None] = asyncio.Queue()

    async def make() -> None:
        async with aclosing(items):
            while await asked.get():
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
                given.put_nowait((item,))

    task = asyncio.create_task(make())
    task.add_done_callback(lambda _: given.put_nowait(None))
    try:
        while True:
            asked.put_nowait(True)
            item = await given.get()
            if item is None:
                break
            yield item[0]
        if task.cancelled():
            raise RuntimeError("something that it waited for was cancelled")
        task.result()
    finally:
        asked.put_nowait(False)  # also ends what swallows the cancellation, at its next item
        await _end(task)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it is over; who is cancelled while waiting cancels it again."""
    interrupted: asyncio.CancelledError | None = None
    while not task.done():
        task.cancel()
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            interrupted = error
    if not task.cancelled():
        task.exception()  # noted as seen: whoever left early does not ask for it
    if interrupted is not None:
        raise interrupted
