"""The library: collections in one folder on this computer, without a server."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.stores.base import Aggregates, InsertReport, Page, Rejected
from elysia_desktop.stores.library import catalog, filters, search
from elysia_desktop.stores.library import objects as kept
from elysia_desktop.stores.library.aggregate import aggregate
from elysia_desktop.stores.library.database import Database
from elysia_desktop.stores.library.indexes import tune
from elysia_desktop.stores.library.vectors import DEFAULT, VectorSearch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from pathlib import Path

    from elysia_desktop.core.requests import AggregateRequest, Filter, QueryRequest
    from elysia_desktop.core.schema import CollectionInfo, CollectionSchema
    from elysia_desktop.stores.base import Progress, StoredObject
    from elysia_desktop.stores.library.session import Session

_BATCH = 1_000
_PAGE = 500


class Library:
    """The embedded `Store`; makes `library.db` in its folder when it is first used."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / "library.db", filters.prepare)
        self._vectors = VectorSearch()

    async def collections(self) -> list[CollectionInfo]:
        """All collections with their number of objects, by name."""
        return await self._database.read(catalog.infos)

    async def schema(self, name: str) -> CollectionSchema:
        """The properties and vectors of a collection."""
        return await self._database.read(lambda session: catalog.find(session, name).schema)

    async def query(self, request: QueryRequest) -> Page:
        """Search, filter, sort and page."""
        started = perf_counter()

        def work(session: Session) -> tuple[list[StoredObject], int]:
            table = catalog.find(session, request.collection)
            table.selected(request.properties)
            hits, total = search.find(session, table, request)
            return kept.load(session, table, hits, request.properties), total

        found, total = await self._database.read(work)
        return Page(found, total, _milliseconds(started))

    async def nearest(
        self, name: str, vector: Sequence[float], limit: int, vector_name: str = DEFAULT
    ) -> list[StoredObject]:
        """The objects whose vectors are nearest by cosine similarity, which is their `_score`."""

        def work(session: Session) -> list[StoredObject]:
            table = catalog.find(session, name)
            hits = self._vectors.nearest(session, table, vector, limit, vector_name)
            return kept.load(session, table, hits)

        return await self._database.read(work)

    async def aggregate(self, request: AggregateRequest) -> Aggregates:
        """Exact metrics over all objects that match or per group."""
        started = perf_counter()
        answer = await self._database.read(
            lambda session: aggregate(session, catalog.find(session, request.collection), request)
        )
        return Aggregates(answer.count, answer.metrics, answer.groups, _milliseconds(started))

    async def get(self, name: str, uuids: Sequence[str]) -> list[StoredObject]:
        """The objects with these ids, in the order asked; unknown ids are left out."""
        return await self._database.read(lambda session: kept.get(session, name, uuids))

    async def sample(self, name: str, n: int, seed: int = 0) -> list[StoredObject]:
        """A uniform sample of at most `n` objects, the same for the same seed and data."""
        return await self._database.read(lambda session: kept.sample(session, name, n, seed))

    async def create(self, schema: CollectionSchema) -> None:
        """Make an empty collection."""
        await self._database.write(lambda session: catalog.create(session, schema))

    async def insert(
        self, name: str, objects: Iterable[Mapping[str, Any]], progress: Progress | None = None
    ) -> InsertReport:
        """Store objects; every batch is one transaction, so what `progress` has told of is kept."""
        table = await self._database.read(lambda session: catalog.find(session, name))
        source = enumerate(objects)

        async def taken() -> kept.Batch:
            # In a thread, too: the objects may be parsed from a file on the way.
            return await asyncio.to_thread(kept.next_batch, table, source, _BATCH)

        async def written(batch: kept.Batch) -> None:
            await self._database.write(lambda session: kept.write(session, name, batch))

        done = inserted = 0
        rejected: list[Rejected] = []
        batch = await taken()
        while batch.taken:
            # The next batch is checked while SQLite writes; a failure waits until the write is done.
            failure, following = await asyncio.gather(written(batch), taken(), return_exceptions=True)
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
        if inserted:
            await self._database.write(lambda session: tune(session, table))
        return InsertReport(inserted, sorted(rejected, key=lambda one: one.index))

    async def update(self, name: str, uuid: str, properties: Mapping[str, Any]) -> None:
        """Change some properties of one object."""
        await self._database.write(lambda session: kept.update(session, name, uuid, properties))

    async def delete(self, name: str, uuids: Sequence[str]) -> int:
        """Remove objects; returns how many there were."""
        return await self._database.write(lambda session: kept.delete(session, name, uuids))

    async def drop(self, name: str) -> None:
        """Remove a collection with its objects and metadata."""
        identifier = await self._database.write(lambda session: catalog.drop(session, name))
        self._vectors.forget(identifier)
        await self._database.write(catalog.give_back_space)

    async def scan(
        self, name: str, filters: Filter | None = None, after: str | None = None
    ) -> AsyncIterator[StoredObject]:
        """All objects that match, by uuid, in constant memory."""
        while True:
            start = after
            page = await self._database.read(
                lambda session, start=start: kept.page(session, name, filters, start, _PAGE)
            )
            for found in page:
                yield found
            if len(page) < _PAGE:
                return
            after = page[-1]["uuid"]

    async def get_metadata(self, name: str) -> dict[str, Any] | None:
        """What analysis wrote about the collection."""
        return await self._database.read(lambda session: catalog.metadata(session, name))

    async def put_metadata(self, name: str, metadata: Mapping[str, Any]) -> None:
        """Keep what analysis wrote about the collection; raises `QueryRejected` when it is no JSON data."""
        try:
            plain = jsonable(metadata, path="metadata")
        except TypeError as error:
            raise QueryRejected(str(error), "Keep text, numbers, lists and objects only.") from None
        await self._database.write(lambda session: catalog.put_metadata(session, name, plain))

    async def delete_metadata(self, name: str) -> bool:
        """Forget what analysis wrote; whether there was anything."""
        return await self._database.write(lambda session: catalog.delete_metadata(session, name))

    async def close(self) -> None:
        """Stop what reads, finish what writes, release files and threads."""
        await self._database.close()


def _milliseconds(since: float) -> float:
    return (perf_counter() - since) * 1000
