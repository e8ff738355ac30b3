"""One at a time, in the order of asking, whichever event loop or thread asks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from contextlib import asynccontextmanager


class Turns:
    """A queue for what must not overlap. An `asyncio.Lock` would belong to the first event loop that waits for it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._last: Future[None] | None = None

    @property
    def is_taken(self) -> bool:
        """Whether somebody has the turn or waits for it."""
        return self._last is not None and not self._last.done()

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """Wait until everyone who asked before is done; who is cancelled while waiting keeps the order."""
        mine: Future[None] = Future()
        with self._guard:
            before, self._last = self._last, mine
        try:
            if before is not None and not before.done():
                # the shield: giving up must not end the turn of the one before
                await asyncio.shield(asyncio.wrap_future(before))
            yield
        finally:
            if before is None:
                mine.set_result(None)
            else:
                before.add_done_callback(lambda _: mine.set_result(None))
