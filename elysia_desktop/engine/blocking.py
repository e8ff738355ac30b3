"""Runs a coroutine to its end from code that does not await."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from contextvars import copy_context
from threading import Thread
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def run_blocking(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, also where an event loop runs already, as in a notebook; interrupting cancels the work."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    run = _Run(work)
    thread = Thread(target=copy_context().run, args=(run,), name="run_blocking")
    try:
        thread.start()
        return run.outcome.result()
    except BaseException:
        # Only where the wait was interrupted does it still run.
        run.cancel()
        wait([run.outcome])
        raise
    finally:
        thread.join()


class _Run(Generic[T]):
    """Work on an event loop of the thread that calls it; any other may cancel it."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self.outcome: Future[T] = Future()
        self._work = work
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._is_cancelled = False

    def __call__(self) -> None:
        try:
            result = asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(result)

    def cancel(self) -> None:
        self._is_cancelled = True
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # it ended and closed just now
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def _main(self) -> T:
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        if self._is_cancelled:
            self._work.close()
            raise asyncio.CancelledError
        return await self._work
