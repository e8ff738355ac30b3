"""What the faults of Weaviate share: managers, a collection, and questions asked while something goes wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from support.weaviate_server import WeaviateServer

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.requests import QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.base import Store
from elysia_desktop.stores.clients import ClientManager

T = TypeVar("T")

NAME = "Things"
LONGEST = 30.0
"""Seconds after which somebody who waits for an answer takes the program for dead."""

_PROPERTIES = (Property(name="n", type="int"), Property(name="text", type="text"))
SCHEMA = CollectionSchema(name=NAME, properties=_PROPERTIES)


def object_of(n: int) -> dict[str, Any]:
    return {"uuid": str(UUID(int=n + 1)), "n": n, "text": f"thing number unit{n} of many"}


def objects(number: int) -> Iterator[dict[str, Any]]:
    return (object_of(n) for n in range(number))


def settings_for(server: WeaviateServer, **changes: Any) -> Settings:
    return Settings(
        data_source="local",
        local_weaviate_port=server.port,
        local_weaviate_grpc_port=server.grpc_port,
        **changes,
    )


@asynccontextmanager
async def manager_for(server: WeaviateServer, **changes: Any) -> AsyncGenerator[ClientManager]:
    """A client manager whose settings name the server, closed afterwards."""
    manager = ClientManager(settings=settings_for(server, **changes), query_timeout=10)
    try:
        yield manager
    finally:
        await manager.close_clients()


async def filled(store: Store, number: int, schema: CollectionSchema = SCHEMA) -> None:
    await store.create(schema)
    report = await store.insert(schema.name, objects(number))
    assert report.inserted == number, report.rejected[:2]


async def is_right(store: Store, n: int) -> None:
    """Ask for one object by its word; the answer is that or none in words."""
    page = await store.query(QueryRequest(collection=NAME, search="keyword", text=f"unit{n}", limit=2))
    assert [one["n"] for one in page.objects] == [n], page.objects


async def first_is_right(store: Store) -> None:
    page = await store.query(QueryRequest(collection=NAME, sort=(Sort(property="n"),), limit=1))
    assert [one["n"] for one in page.objects] == [0]


async def refused(asked: Awaitable[object]) -> ElysiaError | None:
    """The error in words, which says what to do; None when there was an answer."""
    try:
        async with asyncio.timeout(LONGEST):
            await asked
    except ElysiaError as error:
        if not error.hint or "Traceback" in str(error):
            raise
        return error
    return None


@dataclass
class Run:
    """Questions asked one after the other until told to stop: right answers, refusals, the longest wait."""

    store: Store
    number: int
    answers: int = 0
    refusals: list[ElysiaError] = field(default_factory=list[ElysiaError])
    longest: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> None:
        while not self.ended.is_set():
            started = time.monotonic()
            error = await refused(is_right(self.store, self.answers % self.number))
            self.longest = max(self.longest, time.monotonic() - started)
            if error is None:
                self.answers += 1
            else:
                self.refusals.append(error)

    @asynccontextmanager
    async def going_on(self) -> AsyncGenerator[Run]:
        """Asking inside the block; what goes wrong otherwise than in words is raised at its end."""
        task = asyncio.create_task(self.ask())
        try:
            yield self
        finally:
            self.ended.set()
            await task


async def uuids_in(store: Store) -> list[str]:
    return [found["uuid"] async for found in store.scan(NAME)]
