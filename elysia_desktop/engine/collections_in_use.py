"""Which collections a question is asked of, and what is told of those that are left out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from elysia_desktop.core.payloads import Warning  # noqa: A004 - public name
from elysia_desktop.stores.base import is_internal

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData


async def choose_collections(
    tree_data: TreeData, names: Sequence[str], clients: ClientManager, *, all_by_default: bool
) -> AsyncIterator[Warning]:
    """Use the collections named, or all where none is and `all_by_default`; yields what could not be used."""
    existing = [info.name for info in await clients.store().collections() if not is_internal(info.name)]
    wanted = list(names) if names else existing if all_by_default else []
    await tree_data.set_collection_names(wanted, clients)
    data = tree_data.collection_data
    for name in data.incorrect_collections:
        yield Warning(f"There is no collection “{name}”. There are: {', '.join(existing) or 'none yet'}.")
    for name in data.removed_collections:
        yield Warning(f"“{name}” is left out: nothing could be learned about its fields.")
