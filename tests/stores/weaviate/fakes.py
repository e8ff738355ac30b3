"""Clients that know only whether they are closed, in place of Weaviate's."""

import time

from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.endpoint import Endpoint, Timeouts
from elysia_desktop.stores.weaviate.lease import Lease
from elysia_desktop.stores.weaviate.shared_async_client import SharedAsyncClient
from elysia_desktop.stores.weaviate.shared_client import SharedClient


class Clock:
    """A clock that goes when it is told to."""

    now = 100.0

    def __call__(self):
        return self.now


class Client:
    is_closed = False

    def close(self):
        assert not self.is_closed
        self.is_closed = True


class AsyncClient(Client):
    async def close(self):
        super().close()


class Shared(SharedClient):
    """Opens fake clients, which takes long enough for others to come, and counts them."""

    def __init__(self, clock):
        super().__init__(clock)
        self.opened = []
        self.failing = False

    def open(self, endpoint):
        time.sleep(0.005)
        if self.failing:
            raise ConnectionError
        self.opened.append(Client())
        return Lease(self.opened[-1], endpoint)


class SharedAsync(SharedAsyncClient):
    """Opens fake clients one step of the event loop later, and counts them."""

    def __init__(self, clock, step):
        super().__init__(clock)
        self.opened = []
        self.failing = False
        self._step = step

    async def open(self, endpoint):
        await self._step()
        if self.failing:
            raise ConnectionError
        self.opened.append(AsyncClient())
        return Lease(self.opened[-1], endpoint)


def endpoint(port=8080):
    return Endpoint.of(Settings(data_source="local", local_weaviate_port=port), Timeouts())
