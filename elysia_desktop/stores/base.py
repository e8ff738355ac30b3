"""The protocol that every data store speaks; nothing above knows more about a store than this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from elysia_desktop.core.requests import AggregateRequest, Filter, QueryRequest
from elysia_desktop.core.schema import CollectionInfo, CollectionSchema, MetricFunction

StoredObject = dict[str, Any]
"""An object's properties plus `uuid`, and `_score` where a search gave one (higher is nearer)."""

NO_PROPERTIES = frozenset({"uuid", "_vector", "_score"})
"""Keys of an object that are no properties; a score comes from the search that found it and is dropped."""

Progress = Callable[[int], None]
"""Called with the number of objects done so far."""


def is_internal(name: str) -> bool:
    """Whether a collection holds what the application keeps for itself, such as saved conversations."""
    return name.startswith("ELYSIA_") and name.endswith("__")


@dataclass(frozen=True)
class Page:
    """One page of a query; `total` counts all that match, where the store knows it."""

    objects: list[StoredObject]
    total: int | None
    took_ms: float


@dataclass(frozen=True)
class MetricValue:
    """One aggregated value; for `TOP_OCCURRENCES` a list of `{"value", "count"}`."""

    property: str
    function: MetricFunction
    value: Any


@dataclass(frozen=True)
class Group:
    """The metrics over the objects with one value; those without a value are in no group."""

    value: Any
    count: int
    metrics: tuple[MetricValue, ...] = ()


@dataclass(frozen=True)
class Aggregates:
    """Metrics over everything that matched, or per group, largest group first."""

    count: int
    metrics: tuple[MetricValue, ...]
    groups: tuple[Group, ...] | None
    took_ms: float


@dataclass(frozen=True)
class Rejected:
    """An object that was not stored, and why."""

    index: int
    uuid: str | None
    reason: str


@dataclass(frozen=True)
class InsertReport:
    """What an insert stored and what it turned away."""

    inserted: int
    rejected: list[Rejected] = field(default_factory=list[Rejected])


class Store(Protocol):
    """Collections of typed objects. Every error is a `StoreError` that says what to do."""

    async def collections(self) -> list[CollectionInfo]:
        """All collections with their number of objects, by name."""
        ...

    async def schema(self, name: str) -> CollectionSchema:
        """The properties and vectors of a collection; `QueryRejected` when there is none of that name."""
        ...

    async def revision(self, name: str) -> str | None:
        """What is another after every change of the collection's objects; None where the store cannot tell."""
        ...

    async def query(self, request: QueryRequest) -> Page:
        """Search, filter, sort and page."""
        ...

    async def aggregate(self, request: AggregateRequest) -> Aggregates:
        """Exact metrics over all objects that match or per group."""
        ...

    async def get(self, name: str, uuids: Sequence[str]) -> list[StoredObject]:
        """The objects with these ids, in the order asked; unknown ids are left out."""
        ...

    async def sample(self, name: str, n: int, seed: int = 0) -> list[StoredObject]:
        """A uniform sample of at most `n` objects, the same for the same seed and data."""
        ...

    async def create(self, schema: CollectionSchema) -> None:
        """Make an empty collection; `QueryRejected` when the name is taken or not allowed."""
        ...

    async def insert(
        self, name: str, objects: Iterable[Mapping[str, Any]], progress: Progress | None = None
    ) -> InsertReport:
        """Store objects in batches, replacing those whose `uuid` is there already."""
        ...

    async def update(self, name: str, uuid: str, properties: Mapping[str, Any]) -> None:
        """Change some properties of one object."""
        ...

    async def delete(self, name: str, uuids: Sequence[str]) -> int:
        """Remove objects; returns how many there were."""
        ...

    async def drop(self, name: str) -> None:
        """Remove a collection with its objects and metadata."""
        ...

    def scan(
        self, name: str, filters: Filter | None = None, after: str | None = None
    ) -> AsyncIterator[StoredObject]:
        """All objects that match, by uuid, in constant memory."""
        ...

    async def get_metadata(self, name: str) -> dict[str, Any] | None:
        """What analysis wrote about the collection."""
        ...

    async def put_metadata(self, name: str, metadata: Mapping[str, Any]) -> None:
        """Keep what analysis wrote about the collection."""
        ...

    async def delete_metadata(self, name: str) -> bool:
        """Forget what analysis wrote; whether there was anything."""
        ...

    async def close(self) -> None:
        """Release files and connections."""
        ...
