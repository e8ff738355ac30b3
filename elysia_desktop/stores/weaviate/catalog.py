"""The catalogue: which collections a Weaviate has, their schemas and tenants."""

from __future__ import annotations

import asyncio
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import QueryRejected, StoreError
from elysia_desktop.core.schema import CollectionInfo
from elysia_desktop.stores.weaviate import failures, naming
from elysia_desktop.stores.weaviate.collections import (
    definition,
    is_defined_by,
    providers,
    schema_of,
)
from elysia_desktop.stores.weaviate.targets import Target

if TYPE_CHECKING:
    from weaviate.collections.classes.config import CollectionConfig

    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.weaviate.calls import Calls
    from elysia_desktop.stores.weaviate.connection import WeaviateAsyncClient

_SECONDS_KEPT = 10.0
"""How long a schema is taken to be what it was."""

_LOOKS = 100
_SECONDS_BETWEEN = 0.1

_AT_ONCE = 8
_LOOKED_AT = 5
_MISSING = 404
_UNPROCESSABLE = 422


class Catalog:
    """Finds collections; keeps their schemas for some seconds."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self._kept: dict[tuple[str, str], tuple[float, CollectionSchema]] = {}

    async def names(self) -> list[str]:
        """The names of all collections."""
        return sorted(await self.calls.run(lambda client: client.collections.list_all(simple=True)))

    async def infos(self) -> list[CollectionInfo]:
        """All collections with their number of objects, by name."""
        found = await self.calls.run(lambda client: client.collections.list_all(simple=False))
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def info(config: CollectionConfig) -> CollectionInfo | None:
            async with at_once:
                return await self._info(schema_of(config))

        infos = await asyncio.gather(*(info(found[name]) for name in sorted(found)))
        return [one for one in infos if one is not None]

    async def _info(self, schema: CollectionSchema) -> CollectionInfo | None:
        target = self.target(schema)
        if schema.multi_tenant and not target.tenant:
            return CollectionInfo(name=schema.name, count=0)
        try:
            found = await target.run(lambda c: c.aggregate.over_all(total_count=True))
        except failures.MissingCollection:
            return None  # dropped in between
        except QueryRejected:
            if not schema.multi_tenant:
                raise
            return CollectionInfo(name=schema.name, count=0)
        return CollectionInfo(name=schema.name, count=found.total_count or 0)

    def target(self, schema: CollectionSchema) -> Target:
        """The collection with the tenant and consistency that are set now."""
        settings = self.calls.connections.settings
        return Target(self.calls, schema, settings.weaviate_tenant, settings.weaviate_consistency)

    async def find(self, name: str, *, fresh: bool = False) -> Target:
        """The collection of this name; raises `QueryRejected` naming those there are."""
        key = (self.calls.connections.endpoint.http.url, name)
        since, kept = self._kept.get(key, (0.0, None))
        if kept is None or fresh or monotonic() - since > _SECONDS_KEPT:
            self._kept.pop(key, None)
            kept = await self.look_up(name)
            if kept is None:
                raise QueryRejected.unknown("collection", name, await self.names())
            self._kept[key] = (monotonic(), kept)
        return self.target(kept)

    async def look_up(self, name: str) -> CollectionSchema | None:
        """The schema as it is now; None where there is no such collection."""
        if not naming.is_collection(name):
            return None

        async def asked(client: WeaviateAsyncClient) -> CollectionConfig | None:
            from weaviate.exceptions import UnexpectedStatusCodeError

            try:
                return await client.collections.use(name).config.get()
            except UnexpectedStatusCodeError as error:
                if error.status_code == _MISSING:
                    return None
                raise

        config = await self.calls.run(asked)
        if config is None:
            return None
        try:
            return schema_of(config, await self._dimensions(schema_of(config)))
        except failures.MissingCollection:
            return None  # it is being made, or dropped, at this moment

    async def _dimensions(self, schema: CollectionSchema) -> dict[str, int]:
        """How long the vectors of each name are, which nothing but an object tells."""
        target = self.target(schema)
        if schema.multi_tenant and not target.tenant:
            return {}
        try:
            found = await target.read(
                "fetch_objects", limit=_LOOKED_AT, include_vector=True, return_properties=[]
            )
        except StoreError:
            if schema.multi_tenant:  # the tenant is missing, which matters only to who asks for its objects
                return {}
            raise
        return {
            name: len(vector)
            for one in reversed(found)
            for name, vector in one.vector.items()
            if vector and not isinstance(vector[0], list)  # one vector, not one per word
        }

    async def create(self, schema: CollectionSchema) -> None:
        """Make an empty collection, and the tenant that is set."""
        if await self.look_up(schema.name) is not None:
            raise _taken(schema.name)
        settings = self.calls.connections.settings
        tenant = settings.weaviate_tenant if schema.multi_tenant else ""
        if not await self.make(definition(schema, providers(settings)), tenant):
            raise _taken(schema.name)

    async def make(self, defined: dict[str, Any], tenant: str = "") -> bool:
        """Make a collection by its definition, and a tenant of it; False where the name was taken already."""
        tries = count(1)

        async def made(client: WeaviateAsyncClient) -> tuple[bool, bool]:
            from weaviate.exceptions import UnexpectedStatusCodeError

            is_first = next(tries) == 1
            collections: Any = client.collections
            try:
                await collections.create_from_dict(defined)
            except UnexpectedStatusCodeError as error:
                if error.status_code == _UNPROCESSABLE and "already exists" in failures.message_of(error):
                    return False, is_first
                raise
            return True, is_first

        name = str(defined["class"])
        is_made, is_first = await self.calls.run(made)
        if not is_made and is_first:
            return False
        found = await self._seen(name)
        # What a further try finds there is the work of one before it, whose answer was lost, if it is the same.
        if not is_made and (found is None or not is_defined_by(found, defined)):
            return False
        if tenant:
            await self.calls.run(lambda client: client.collections.use(name).tenants.create([tenant]))
        return True

    async def _seen(self, name: str) -> CollectionSchema | None:
        """Wait until the node that is asked knows a new collection: another one of the cluster may have made it."""
        for _ in range(_LOOKS):
            if (found := await self.look_up(name)) is not None:
                return found
            await asyncio.sleep(_SECONDS_BETWEEN)
        return None

    async def drop(self, name: str) -> None:
        """Remove a collection with its objects."""
        await self.calls.run(lambda client: client.collections.delete(name))
        self.forget()

    def forget(self) -> None:
        """Have every schema looked up anew."""
        self._kept.clear()


def _taken(name: str) -> QueryRejected:
    return QueryRejected(
        f"There is a collection “{name}” already.", "Choose another name or drop the old one first."
    )
