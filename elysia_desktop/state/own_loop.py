"""An event loop in a thread of its own, which ends when it is closed or nobody knows it any more."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Thread, current_thread
from weakref import finalize


class OwnLoop:
    """An event loop that runs in a daemon thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        # the thread must not know this object, or it would never be forgotten
        self._thread = Thread(target=_run, args=(self.loop,), name="state-manager", daemon=True)
        self._thread.start()
        self._end = finalize(self, _stop, self.loop)

    def close(self) -> None:
        """Cancel what runs, end the loop and wait until its thread is over."""
        self._end()
        if self._thread is not current_thread():
            self._thread.join()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        try:
            while left := asyncio.all_tasks(loop):
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.wait(left))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def _stop(loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # it has closed
        loop.call_soon_threadsafe(loop.stop)
