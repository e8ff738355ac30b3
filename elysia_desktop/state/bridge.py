"""The way from code that blocks to the event loop that works for it, and how everything on that way is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from concurrent.futures import Future, wait
from contextlib import contextmanager, nullcontext
from contextvars import Context, copy_context
from threading import Lock
from typing import Any, TypeVar

from elysia_desktop.state.own_loop import OwnLoop
from elysia_desktop.state.running import Running, Stopped, check_running, present

__all__ = ["Bridge", "Stopped"]

T = TypeVar("T")

_INTERRUPTED = 5
"""Seconds that interrupted work may take to end."""


class Bridge:
    """Runs coroutines for code in other threads.

    Without a loop it has one of its own, in a daemon thread that begins with the first use and ends with `close`.
    With a `parent` it leads to the parent's loop, and what goes this way is stopped with the parent, too.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop | None = None, *, parent: Bridge | None = None
    ) -> None:
        self._given = loop
        self._parent = parent
        self._own: OwnLoop | None = None
        self._all: set[Running] = set()
        self._lock = Lock()

    @property
    def has_begun(self) -> bool:
        """Whether there is a loop that something may have been done on."""
        if self._parent is not None:
            return self._parent.has_begun
        return self._given is not None or self._own is not None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, waited for in this thread.

        `Stopped` once this run was stopped; `RuntimeError` on the loop's own thread, which must not wait.
        """
        running = Running(present())
        try:
            running.check()
            loop = self.loop()
            _refuse_on(loop)
        except BaseException:
            work.close()
            raise
        outcome: Future[T] = Future()
        context = copy_context()
        with self.known(running):
            try:
                # qasync's loop forgets the context, so the task is given it
                loop.call_soon_threadsafe(_begin, loop, running, work, outcome, context)
            except RuntimeError:  # it has closed
                work.close()
                raise
            try:
                return outcome.result()
            except BaseException:
                running.stop()
                wait([outcome], _INTERRUPTED)  # where Ctrl-C ended the waiting, the work still ends in order
                raise

    @contextmanager
    def running(self) -> Generator[None]:
        """What the present task does within belongs to one run, which `stop` ends: there, `Stopped` is raised."""
        with self.known(Running(present())) as running, running.entered():
            yield

    @contextmanager
    def known(self, running: Running) -> Generator[Running]:
        """Have `stop` concern this meanwhile, here and with the parent."""
        with nullcontext() if self._parent is None else self._parent.known(running):
            with self._lock:
                self._all.add(running)
            try:
                yield running
            finally:
                with self._lock:
                    self._all.discard(running)
                running.leave()

    def stop(self) -> None:
        """Stop what runs now, from any thread; what begins later is not concerned."""
        with self._lock:
            everything = list(self._all)
        for running in everything:
            running.stop()

    def check(self) -> None:
        """Raise `Stopped` if the run that this thread or task works for was stopped."""
        check_running()

    def close(self) -> None:
        """Stop what runs and end the loop, if it is one of our own; used again, it begins a new one."""
        self.stop()
        with self._lock:
            own, self._own = self._own, None
        if own is not None:
            own.close()

    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop, begun now if there was none."""
        if self._parent is not None:
            return self._parent.loop()
        if self._given is not None:
            return self._given
        with self._lock:
            if self._own is None:
                self._own = OwnLoop()
            return self._own.loop


def _begin(
    loop: asyncio.AbstractEventLoop,
    running: Running,
    work: Coroutine[Any, Any, T],
    outcome: Future[T],
    context: Context,
) -> None:
    task = loop.create_task(_crossed(running, work), context=context)
    task.add_done_callback(lambda done: _settle(done, outcome))


async def _crossed(running: Running, work: Coroutine[Any, Any, T]) -> T:
    try:
        with running.entered():
            return await work
    finally:
        work.close()  # it was never begun where it was stopped before


def _settle(task: asyncio.Task[T], outcome: Future[T]) -> None:
    if task.cancelled():
        outcome.set_exception(Stopped())
    elif (error := task.exception()) is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(task.result())


def _refuse_on(loop: asyncio.AbstractEventLoop) -> None:
    try:
        here = asyncio.get_running_loop()
    except RuntimeError:
        return
    if here is loop:
        raise RuntimeError(
            "This waits for the event loop and was called on it. Await the asynchronous method of the same name "
            "with an “a” before it (aloop, acomplete, acall), or call it in another thread."
        )
