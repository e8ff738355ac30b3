"""The blocking client that threads share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from elysia_desktop.stores.weaviate.lease import Lease

if TYPE_CHECKING:
    from elysia_desktop.stores.weaviate.connection import WeaviateClient
    from elysia_desktop.stores.weaviate.endpoint import Endpoint


class SharedClient:
    """Opens on first use, and anew when another endpoint is asked for; every method may block."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._lease: Lease[WeaviateClient] | None = None
        self.last_used = clock()
        """When it was last used, on the clock."""

    @property
    def is_open(self) -> bool:
        """Whether there is a client."""
        return self._lease is not None

    def get(self, endpoint: Endpoint) -> WeaviateClient:
        """The client, its use uncounted."""
        with self._lock:
            return self._opened(endpoint).client

    @contextmanager
    def use(self, endpoint: Endpoint) -> Generator[WeaviateClient, None, None]:
        """The client, which stays open until it is given back."""
        with self._lock:
            lease = self._opened(endpoint)
            lease.users += 1
        try:
            yield lease.client
        finally:
            with self._lock:
                lease.users -= 1
                self.last_used = self._clock()
                if lease.is_over:
                    lease.client.close()

    def open(self, endpoint: Endpoint) -> Lease[WeaviateClient]:
        """A client that nobody shares yet."""
        from elysia_desktop.stores.weaviate.connection import open_client

        return Lease(open_client(endpoint), endpoint)

    def replace(self, endpoint: Endpoint) -> None:
        """Share a new client from now on; the one before it ends with its last user."""
        fresh = self.open(endpoint)
        with self._lock:
            self._swap(fresh)

    def end(self) -> None:
        """Close the client when its last user leaves; the next use opens it anew."""
        with self._lock:
            self._swap(None)

    def end_if_idle(self, longest: float) -> bool:
        """Close what nobody used for longer than this, in seconds; the next use opens it anew."""
        with self._lock:
            lease = self._lease
            if lease is None or lease.users or self._clock() - self.last_used <= longest:
                return False
            self._swap(None)
            return True

    def _opened(self, endpoint: Endpoint) -> Lease[WeaviateClient]:
        lease = self._lease
        if lease is None or lease.endpoint != endpoint:
            lease = self.open(endpoint)
            self._swap(lease)
        self.last_used = self._clock()
        return lease

    def _swap(self, fresh: Lease[WeaviateClient] | None) -> None:
        old, self._lease = self._lease, fresh
        self.last_used = self._clock()
        if old is not None:
            old.is_replaced = True
            if old.is_over:
                old.client.close()
