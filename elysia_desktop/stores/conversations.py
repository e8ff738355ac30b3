"""The conversations: what was asked and every payload that was shown, kept in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from elysia_desktop.core.conversation import ConversationSummary
from elysia_desktop.stores.conversation_editing import ConversationEditing
from elysia_desktop.stores.conversation_file import ConversationFile
from elysia_desktop.stores.conversation_rows import conversation_number
from elysia_desktop.stores.conversation_search import search_conditions, storable
from elysia_desktop.stores.conversation_states import ConversationStates
from elysia_desktop.stores.conversation_turns import ConversationTurns

Summaries = list[ConversationSummary]

_SUMMARY = """
    SELECT c.id, c.title, c.created_at, c.updated_at, c.pinned,
        (SELECT count(*) FROM turns t WHERE t.conversation = c.number),
        (SELECT json_group_array(json(t.collections)) FROM turns t WHERE t.conversation = c.number)
    FROM conversations c"""


class Conversations(ConversationTurns, ConversationEditing, ConversationStates):
    """Conversations of one profile. Nothing here waits on the caller's thread; errors are `StoreError`.

    What a call has returned for survives a crash and a power cut. Arguments must not be changed before that.
    """

    def __init__(
        self, path: Path, *, busy_timeout: float = 5.0, now: Callable[[], datetime] | None = None
    ) -> None:
        self.file = ConversationFile(path, busy_timeout=busy_timeout, now=now)
        """Where they are kept, with what else belongs to them."""
        super().__init__(self.file)

    @property
    def path(self) -> Path:
        """The file."""
        return self.file.path

    @property
    def notice(self) -> str:
        """What became of a damaged file; empty when all is well."""
        return self.file.notice

    async def list(self, search: str = "") -> Summaries:
        """Pinned ones first, then the newest; with `search`, those that hold every one of its words.

        A word is found by its beginning in titles, prompts, answers and retrieved objects, in any case and
        without accents.
        """

        def work(database: sqlite3.Connection) -> Summaries:
            conditions, values = ["c.deleted_at IS NULL"], list[str]()
            for condition, value in search_conditions(search):
                conditions.append(f"c.number IN (SELECT x.conversation FROM {condition})")
                values.append(value)
            where = " AND ".join(conditions)
            order = "c.pinned DESC, c.updated_at DESC, c.number DESC"
            rows = database.execute(f"{_SUMMARY} WHERE {where} ORDER BY {order}", values)
            return [_summary(row) for row in rows]

        return await self._file.read(work)

    async def create(self, title: str = "") -> ConversationSummary:
        """Begin an empty conversation."""
        title, conversation_id = storable(title), str(uuid4())

        def work(database: sqlite3.Connection) -> ConversationSummary:
            now = self._file.time()
            number = database.execute(
                "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
                (conversation_id, title, now, now),
            ).lastrowid
            database.execute(
                "INSERT INTO texts (conversation, is_title, text) VALUES (?, 1, ?)", (number, title)
            )
            return _summary(database.execute(f"{_SUMMARY} WHERE c.number = ?", (number,)).fetchone())

        return await self._file.write(work)

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give the conversation another title."""
        title = storable(title)

        def work(database: sqlite3.Connection) -> None:
            number = conversation_number(database, conversation_id)
            database.execute("UPDATE conversations SET title = ? WHERE number = ?", (title, number))
            database.execute("UPDATE texts SET text = ? WHERE conversation = ? AND is_title", (title, number))

        await self._file.write(work)

    async def pin(self, conversation_id: str, pinned: bool = True) -> None:
        """Keep the conversation at the top of the list, or no longer."""
        await self._set(conversation_id, "pinned", int(pinned))

    async def delete(self, conversation_id: str) -> None:
        """Put the conversation into the trash, from which it goes for good after 30 days."""
        await self._set(conversation_id, "deleted_at", self._file.time())

    async def restore(self, conversation_id: str) -> None:
        """Take the conversation out of the trash."""
        await self._set(conversation_id, "deleted_at", None)

    async def draft(self, conversation_id: str) -> str:
        """What was being written in the conversation."""
        column = "SELECT draft FROM conversations WHERE number = ?"
        return await self._file.read(
            lambda database: str(
                database.execute(column, (conversation_number(database, conversation_id),)).fetchone()[0]
            )
        )

    async def set_draft(self, conversation_id: str, text: str) -> None:
        """Keep what is being written."""
        await self._set(conversation_id, "draft", storable(text))

    async def close(self) -> None:
        """Finish what was begun and release the file; closing again does nothing."""
        await self.file.close()

    async def _set(self, conversation_id: str, column: str, value: str | int | None) -> None:
        def work(database: sqlite3.Connection) -> None:
            number = conversation_number(database, conversation_id)
            database.execute(f"UPDATE conversations SET {column} = ? WHERE number = ?", (value, number))

        await self._file.write(work)


def _summary(row: tuple[Any, ...]) -> ConversationSummary:
    used: list[list[str]] = json.loads(row[6])
    return ConversationSummary(
        id=row[0],
        title=row[1],
        created_at=datetime.fromisoformat(row[2]),
        updated_at=datetime.fromisoformat(row[3]),
        pinned=bool(row[4]),
        prompts=row[5],
        collections=tuple(dict.fromkeys(name for names in used for name in names)),
    )
