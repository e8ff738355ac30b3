"""A user: their conversations and their connection to the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from elysia_desktop.core.collection_data import ClientManager

if TYPE_CHECKING:
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.managers.idle import Idle
    from elysia_desktop.engine.managers.trees import TreeManager


class Clients(ClientManager, Protocol):
    """Opens a user's data store, and opens it anew when it was idle for long."""

    async def restart_client(self, force: bool = False) -> None:
        """Open the blocking connection anew, where it is due."""
        ...

    async def restart_async_client(self, force: bool = False) -> None:
        """Open the other connection anew, where it is due."""
        ...

    async def close_clients(self) -> None:
        """Close what was opened."""
        ...


OpenClients = Callable[["Settings", timedelta], Clients]
"""Makes a user's clients from the settings and the time after which they are idle."""


@dataclass(frozen=True, eq=False)
class User(Mapping[str, Any]):
    """A user's conversations and data, also by the keys `tree_manager` and `client_manager`."""

    tree_manager: TreeManager
    client_manager: Clients
    idle: Idle

    def __getitem__(self, key: str) -> Any:
        match key:
            case "tree_manager":
                return self.tree_manager
            case "client_manager":
                return self.client_manager
            case _:
                raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(("tree_manager", "client_manager"))

    def __len__(self) -> int:
        return 2


def open_clients(settings: Settings, client_timeout: timedelta) -> Clients:
    """The clients that the settings name; opened at first use."""
    from elysia_desktop.stores.clients import ClientManager as OwnClients

    return OwnClients(settings=settings, client_timeout=client_timeout)
