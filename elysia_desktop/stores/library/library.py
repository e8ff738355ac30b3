"""The library: collections in one folder on this computer, without a server."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.stores import analyses
from elysia_desktop.stores.base import Aggregates, Page, is_internal
from elysia_desktop.stores.fitting import fitted_metadata
from elysia_desktop.stores.library import catalog, inserting, search, texts
from elysia_desktop.stores.library import objects as kept
from elysia_desktop.stores.library.aggregate import Answer, aggregate
from elysia_desktop.stores.library.columns import Columns
from elysia_desktop.stores.library.database import Database
from elysia_desktop.stores.library.embedding import by_embedder
from elysia_desktop.stores.library.indexes import tune
from elysia_desktop.stores.library.scale import USUAL, Scale
from elysia_desktop.stores.library.vector_search import Question, VectorSearch
from elysia_desktop.stores.library.vectors import DEFAULT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from elysia_desktop.core.requests import AggregateRequest, Filter
    from elysia_desktop.core.schema import CollectionInfo, CollectionSchema
    from elysia_desktop.stores.base import InsertReport, Progress, StoredObject
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.library.embedding import EmbeddingProgress
    from elysia_desktop.stores.library.session import Session

_PAGE = 500


class Library:
    """The embedded `Store`; makes `library.db` in its folder when it is first used.

    With an embedder objects are stored at once and get their vectors in the background, in the event loop that
    asks; what is left when it ends, or the process does, is done after the next start. `embedder` is asked
    each time, so that it may be exchanged; vectors are then made anew.
    """

    def __init__(
        self, folder: Path, embedder: Callable[[], Embedder | None] = lambda: None, *, scale: Scale = USUAL
    ) -> None:
        self._database = Database(folder / "library.db", texts.prepare)
        self._columns = Columns()
        self._vectors = VectorSearch(self._database, folder / "vectors", embedder, scale)

    async def collections(self) -> list[CollectionInfo]:
        """All collections with their number of objects, by name."""
        self._vectors.wake()
        return await self._database.read(catalog.infos)

    async def schema(self, name: str) -> CollectionSchema:
        """The properties and vectors of a collection."""
        return await self._database.read(lambda session: catalog.find(session, name).schema)

    async def revision(self, name: str) -> str:
        """What is another after every change of the collection's objects."""
        return await self._database.read(lambda session: catalog.revision(session, name))

    async def query(self, request: QueryRequest) -> Page:
        """Search, filter, sort and page."""
        started = perf_counter()
        self._vectors.wake()
        question = await self._vectors.question(request)

        def work(session: Session) -> tuple[list[StoredObject], int | None]:
            table = catalog.find(session, request.collection)
            table.selected(request.properties)
            meaning = self._vectors.meaning(session, table, question)
            hits, total = search.find(session, table, request, meaning, self._columns)
            return kept.load(session, table, hits, request.properties), total

        found, total = await self._database.read(work)
        if question is not None and question.unready is not None and not found and not request.offset:
            raise question.unready
        self._vectors.tidy_later()
        return Page(found, total, _milliseconds(started))

    async def nearest(
        self, name: str, vector: Sequence[float], limit: int, vector_name: str = DEFAULT
    ) -> list[StoredObject]:
        """The objects whose vectors are nearest by cosine similarity, which is their `_score`."""

        def work(session: Session) -> list[StoredObject]:
            table = catalog.find(session, name)
            hits = self._vectors.find(session, table, vector, vector_name, limit)
            return kept.load(session, table, hits)

        found = await self._database.read(work)
        self._vectors.tidy_later()
        return found

    async def mixed(
        self,
        name: str,
        text: str,
        vector: Sequence[float],
        limit: int,
        vector_name: str = DEFAULT,
        alpha: float = 0.5,
    ) -> list[StoredObject]:
        """What hybrid search ranks first where the question's vector is given."""
        request = QueryRequest(collection=name, search="hybrid", text=text, alpha=alpha, limit=limit)

        def work(session: Session) -> list[StoredObject]:
            table = catalog.find(session, name)
            meaning = self._vectors.meaning(session, table, Question((vector_name,), vector))
            return kept.load(session, table, search.find(session, table, request, meaning)[0])

        found = await self._database.read(work)
        self._vectors.tidy_later()
        return found

    @property
    def is_embedding(self) -> bool:
        """Whether texts are being embedded now, or it is being looked whether any wait."""
        return self._vectors.is_embedding

    async def embedding_progress(self, name: str) -> EmbeddingProgress:
        """How many of a collection's vectors the embedder has made, of how many."""
        return await self._vectors.progress(name)

    async def embed_pending(self, name: str | None = None) -> None:
        """Return when nothing waits to be embedded any more, in one collection or in all.

        Raises what is in the way: `ConfigurationError`, `ModelError` or `StoreError`.
        """
        await self._vectors.finish(name)

    async def aggregate(self, request: AggregateRequest) -> Aggregates:
        """Exact metrics over all objects that match or per group."""
        started = perf_counter()
        self._vectors.wake()
        question = await self._vectors.question(request)

        def work(session: Session) -> Answer:
            table = catalog.find(session, request.collection)
            meaning = self._vectors.meaning(session, table, question)
            return aggregate(session, table, request, meaning, self._columns)

        answer = await self._database.read(work)
        if question is not None and question.unready is not None and not answer.count:
            raise question.unready
        return Aggregates(answer.count, answer.metrics, answer.groups, _milliseconds(started))

    async def get(self, name: str, uuids: Sequence[str]) -> list[StoredObject]:
        """The objects with these ids, in the order asked; unknown ids are left out."""
        return await self._database.read(lambda session: kept.get(session, name, uuids))

    async def sample(self, name: str, n: int, seed: int = 0) -> list[StoredObject]:
        """A uniform sample of at most `n` objects, the same for the same seed and data."""
        return await self._database.read(lambda session: kept.sample(session, name, n, seed))

    async def create(self, schema: CollectionSchema) -> None:
        """Make an empty collection; its vectors come from the embedder unless the schema says otherwise."""
        schema = by_embedder(schema, self._vectors.embedder)
        await self._database.write(lambda session: catalog.create(session, schema))

    async def insert(
        self, name: str, objects: Iterable[Mapping[str, Any]], progress: Progress | None = None
    ) -> InsertReport:
        """Store objects; every batch is one transaction, so what `progress` has told of is kept."""
        table = await self._database.read(lambda session: catalog.find(session, name))
        try:
            report = await inserting.insert(self._database, table, objects, progress)
        except BaseException:
            # What was stored gets its vectors although the rest was cancelled or failed.
            self._vectors.wake(table)
            raise
        if report.inserted:
            self._vectors.wake(await self._database.write(lambda session: tune(session, table)))
        return report

    async def update(self, name: str, uuid: str, properties: Mapping[str, Any]) -> None:
        """Change some properties of one object."""
        table = await self._database.write(lambda session: kept.update(session, name, uuid, properties))
        self._vectors.wake(table)

    async def delete(self, name: str, uuids: Sequence[str]) -> int:
        """Remove objects; returns how many there were."""
        return await self._database.write(lambda session: kept.delete(session, name, uuids))

    async def drop(self, name: str) -> None:
        """Remove a collection with its objects and metadata."""
        await self.schema(name)  # of what is not there nothing is to be forgotten
        if not is_internal(name):
            await analyses.forget(self, name)
        identifier, files = await self._database.write(lambda session: catalog.drop(session, name))
        await self._vectors.forget(identifier, files)
        self._columns.forget(identifier)
        await self._database.write(catalog.give_back_space)

    async def scan(
        self, name: str, filters: Filter | None = None, after: str | None = None
    ) -> AsyncIterator[StoredObject]:
        """All objects that match, by uuid, in constant memory."""
        table = await self._database.read(lambda session: catalog.find(session, name))
        while True:
            start = after
            page = await self._database.read(
                lambda session, start=start: kept.page(session, table, filters, start, _PAGE)
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
        plain = fitted_metadata(metadata)
        await self._database.write(lambda session: catalog.put_metadata(session, name, plain))

    async def delete_metadata(self, name: str) -> bool:
        """Forget what analysis wrote; whether there was anything."""
        return await self._database.write(lambda session: catalog.delete_metadata(session, name))

    async def close(self) -> None:
        """Stop what reads, finish what writes, release files and threads."""
        await self._vectors.close()
        await self._database.close()


def _milliseconds(since: float) -> float:
    return (perf_counter() - since) * 1000
