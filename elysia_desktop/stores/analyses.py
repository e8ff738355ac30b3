"""Where analyses that were cut off are kept: an internal collection, one object per collection analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import AggregateRequest

if TYPE_CHECKING:
    from elysia_desktop.stores.base import Store

COLLECTION = "ELYSIA_ANALYSES__"
"""It is there only while some analysis is unfinished."""


def uuid_for(name: str) -> str:
    """The id of what is kept of one collection's analysis."""
    return str(uuid5(NAMESPACE_URL, f"elysia-desktop:analysis:{name}"))


async def forget(store: Store, name: str) -> None:
    """Forget what was found out about a collection, which quotes its values; raises `StoreError`."""
    try:
        await store.delete(COLLECTION, [uuid_for(name)])
        left = await store.aggregate(AggregateRequest(collection=COLLECTION))
        if not left.count:
            await store.drop(COLLECTION)
    except QueryRejected:
        return  # nothing was kept, or another analysis has just forgotten the last of it
