"""What answers in a conversation keeps for the next question: the tree's state, the state manager's storage."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, Literal

from elysia_desktop.stores.conversation_file import ConversationPart
from elysia_desktop.stores.conversation_rows import as_json, conversation_number

_Table = Literal["trees", "storages"]


class ConversationStates(ConversationPart):
    """Keeps JSON data of each conversation. Arguments must not be changed before a call has returned."""

    async def save_tree(self, conversation_id: str, tree: Mapping[str, Any]) -> None:
        """Keep the tree's state, in place of the one before."""
        await self._save("trees", conversation_id, tree)

    async def load_tree(self, conversation_id: str) -> dict[str, Any] | None:
        """The state kept by `save_tree`, or None."""
        return await self._load("trees", conversation_id)

    async def save_storage(self, conversation_id: str, values: Mapping[str, Any]) -> None:
        """Keep what tools want to find again in the conversation, in place of what was kept before."""
        await self._save("storages", conversation_id, values)

    async def load_storage(self, conversation_id: str) -> dict[str, Any]:
        """What `save_storage` kept; empty when nothing was."""
        return await self._load("storages", conversation_id) or {}

    async def _save(self, table: _Table, conversation_id: str, values: Mapping[str, Any]) -> None:
        def work(database: sqlite3.Connection) -> None:
            database.execute(
                f"INSERT INTO {table} (conversation, body) VALUES (?, ?) "
                "ON CONFLICT (conversation) DO UPDATE SET body = excluded.body",
                (conversation_number(database, conversation_id), body),
            )

        # Not within the transaction, it may be large.
        body = await self._file.in_thread(lambda: as_json(values))
        await self._file.write(work)

    async def _load(self, table: _Table, conversation_id: str) -> dict[str, Any] | None:
        def work(database: sqlite3.Connection) -> dict[str, Any] | None:
            number = conversation_number(database, conversation_id)
            row = database.execute(f"SELECT body FROM {table} WHERE conversation = ?", (number,)).fetchone()
            return None if row is None else json.loads(row[0])

        return await self._file.read(work)
