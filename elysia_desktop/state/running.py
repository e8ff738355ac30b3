"""What runs for a state manager, and within it what its tools begin: stopping one stops all that is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock
from typing import Any


class Stopped(BaseException):
    """The run that this belongs to was stopped; no `except Exception` holds it up."""


_current: ContextVar[Running | None] = ContextVar("running", default=None)


class Running:
    """One piece of work on a loop, and within it those that its tools begin; stopping it stops them all."""

    def __init__(self, parent: Running | None = None) -> None:
        self._parent = parent
        self._within: set[Running] = set()
        self._task: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = Lock()
        self._is_stopped = False
        self._has_cancelled = False
        if parent is not None:
            parent.take_in(self)

    def take_in(self, running: Running) -> None:
        """Have it stopped with this one."""
        with self._lock:
            self._within.add(running)
            stopped = self._is_stopped
        if stopped:
            running.stop()

    def leave(self) -> None:
        """Be forgotten by the one around."""
        if self._parent is not None:
            self._parent.forget(self)

    def forget(self, running: Running) -> None:
        """Stop it no more."""
        with self._lock:
            self._within.discard(running)

    def check(self) -> None:
        """Raise `Stopped` if it was stopped."""
        if self._is_stopped:
            raise Stopped

    def stop(self) -> None:
        """Cancel it and all within it."""
        with self._lock:
            if self._is_stopped:
                return
            self._is_stopped = True
            within = list(self._within)
            if self._task is not None and self._loop is not None:
                with suppress(RuntimeError):  # its loop has closed
                    self._loop.call_soon_threadsafe(self._cancel)
        for running in within:
            running.stop()

    def _cancel(self) -> None:
        with self._lock:
            if self._task is not None:  # else it ended just now, and the task does something else
                self._task.cancel()
                self._has_cancelled = True

    @contextmanager
    def entered(self) -> Generator[None]:
        """The present task works for it; cancelled because it was stopped, it raises `Stopped` instead."""
        task = asyncio.current_task()
        assert task is not None, "Only a task can be stopped."
        with self._lock:
            self._task, self._loop = task, asyncio.get_running_loop()
            stopped = self._is_stopped
        before = _current.set(self)
        try:
            if stopped:
                raise Stopped
            yield
        except asyncio.CancelledError:
            if not self._is_stopped:
                self.stop()  # who cancelled the task from outside means its tools as well
                raise
            raise Stopped from None
        finally:
            with self._lock:
                self._task = None
            _current.reset(before)
            if self._has_cancelled:
                task.uncancel()  # whoever awaits in this task can go on


def present() -> Running | None:
    """What this thread or task works for, None where that is nothing."""
    return _current.get()


def check_running() -> None:
    """Raise `Stopped` if the run that this thread or task works for was stopped."""
    running = _current.get()
    if running is not None:
        running.check()


@contextmanager
def part_of_run() -> Generator[Running]:
    """A part of the present run that can be stopped alone: its threads get `Stopped` at their next way across."""
    running = Running(_current.get())
    before = _current.set(running)
    try:
        yield running
    finally:
        _current.reset(before)
        running.leave()
