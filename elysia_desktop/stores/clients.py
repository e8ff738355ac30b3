"""Opens the data store that the settings name, and the clients of a Weaviate."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.folders import Folders
from elysia_desktop.stores.weaviate.endpoint import Endpoint, Timeouts
from elysia_desktop.stores.weaviate.overrides import duration, overridden, source_of
from elysia_desktop.stores.weaviate.shared_async_client import SharedAsyncClient
from elysia_desktop.stores.weaviate.shared_client import SharedClient

if TYPE_CHECKING:
    from pydantic import SecretStr

    from elysia_desktop.stores.base import Store
    from elysia_desktop.stores.embedders import ChosenEmbedder
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.weaviate.connection import WeaviateAsyncClient, WeaviateClient


class ClientManager:
    """Opens the data store and the clients of a Weaviate on first use and shares them.

    What is given by name wins over `settings`, which are never changed; alone, they are followed when they
    change. Without any, they are the defaults. Further keywords are settings or keys by their lower-case
    names, such as `openai_api_key`. `client_timeout` is a `timedelta` or minutes, 0 for never; the other
    time-outs are seconds. Anything that opens a client raises `StoreUnreachable` when nothing answers,
    `ConfigurationError` when no Weaviate is set or its key is not accepted, and `StoreError` otherwise.
    """

    def __init__(
        self,
        wcd_url: str | None = None,
        wcd_api_key: str | SecretStr | None = None,
        weaviate_is_local: bool | None = None,
        weaviate_is_custom: bool | None = None,
        local_weaviate_port: int | None = None,
        local_weaviate_grpc_port: int | None = None,
        custom_http_host: str | None = None,
        custom_http_port: int | None = None,
        custom_http_secure: bool | None = None,
        custom_grpc_host: str | None = None,
        custom_grpc_port: int | None = None,
        custom_grpc_secure: bool | None = None,
        client_timeout: timedelta | float | None = None,
        logger: logging.Logger | None = None,
        settings: Settings | None = None,
        query_timeout: float = 60,
        insert_timeout: float = 120,
        init_timeout: float = 5,
        *,
        library_folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: Any,
    ) -> None:
        self.settings = overridden(
            default_settings() if settings is None else settings,
            {
                "wcd_url": wcd_url,
                "wcd_api_key": wcd_api_key,
                "weaviate_is_local": weaviate_is_local,
                "weaviate_is_custom": weaviate_is_custom,
                "local_weaviate_port": local_weaviate_port,
                "local_weaviate_grpc_port": local_weaviate_grpc_port,
                "custom_http_host": custom_http_host,
                "custom_http_port": custom_http_port,
                "custom_http_secure": custom_http_secure,
                "custom_grpc_host": custom_grpc_host,
                "custom_grpc_port": custom_grpc_port,
                "custom_grpc_secure": custom_grpc_secure,
                **kwargs,
            },
        )
        self.logger = logger or logging.getLogger(__name__)
        self.last_user_request = clock()
        self._client_timeout = None if client_timeout is None else duration(client_timeout)
        self._timeouts = Timeouts(query=query_timeout, insert=insert_timeout, init=init_timeout)
        self._clock = clock
        self._sync = SharedClient(clock)
        self._async = SharedAsyncClient(clock)
        self._folder = library_folder
        self._library: Store | None = None
        self._weaviate: Store | None = None
        self._embedder: ChosenEmbedder | None = None

    @property
    def is_client(self) -> bool:
        """Whether the settings name a Weaviate to connect to."""
        try:
            self._endpoint(self.settings)
        except ConfigurationError:
            return False
        return True

    @property
    def client_timeout(self) -> timedelta:
        """How long a client may be idle; zero means for ever."""
        if self._client_timeout is not None:
            return self._client_timeout
        return timedelta(minutes=self.settings.client_timeout)

    @property
    def endpoint(self) -> Endpoint:
        """Where the Weaviate is; `ConfigurationError` when the settings name none."""
        return self._endpoint(self.settings)

    def store(self) -> Store:
        """The store that the settings name now, to read from and write to."""
        if self.settings.data_source != "library":
            if self._weaviate is None:
                from elysia_desktop.stores.weaviate.store import WeaviateStore

                self._weaviate = WeaviateStore(self)
            return self._weaviate
        return self.library()

    def library(self) -> Store:
        """The embedded library, wherever the settings have the data: what belongs to conversations is kept in it."""
        if self._library is None:
            from elysia_desktop.stores.library import Library

            self._library = Library(self._folder or Folders.of_platform().library, self.embedder)
        return self._library

    def embedder(self) -> Embedder | None:
        """What turns texts into vectors, as the settings say now; None for nothing."""
        if self._embedder is None:
            from elysia_desktop.stores.embedders import ChosenEmbedder

            self._embedder = ChosenEmbedder(self.settings)
        self._embedder.settings = self.settings
        return self._embedder()

    def get_client(self) -> WeaviateClient:
        """The shared blocking client, for threads; prefer `connect_to_client`, which says how long it is used."""
        return self._sync.get(self._endpoint(self.settings))

    async def get_async_client(self) -> WeaviateAsyncClient:
        """The event loop's shared client; prefer `connect_to_async_client`, which says how long it is used."""
        return await self._async.get(self._endpoint(self.settings))

    @contextmanager
    def connect_to_client(self) -> Generator[WeaviateClient, None, None]:
        """The shared blocking client, for threads; it is not closed before it is given back."""
        with self._sync.use(self._endpoint(self.settings)) as client:
            yield client

    @asynccontextmanager
    async def connect_to_async_client(self) -> AsyncGenerator[WeaviateAsyncClient, None]:
        """The event loop's shared client; it is not closed before it is given back."""
        async with self._async.use(self._endpoint(self.settings)) as client:
            yield client

    async def drop_async_client(self, client: WeaviateAsyncClient) -> None:
        """Open another in place of this client at the next use; who uses it keeps it until they are done."""
        await self._async.drop(client)

    async def start_clients(self) -> None:
        """Open both clients now, where the settings name a Weaviate."""
        if self.settings.data_source != "library":
            await asyncio.to_thread(self.get_client)
            await self.get_async_client()

    async def restart_client(self, force: bool = False) -> None:
        """Close the blocking client when it was idle for too long; the next use opens it anew.

        `force` opens it anew at once, whoever uses it: they keep theirs until they are done. When that
        fails everything stays as it was.
        """
        if force and self.settings.data_source != "library":
            await asyncio.to_thread(self._sync.replace, self._endpoint(self.settings))
        elif (
            self._sync.is_open
            and (longest := self.client_timeout.total_seconds())
            and await asyncio.to_thread(self._sync.end_if_idle, longest)
        ):
            self.logger.info("Closed the blocking connection to Weaviate, which was idle.")

    async def restart_async_client(self, force: bool = False) -> None:
        """As `restart_client`, for the client of the running event loop."""
        if force and self.settings.data_source != "library":
            await self._async.put(await self._async.open(self._endpoint(self.settings)))
        elif (longest := self.client_timeout.total_seconds()) and await self._async.end_if_idle(longest):
            self.logger.info("Closed the connection to Weaviate, which was idle.")

    async def reset_keys(
        self,
        wcd_url: str | None = None,
        wcd_api_key: str | SecretStr | None = None,
        api_keys: Mapping[str, str | SecretStr] | None = None,
        weaviate_is_local: bool = False,
        weaviate_is_custom: bool = False,
        local_weaviate_port: int = 8080,
        local_weaviate_grpc_port: int = 50051,
        custom_http_host: str | None = None,
        custom_http_port: int = 8080,
        custom_http_secure: bool = False,
        custom_grpc_host: str | None = None,
        custom_grpc_port: int = 50051,
        custom_grpc_secure: bool = False,
    ) -> None:
        """Connect with these values, and none of those before, from now on.

        Clients that are open are opened anew first; when that fails, everything stays as it was.
        """
        changed = self.settings.model_copy(deep=True, update={"api_keys": {}})
        changed.configure(
            data_source=source_of(weaviate_is_local, weaviate_is_custom, wcd_url),
            wcd_url=wcd_url or "",
            wcd_api_key=wcd_api_key,
            local_weaviate_port=local_weaviate_port,
            local_weaviate_grpc_port=local_weaviate_grpc_port,
            custom_http_host=custom_http_host or "",
            custom_http_port=custom_http_port,
            custom_http_secure=custom_http_secure,
            custom_grpc_host=custom_grpc_host or "",
            custom_grpc_port=custom_grpc_port,
            custom_grpc_secure=custom_grpc_secure,
        )
        for name, key in (api_keys or {}).items():
            changed.set_api_key(key, name.upper())
        endpoint = None if changed.data_source == "library" else self._endpoint(changed)
        lease = await self._async.open(endpoint) if endpoint and self._async.is_open else None
        try:
            if self._sync.is_open:
                await (
                    asyncio.to_thread(self._sync.replace, endpoint)
                    if endpoint
                    else asyncio.to_thread(self._sync.end)
                )
        except BaseException:
            if lease is not None:
                await lease.client.close()
            raise
        self.settings = changed
        await asyncio.shield(self._async.put(lease))  # lest a client is lost when this is cancelled

    async def close_clients(self) -> None:
        """Close what was opened, on this event loop and by threads; the next use opens it again."""
        async with AsyncExitStack() as closing:
            if self._embedder is not None:
                closing.push_async_callback(self._embedder.close)
            if self._library is not None:
                library, self._library = self._library, None
                closing.push_async_callback(library.close)
            if self._weaviate is not None:
                weaviate, self._weaviate = self._weaviate, None
                closing.push_async_callback(weaviate.close)
            closing.push_async_callback(self._async.put, None)
            if self._sync.is_open:
                closing.push_async_callback(asyncio.to_thread, self._sync.end)

    def update_last_user_request(self) -> None:
        """Note that the person asked for something now."""
        self.last_user_request = self._clock()

    def update_last_used_sync_client(self) -> None:
        """Note that the blocking client is used now."""
        self._sync.last_used = self._clock()

    def update_last_used_async_client(self) -> None:
        """Note that the event loop's client is used now."""
        self._async.last_used = self._clock()

    def _endpoint(self, settings: Settings) -> Endpoint:
        return Endpoint.of(settings, self._timeouts)
