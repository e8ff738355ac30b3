"""A Weaviate as a data store: collections, queries and objects over the shared connection."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores import analyses, checks
from elysia_desktop.stores.base import Aggregates, Page, is_internal
from elysia_desktop.stores.comparisons import checked
from elysia_desktop.stores.weaviate import naming, vectors
from elysia_desktop.stores.weaviate.calls import Calls
from elysia_desktop.stores.weaviate.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from elysia_desktop.core.requests import AggregateRequest, Filter, QueryRequest
    from elysia_desktop.core.schema import CollectionInfo, CollectionSchema
    from elysia_desktop.stores.base import InsertReport, Progress, StoredObject
    from elysia_desktop.stores.weaviate.calls import Connections
    from elysia_desktop.stores.weaviate.targets import Target

T = TypeVar("T")


class WeaviateStore:
    """The `Store` whose collections are in a Weaviate; follows the settings as they change."""

    def __init__(self, connections: Connections, calls: Calls | None = None) -> None:
        self._catalog = Catalog(calls or Calls(connections))

    async def collections(self) -> list[CollectionInfo]:
        """All collections with their number of objects, by name; of the tenant in use where there are tenants."""
        return await self._catalog.infos()

    async def schema(self, name: str) -> CollectionSchema:
        """The properties and vectors of a collection."""
        return (await self._catalog.find(name, fresh=True)).schema

    async def revision(self, name: str) -> None:
        """None: a Weaviate does not tell whether objects changed."""
        await self._catalog.find(name)

    async def query(self, request: QueryRequest) -> Page:
        """Search, filter, sort and page."""
        started = perf_counter()
        target, where = await self._fitting(request.collection, lambda schema: checks.query(schema, request))
        from elysia_desktop.stores.weaviate import queries

        objects, total = await queries.answer(target, request, where)
        return Page(objects, total, _milliseconds(started))

    async def nearest(
        self, name: str, vector: Sequence[float], limit: int, vector_name: str = "default"
    ) -> list[StoredObject]:
        """The objects whose vectors are nearest; `_score` is 1 less the distance, for most the cosine similarity."""
        target = await self._near(name, vector, vector_name)
        from elysia_desktop.stores.weaviate import searching

        return await searching.nearest(target, vector, limit, vector_name)

    async def mixed(
        self,
        name: str,
        text: str,
        vector: Sequence[float],
        limit: int,
        vector_name: str = "default",
        alpha: float = 0.5,
    ) -> list[StoredObject]:
        """What hybrid search ranks first where the question's vector is given."""
        target = await self._near(name, vector, vector_name)
        from elysia_desktop.stores.weaviate import searching

        return await searching.mixed(target, text, vector, limit, vector_name, alpha)

    async def aggregate(self, request: AggregateRequest) -> Aggregates:
        """Exact metrics over all objects that match or per group."""
        started = perf_counter()
        target, where = await self._fitting(
            request.collection, lambda schema: checks.aggregate(schema, request)
        )
        from elysia_desktop.stores.weaviate import aggregates

        answer = await aggregates.answer(target, request, where)
        return Aggregates(answer.count, answer.metrics, answer.groups, _milliseconds(started))

    async def get(self, name: str, uuids: Sequence[str]) -> list[StoredObject]:
        """The objects with these ids, in the order asked; unknown ids are left out."""
        target = await self._catalog.find(name)
        from elysia_desktop.stores.weaviate import identified

        return await identified.get(target, uuids)

    async def sample(self, name: str, n: int, seed: int = 0) -> list[StoredObject]:
        """A uniform sample of at most `n` objects, the same for the same seed and data.

        Reads the uuid of every object to choose, which takes about a minute for a million and little memory.
        """
        target = await self._catalog.find(name)
        from elysia_desktop.stores.weaviate import scanning

        return await scanning.sample(target, n, seed)

    async def create(self, schema: CollectionSchema) -> None:
        """Make an empty collection, with the tenant in use where it is to have tenants."""
        naming.check(schema)
        await self._catalog.create(schema)

    async def insert(
        self, name: str, objects: Iterable[Mapping[str, Any]], progress: Progress | None = None
    ) -> InsertReport:
        """Store objects in batches; what `progress` has told of is stored."""
        target = await self._catalog.find(name, fresh=True)
        from elysia_desktop.stores.weaviate import inserting

        try:
            return await inserting.insert(target, objects, progress)
        finally:
            self._catalog.forget()  # the first vectors say how long they are

    async def update(self, name: str, uuid: str, properties: Mapping[str, Any]) -> None:
        """Change some properties of one object."""
        target = await self._catalog.find(name, fresh=True)
        from elysia_desktop.stores.weaviate import identified

        await identified.update(target, uuid, properties)

    async def delete(self, name: str, uuids: Sequence[str]) -> int:
        """Remove objects; returns how many there were."""
        target = await self._catalog.find(name)
        from elysia_desktop.stores.weaviate import identified

        return await identified.delete(target, uuids)

    async def drop(self, name: str) -> None:
        """Remove a collection with its objects and metadata; chunks that were made of it stay."""
        await self._catalog.find(name, fresh=True)
        if not is_internal(name):
            await analyses.forget(self, name)
        await self.delete_metadata(name)
        await self._catalog.drop(name)

    async def scan(
        self, name: str, filters: Filter | None = None, after: str | None = None
    ) -> AsyncIterator[StoredObject]:
        """All objects that match, by uuid, in constant memory."""
        target, where = await self._fitting(name, lambda schema: checked(schema, filters))
        from elysia_desktop.stores.weaviate import filters as translation
        from elysia_desktop.stores.weaviate import scanning

        wanted = None if where is None else translation.translated(where)
        async for found in scanning.matching(target, wanted, after):
            yield found

    async def get_metadata(self, name: str) -> dict[str, Any] | None:
        """What analysis wrote about the collection, ours or `elysia-ai`'s."""
        await self._catalog.find(name)
        from elysia_desktop.stores.weaviate import metadata

        return await metadata.get(self._catalog, name)

    async def put_metadata(self, name: str, metadata: Mapping[str, Any]) -> None:
        """Keep what analysis wrote about the collection, where `elysia-ai` reads it, too."""
        await self._catalog.find(name)
        from elysia_desktop.stores.weaviate import metadata as kept

        await kept.put(self._catalog, name, metadata)

    async def delete_metadata(self, name: str) -> bool:
        """Forget what analysis wrote; whether there was anything."""
        await self._catalog.find(name)
        from elysia_desktop.stores.weaviate import metadata

        return await metadata.delete(self._catalog, name)

    async def close(self) -> None:
        """Forget what is known of the collections; the connection is closed by who opened it."""
        self._catalog.forget()

    async def _near(self, name: str, vector: Sequence[float], vector_name: str) -> Target:
        target, _ = await self._fitting(name, lambda schema: vectors.check_asked(schema, vector, vector_name))
        return target

    async def _fitting(self, name: str, check: Callable[[CollectionSchema], T]) -> tuple[Target, T]:
        """The collection and the filter that fits it; looks again where a schema that was kept does not fit."""
        target = await self._catalog.find(name)
        try:
            return target, check(target.schema)
        except QueryRejected:
            target = await self._catalog.find(name, fresh=True)
            return target, check(target.schema)


def _milliseconds(since: float) -> float:
    return (perf_counter() - since) * 1000
