"""Passes on what a model writes while the call that makes it write is still under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Writing(Generic[T]):
    """Runs `work(on_delta)`; iterating gives the deltas as they come, `result` what it returned.

    Leaving the loop early, or being cancelled within it, cancels the work.
    """

    def __init__(self, work: Callable[[Callable[[str], None]], Awaitable[T]]) -> None:
        self._work = work
        self._deltas: asyncio.Queue[str | None] = asyncio.Queue()
        self.result: T

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        task = asyncio.ensure_future(self._work(self._deltas.put_nowait))
        task.add_done_callback(lambda _: self._deltas.put_nowait(None))
        try:
            while (delta := await self._deltas.get()) is not None:
                yield delta
            self.result = await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # noted as seen: whoever left the loop early does not ask for it
