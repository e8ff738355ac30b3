"""The only place in the window where coroutines are started."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QObject, Signal

from elysia_desktop.core.errors import ElysiaError


class Tasks(QObject):
    """Runs coroutines for a part of the window, at most one per name.

    Starting a name again cancels the one before. An `ElysiaError` is announced; anything else is a bug and goes
    to the event loop's exception handler, which `app` sets.
    """

    failed = Signal(str, object)
    """A task's name and the `ElysiaError` it ended with."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: dict[str, asyncio.Task[Any]] = {}

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine under a name, in place of what runs under it."""
        self.cancel(name)
        task = asyncio.get_event_loop().create_task(work, name=name)
        self._running[name] = task
        task.add_done_callback(self._end)

    def cancel(self, name: str) -> None:
        """Stop what runs under a name, if anything does."""
        task = self._running.pop(name, None)
        if task is not None:
            task.cancel()

    def is_running(self, name: str) -> bool:
        """Whether something runs under this name."""
        return name in self._running

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        tasks = list(self._running.values())
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, task: asyncio.Task[Any]) -> None:
        name = task.get_name()
        if self._running.get(name) is task:
            del self._running[name]
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, ElysiaError):
            self.failed.emit(name, error)
        elif error is not None:
            task.get_loop().call_exception_handler(
                {"message": f"The task {name} failed.", "exception": error, "task": task}
            )
