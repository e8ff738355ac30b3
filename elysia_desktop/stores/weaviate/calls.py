"""Requests to Weaviate over the shared connection: sent again where the server was away, failing in words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.errors import StoreError, StoreUnreachable
from elysia_desktop.stores.weaviate import failures

if TYPE_CHECKING:
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.stores.weaviate.connection import WeaviateAsyncClient
    from elysia_desktop.stores.weaviate.endpoint import Endpoint

T = TypeVar("T")

Work = Callable[["WeaviateAsyncClient"], Awaitable[T]]
"""Something to ask a client; it may be asked again, so it must do no harm twice."""

_PATIENCE = 2.0
"""Seconds without an answer before the server is asked for a sign of life, and again."""

_LONGEST_WAIT = 8.0

_LONGEST = 12.0
"""Seconds after which no further try is begun; opening a connection may take the time-out of each."""

_LONGEST_PATIENTLY = 40.0

_MISSED = 2
"""How many signs of life in a row may be missing."""


class Connections(Protocol):
    """Who opens clients and knows the settings they are opened with."""

    settings: Settings

    @property
    def endpoint(self) -> Endpoint:
        """Where the Weaviate is."""
        ...

    def connect_to_async_client(self) -> AbstractAsyncContextManager[WeaviateAsyncClient]:
        """The shared client."""
        ...

    async def drop_async_client(self, client: WeaviateAsyncClient) -> None:
        """Have the next one who asks get a new client in place of this one."""
        ...


class _Away(Exception):
    def __init__(self, told: StoreError) -> None:
        super().__init__()
        self.told = told


class Calls:
    """Sends requests. Each is tried a few times while a server that answered before is away, for some seconds.

    Where nothing has answered yet, or not even after that, the first failure is told at once.
    """

    def __init__(
        self,
        connections: Connections,
        backoff: Backoff | None = None,
        patience: float = _PATIENCE,
        longest: float = _LONGEST,
    ) -> None:
        self.connections = connections
        self._backoff = backoff or Backoff(tries=5, first=0.4)
        self._patience = patience
        self._longest = longest
        self._answered: Endpoint | None = None

    def patiently(self) -> Calls:
        """The same for long work, which waits half a minute before it is given up."""
        calls = Calls(
            self.connections,
            replace(self._backoff, tries=self._backoff.tries + 3, longest=_LONGEST_WAIT),
            self._patience,
            _LONGEST_PATIENTLY,
        )
        calls._answered = self._answered
        return calls

    async def run(self, work: Work[T]) -> T:
        """What `work` gives; raises a `StoreError` that says what to do, or a `ConfigurationError`."""
        number, until = 1, time.monotonic() + self._longest
        while True:
            try:
                found = await self._once(work, is_first=number == 1)
            except _Away as away:
                number += 1
                wait = self._backoff.seconds_before(number)
                if wait is None or time.monotonic() + wait > until:
                    self._answered = None
                    raise away.told from away.__cause__
            else:
                self._answered = self.connections.endpoint
                return found
            await self._backoff.sleep(wait)

    async def _once(self, work: Work[T], *, is_first: bool) -> T:
        connections = self.connections
        try:
            async with connections.connect_to_async_client() as client:
                try:
                    return await self._watched(client, work)
                except failures.known() as error:
                    endpoint = connections.endpoint
                    told = failures.told(error, endpoint.http.url, endpoint.secrets)
                    if not failures.is_passing(error):
                        raise told from error
                    # A channel that failed is slow to try again, up to two minutes.
                    await connections.drop_async_client(client)
                    raise _Away(told) from error
        except StoreUnreachable as error:
            if is_first and self._answered != connections.endpoint:
                raise
            raise _Away(error) from error

    async def _watched(self, client: WeaviateAsyncClient, work: Work[T]) -> T:
        """The answer, awaited as long as the server lives: the client's own retries take over a minute."""
        task = asyncio.ensure_future(work(client))
        try:
            missed = 0
            while True:
                done, _ = await asyncio.wait({task}, timeout=self._patience)
                if done:
                    return await task
                missed = 0 if await self._lives(client) else missed + 1
                if missed == _MISSED:
                    raise failures.Silent
        finally:
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError, *failures.known()):
                    await task

    async def _lives(self, client: WeaviateAsyncClient) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                await client.get_meta()  # pyright: ignore[reportUnknownMemberType] - an untyped dict
        except (TimeoutError, *failures.known()):
            return False
        return True
