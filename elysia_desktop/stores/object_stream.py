"""A stream of objects that is read in a thread, and no further once nobody wants them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


class ObjectStream(Iterator[tuple[int, Any]]):
    """The objects with their places from 0; they may be parsed from a file while they are read."""

    def __init__(self, objects: Iterable[Any]) -> None:
        self._source = enumerate(objects)
        self._stopped = threading.Event()

    def __next__(self) -> tuple[int, Any]:
        if self._stopped.is_set():
            raise StopIteration
        return next(self._source)

    async def read(self, batch: Callable[[Iterator[tuple[int, Any]]], T]) -> T:
        """What a function makes of the next objects, in a thread.

        When this is cancelled the stream ends, and nobody reads it any more by the time that this returns.
        """
        reading = asyncio.ensure_future(asyncio.to_thread(batch, self))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            self._stopped.set()
            await asyncio.wait([reading])
            if not reading.cancelled():
                reading.exception()  # looked at: a stream that fails now fails for no one
            raise
