"""What one user has saved of their conversations; another user's are as if they were not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from elysia_desktop.core.conversation import title_of
from elysia_desktop.engine.tree import Tree
from elysia_desktop.engine.tree_store import TREES, NoSavedTree, delete_tree, load_tree, owner_of, save_tree

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.managers.kept_tree import KeptTree
    from elysia_desktop.engine.tool import Tool


class SavedTrees:
    """Saved conversations of one user in the data store, under the conversations' ids."""

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id

    async def save(self, kept: KeptTree, clients: ClientManager) -> None:
        """Save a conversation; raises `ValueError` where another user's has the same id."""
        store = clients.store()
        tree = kept.tree
        if not kept.is_saved:
            owner = await owner_of(store, TREES, tree.conversation_id)
            if owner not in {None, self._user_id}:
                raise ValueError(
                    f"Another user has saved a conversation “{tree.conversation_id}”. Give this one another id."
                )
        asked = [said["content"] for said in tree.conversation_history if said["role"] == "user"]
        title = tree.conversation_title or title_of(asked[0] if asked else "")
        await save_tree(store, TREES, tree.export_to_json(), title)
        kept.is_saved = True

    async def load(
        self,
        conversation_id: str,
        clients: ClientManager | None,
        settings: Settings,
        tools: Sequence[Tool] = (),
    ) -> Tree:
        """A saved conversation; raises `NoSavedTree`. Without clients it is looked for where `settings` say."""
        async with _clients(clients, settings) as opened:
            exported = await load_tree(opened.store(), TREES, conversation_id)
        if exported.get("user_id") != self._user_id:
            raise _not_saved(conversation_id)
        return await asyncio.to_thread(Tree.import_from_json, exported, settings=settings, tools=tools)

    async def delete(self, conversation_id: str, clients: ClientManager) -> None:
        """Remove what is saved of a conversation; raises `NoSavedTree` where nothing is."""
        if not await self.exists(conversation_id, clients):
            raise _not_saved(conversation_id)
        await delete_tree(clients.store(), TREES, conversation_id)

    async def exists(self, conversation_id: str, clients: ClientManager) -> bool:
        """Whether the conversation is saved."""
        return await owner_of(clients.store(), TREES, conversation_id) == self._user_id


@asynccontextmanager
async def _clients(given: ClientManager | None, settings: Settings) -> AsyncGenerator[ClientManager]:
    """The clients that were given, or ones of our own."""
    if given is not None:
        yield given
        return
    from elysia_desktop.stores.clients import ClientManager as Clients

    own = Clients(settings=settings)
    try:
        yield own
    finally:
        await own.close_clients()


def _not_saved(conversation_id: str) -> NoSavedTree:
    return NoSavedTree(
        f"This user has saved no conversation “{conversation_id}”. Save it first, or choose another."
    )
