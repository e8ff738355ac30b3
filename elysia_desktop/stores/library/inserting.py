"""Inserts: a stream of objects in batches, each of which is one transaction."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from elysia_desktop.stores.base import InsertReport, Rejected
from elysia_desktop.stores.library import objects as kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elysia_desktop.stores.base import Progress
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.tables import Table

_BATCH = 1_000


async def insert(
    database: Database, table: Table, objects: Iterable[Mapping[str, Any]], progress: Progress | None
) -> InsertReport:
    """Store the stream, one batch while the next is checked; what `progress` has told of is kept."""
    batches = _Batches(table, objects)

    async def written(batch: kept.Batch) -> None:
        await database.write(lambda session: kept.write(session, table, batch))

    done = inserted = 0
    rejected: list[Rejected] = []
    batch = await batches.following()
    while batch.taken:
        # The next batch is checked while SQLite writes; a failure waits until the write is done.
        failure, following = await asyncio.gather(written(batch), batches.following(), return_exceptions=True)
        if failure is not None:
            raise failure
        done += batch.taken
        inserted += len(batch.objects)
        rejected.extend(batch.rejected)
        if progress is not None:
            progress(done)
        if isinstance(following, BaseException):
            raise following
        batch = following
    return InsertReport(inserted, sorted(rejected, key=lambda one: one.index))


class _Batches:
    """The batches of a stream, which is read in a thread: its objects may be parsed from a file on the way."""

    def __init__(self, table: Table, objects: Iterable[Mapping[str, Any]]) -> None:
        self._table = table
        self._source = enumerate(objects)
        self._stopped = threading.Event()

    async def following(self) -> kept.Batch:
        """The next batch; when this is cancelled no more is read, and nobody reads when it returns."""
        reading = asyncio.ensure_future(asyncio.to_thread(self._read))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            self._stopped.set()
            await asyncio.wait([reading])
            if not reading.cancelled():
                reading.exception()  # looked at: a stream that fails now fails for no one
            raise

    def _read(self) -> kept.Batch:
        return kept.next_batch(self._table, self._source, _BATCH, self._stopped.is_set)
