"""Targets: a collection as requests reach it, with its schema, tenant and consistency."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from elysia_desktop.core.errors import ElysiaError, QueryRejected
from elysia_desktop.stores.weaviate.failures import MissingTenant

if TYPE_CHECKING:
    from weaviate.collections.classes.internal import Object
    from weaviate.collections.collection import CollectionAsync

    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.weaviate.calls import Calls
    from elysia_desktop.stores.weaviate.connection import WeaviateAsyncClient

    Collection: TypeAlias = CollectionAsync[dict[str, Any], Any]
    Found: TypeAlias = Object[Any, Any]

T = TypeVar("T")

_AT_ONCE = 500
"""Objects in one answer; the client library takes some 40 µs on the event loop for each."""

_PARTS = ("return_properties", "return_references", "include_vector")
_MOST_NAMED = 12
_WHERE = "Set the tenant in Settings → Data connection."


@dataclass(frozen=True)
class Target:
    """Where requests to one collection go."""

    calls: Calls
    schema: CollectionSchema
    tenant: str = ""
    consistency: str = "default"

    def of(self, client: WeaviateAsyncClient) -> Collection:
        """The client's view of the collection."""
        from weaviate.classes.config import ConsistencyLevel

        found: Collection = client.collections.use(self.schema.name)
        if self.schema.multi_tenant and self.tenant:
            found = found.with_tenant(self.tenant)
        if self.consistency != "default":
            found = found.with_consistency_level(ConsistencyLevel[self.consistency.upper()])
        return found

    async def run(self, work: Callable[[Collection], Awaitable[T]]) -> T:
        """Ask the collection; raises as `Calls.run` does, and names the tenants where the one set is wrong."""
        if self.schema.multi_tenant and not self.tenant:
            raise await self.tenantless()
        try:
            return await self.calls.run(lambda client: work(self.of(client)))
        except MissingTenant as error:
            raise await self._explained() from error

    async def read(self, query: str, /, **arguments: Any) -> list[Found]:
        """The objects that one of the client's queries gives.

        Of many, only the ids are asked for first and then the objects by these, so that making Python objects
        of an answer never holds up the event loop for long.
        """
        limit: int = arguments["limit"]
        if limit <= _AT_ONCE or arguments.get("return_properties") == []:
            return await self._read(query, arguments)
        wanted = {name: arguments.pop(name) for name in _PARTS if name in arguments}
        hits = await self._read(query, {**arguments, "return_properties": []})
        whole: dict[Any, Found] = {}
        for start in range(0, len(hits), _AT_ONCE):
            ids = [hit.uuid for hit in hits[start : start + _AT_ONCE]]
            found = await self._read("fetch_objects_by_ids", {"ids": ids, "limit": len(ids), **wanted})
            whole |= {one.uuid: one for one in found}
        return [replace(whole[hit.uuid], metadata=hit.metadata) for hit in hits if hit.uuid in whole]

    async def _read(self, query: str, arguments: dict[str, Any]) -> list[Found]:
        answer: Any = await self.run(lambda collection: getattr(collection.query, query)(**arguments))
        return answer.objects

    async def tenants(self) -> list[str]:
        """The names of the tenants there are."""
        found = await self.calls.run(lambda client: client.collections.use(self.schema.name).tenants.get())
        return sorted(found)

    async def tenantless(self) -> QueryRejected:
        """Why nothing can be asked before a tenant is chosen."""
        names = await self.tenants()
        return QueryRejected(
            f"“{self.schema.name}” keeps the objects of tenants apart, and no tenant is set.",
            f"{_WHERE} {_listed(names)}",
        )

    async def _explained(self) -> ElysiaError:
        names = await self.tenants()
        if self.tenant in names:
            return QueryRejected(
                f"The tenant “{self.tenant}” of “{self.schema.name}” is not active.",
                "Have it activated in Weaviate, or set another one in Settings → Data connection.",
            )
        return QueryRejected(
            f"“{self.schema.name}” has no tenant “{self.tenant}”.", f"{_WHERE} {_listed(names)}"
        )


def _listed(names: list[str]) -> str:
    if not names:
        return "There are none yet."
    return f"There are: {', '.join(names[:_MOST_NAMED])}{', …' if len(names) > _MOST_NAMED else '.'}"
