"""Waits for several things at once and passes on what comes of them in their order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def side_by_side(
    works: Sequence[Callable[[], Awaitable[T]]], at_once: int, name: str
) -> AsyncGenerator[T, None]:
    """Start all, `at_once` at a time, and yield their results in order; what still runs at the end is cancelled."""
    turns = asyncio.Semaphore(at_once)

    async def one(work: Callable[[], Awaitable[T]]) -> T:
        async with turns:
            return await work()

    tasks = [asyncio.create_task(one(work), name=name) for work in works]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
