"""The client that the coroutines of an event loop share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import StoreUnreachable
from elysia_desktop.stores.weaviate.lease import Lease

if TYPE_CHECKING:
    from elysia_desktop.stores.weaviate.connection import WeaviateAsyncClient
    from elysia_desktop.stores.weaviate.endpoint import Endpoint


@dataclass(eq=False)
class _Place:
    """Where an event loop keeps its client: one cannot be used on another loop."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    lease: Lease[WeaviateAsyncClient] | None = None
    openings: int = 0
    failure: StoreUnreachable | None = None
    """What the last opening failed with, for all who waited for it."""


class SharedAsyncClient:
    """Opens on first use, and anew when another endpoint is asked for; one client for each event loop.

    What a loop that ended has left open went with it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._places: dict[asyncio.AbstractEventLoop, _Place] = {}
        self.last_used = clock()
        """When it was last used, on the clock."""

    @property
    def is_open(self) -> bool:
        """Whether the running event loop has a client."""
        place = self._places.get(asyncio.get_running_loop())
        return place is not None and place.lease is not None

    async def get(self, endpoint: Endpoint) -> WeaviateAsyncClient:
        """The client, its use uncounted."""
        place = self._place()
        begun = place.openings
        async with place.lock:
            return (await self._opened(place, endpoint, begun)).client

    @asynccontextmanager
    async def use(self, endpoint: Endpoint) -> AsyncGenerator[WeaviateAsyncClient, None]:
        """The client, which stays open until it is given back."""
        place = self._place()
        begun = place.openings
        async with place.lock:
            lease = await self._opened(place, endpoint, begun)
            lease.users += 1
        try:
            yield lease.client
        finally:
            lease.users -= 1
            self.last_used = self._clock()
            if lease.is_over:
                await lease.client.close()

    async def open(self, endpoint: Endpoint) -> Lease[WeaviateAsyncClient]:
        """A client that nobody shares yet."""
        connection = await asyncio.to_thread(
            import_module, "elysia_desktop.stores.weaviate.connection"
        )  # it loads the HTTP library
        return Lease(await connection.open_async_client(endpoint), endpoint)

    async def put(self, fresh: Lease[WeaviateAsyncClient] | None) -> None:
        """Share `fresh` from now on; the client before it ends with its last user."""
        place = self._place()
        async with place.lock:
            await self._swap(place, fresh)

    async def drop(self, client: WeaviateAsyncClient) -> None:
        """Share this client no longer; nothing happens when another one is shared already."""
        place = self._place()
        async with place.lock:
            if place.lease is not None and place.lease.client is client:
                await self._swap(place, None)

    async def end_if_idle(self, longest: float) -> bool:
        """Close what nobody used for longer than this, in seconds; the next use opens it anew."""
        place = self._place()
        async with place.lock:
            lease = place.lease
            if lease is None or lease.users or self._clock() - self.last_used <= longest:
                return False
            await self._swap(place, None)
            return True

    def _place(self) -> _Place:
        for loop in [loop for loop in self._places if loop.is_closed()]:
            del self._places[loop]
        return self._places.setdefault(asyncio.get_running_loop(), _Place())

    async def _opened(self, place: _Place, endpoint: Endpoint, begun: int) -> Lease[WeaviateAsyncClient]:
        """The client; an opening that was under way when `begun` were counted and failed is not tried again."""
        lease = place.lease
        if lease is None or lease.endpoint != endpoint:
            if place.failure is not None and place.openings > begun:
                raise type(place.failure)(str(place.failure), place.failure.hint)
            try:
                lease = await self.open(endpoint)
                place.failure = None
            except StoreUnreachable as error:
                place.failure = error
                raise
            finally:
                place.openings += 1
            await self._swap(place, lease)
        self.last_used = self._clock()
        return lease

    async def _swap(self, place: _Place, fresh: Lease[WeaviateAsyncClient] | None) -> None:
        old, place.lease = place.lease, fresh
        self.last_used = self._clock()
        if old is not None:
            old.is_replaced = True
            if old.is_over:
                await old.client.close()
