"""An open client, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from elysia_desktop.stores.weaviate.endpoint import Endpoint

ClientT = TypeVar("ClientT")


@dataclass(eq=False)
class Lease(Generic[ClientT]):
    """A client is closed when it was replaced and its last user left, never under a user."""

    client: ClientT
    endpoint: Endpoint
    users: int = 0
    is_replaced: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it is time to close the client."""
        return self.is_replaced and not self.users
