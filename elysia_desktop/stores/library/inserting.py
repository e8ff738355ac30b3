"""Inserts: a stream of objects in batches, each of which is one transaction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from elysia_desktop.stores.base import InsertReport, Rejected
from elysia_desktop.stores.library import objects as kept
from elysia_desktop.stores.object_stream import ObjectStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from elysia_desktop.stores.base import Progress
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.tables import Table

_BATCH = 1_000


async def insert(
    database: Database, table: Table, objects: Iterable[Mapping[str, Any]], progress: Progress | None
) -> InsertReport:
    """Store the stream, one batch while the next is checked; what `progress` has told of is kept."""
    stream = ObjectStream(objects)

    def taken(source: Iterator[tuple[int, Any]]) -> kept.Batch:
        return kept.next_batch(table, source, _BATCH)

    async def written(batch: kept.Batch) -> None:
        await database.write(lambda session: kept.write(session, table, batch))

    done = inserted = 0
    rejected: list[Rejected] = []
    batch = await stream.read(taken)
    while batch.taken:
        # The next batch is checked while SQLite writes; a failure waits until the write is done.
        failure, following = await asyncio.gather(written(batch), stream.read(taken), return_exceptions=True)
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
