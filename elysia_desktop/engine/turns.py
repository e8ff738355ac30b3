"""One at a time, in the order of asking, whichever event loop or thread asks."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from elysia_desktop.core.errors import ToolError

T = TypeVar("T")

_steps_of: ContextVar[tuple[Turn, ...]] = ContextVar("steps_of", default=())
"""The turns whose work is being done, also in the tasks and threads that this work starts."""

_ROUNDS_TO_CLOSE = 3
"""An event loop closes a generator that was dropped within two rounds."""


class Turn:
    """A place in the queue, on the event loop that asked for it."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.begins: asyncio.Future[None] = self.loop.create_future()
        self.reader: asyncio.Task[Any] | None = None
        """The task that was handed an item and has not asked for the next."""

    async def steps(self, work: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """The items of the work. What swallows a cancellation is stopped once it gives its next item."""
        try:
            while True:
                with self._step():
                    try:
                        item = await anext(work)
                    except StopAsyncIteration:
                        return
                self.reader = asyncio.current_task()
                try:
                    yield item
                finally:
                    self.reader = None
        finally:
            await work.aclose()

    def begin(self) -> None:
        """Say that everyone before is done."""
        if not self.begins.done():
            self.begins.set_result(None)

    @contextmanager
    def _step(self) -> Generator[None, None, None]:
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        token = _steps_of.set((*_steps_of.get(), self))
        try:
            yield
        finally:
            with suppress(ValueError):  # thrown away unfinished, it ends in whatever context that was done
                _steps_of.reset(token)
            if task is not None and task.cancelling() > before:
                raise asyncio.CancelledError


class Turns:
    """A queue for what must not overlap. An `asyncio.Lock` would belong to the first event loop that waits for it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[Turn] = deque()

    @property
    def is_taken(self) -> bool:
        """Whether somebody has the turn or waits for it."""
        with self._guard:
            if self._queue and self._queue[0].loop.is_closed():
                self._wake_first()
            return bool(self._queue)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[Turn, None]:
        """Wait until everyone who asked before is done; raises what `_refuse_endless` does."""
        await self._refuse_endless()
        mine = Turn()
        with self._guard:
            self._queue.append(mine)
            self._wake_first()
        try:
            await mine.begins
            yield mine
        finally:
            with self._guard:
                with suppress(ValueError):  # its event loop was taken for closed
                    self._queue.remove(mine)
                self._wake_first()

    def refuse_blocking(self) -> None:
        """Raise `RuntimeError` where blocking would wait for what this event loop is to do, `ToolError` within a tool."""
        self._refuse_within()
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            return
        if any(turn.loop is here for turn in tuple(self._queue)):
            raise RuntimeError(
                "This event loop is answering a question to this tree, so blocking it would never end. "
                "Await async_run instead."
            )

    def _refuse_within(self) -> None:
        if any(turn in self._queue for turn in _steps_of.get()):
            raise ToolError(
                "A tool cannot ask the tree that waits for it.",
                "Ask another tree, or ask once the run is over.",
            )

    async def _refuse_endless(self) -> None:
        """Raise where the wait would have no end.

        `ToolError` within the work of a turn that is not over, `RuntimeError` in a task that has not read its
        last run to the end.
        """
        self._refuse_within()
        for _ in range(_ROUNDS_TO_CLOSE):
            if not self._is_read_here():
                return
            await asyncio.sleep(0)
        if self._is_read_here():
            raise RuntimeError(
                "This task has not read its last question to this tree to the end. Read on, or aclose() it first."
            )

    def _is_read_here(self) -> bool:
        task = asyncio.current_task()
        return task is not None and any(turn.reader is task for turn in tuple(self._queue))

    def _wake_first(self) -> None:
        """Wake the first in the queue; who waited on an event loop that is closed now has gone."""
        while self._queue:
            first = self._queue[0]
            with suppress(RuntimeError):
                first.loop.call_soon_threadsafe(first.begin)
                return
            self._queue.popleft()
