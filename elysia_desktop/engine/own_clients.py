"""The connection to the data that a call was given, or one of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.settings import Settings


@asynccontextmanager
async def clients_of(
    given: ClientManager | None, settings: Settings, *, close: bool = True
) -> AsyncGenerator[ClientManager, None]:
    """The clients that were given, or ones of our own."""
    if given is not None:
        yield given
        return
    from elysia_desktop.stores.clients import ClientManager as Clients

    own = Clients(settings=settings)
    try:
        yield own
    finally:
        if close:
            await own.close_clients()
