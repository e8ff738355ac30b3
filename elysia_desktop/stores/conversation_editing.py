"""Changing what a conversation holds: an answer's text, questions that go, a conversation that begins anew."""

from __future__ import annotations

import sqlite3

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.stores.conversation_file import ConversationPart
from elysia_desktop.stores.conversation_rows import (
    as_json,
    conversation_number,
    index_anew,
    payloads_of,
    turn_numbers,
)
from elysia_desktop.stores.conversation_search import storable


class ConversationEditing(ConversationPart):
    """Changes and removes what was said; searches find what stands there afterwards."""

    async def replace_text(self, query_id: str, text: str, message_id: str = "") -> None:
        """Put another text in place of an answer's; without an id of the question's last one."""

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = turn_numbers(database, query_id)
            found = _answer(database, turn, message_id)
            if found is not None:
                number, payload = found
                content = {**payload["payload"], "type": "response", "objects": [{"text": text}]}
                _put(database, number, {**payload, "payload": content})
            elif not _rewrite(database, turn, message_id, storable(text)):
                raise _no_answer()
            index_anew(database, conversation)

        await self._file.write(work)

    async def replace_payload(self, query_id: str, payload: Payload) -> None:
        """Put a payload in the place of that with its id."""

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = turn_numbers(database, query_id)
            numbers = [n for n, kept in payloads_of(database, turn) if kept.get("id") == payload.get("id")]
            if not numbers:
                raise _no_answer()
            _put(database, numbers[-1], payload)
            index_anew(database, conversation)

        await self._file.write(work)

    async def delete_turn(self, query_id: str) -> None:
        """Remove a question and all that was sent for it."""

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = turn_numbers(database, query_id)
            database.execute("DELETE FROM turns WHERE number = ?", (turn,))
            index_anew(database, conversation)

        await self._file.write(work)

    async def delete_answer(self, query_id: str) -> None:
        """Remove all that was sent for a question, which stays."""

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = turn_numbers(database, query_id)
            database.execute("DELETE FROM payloads WHERE turn = ?", (turn,))
            database.execute("DELETE FROM writings WHERE turn = ?", (turn,))
            index_anew(database, conversation)

        await self._file.write(work)

    async def clear(self, conversation_id: str) -> int:
        """Remove all questions of a conversation and its tree's state; its files stay. Returns how many there were."""

        def work(database: sqlite3.Connection) -> int:
            number = conversation_number(database, conversation_id)
            removed = database.execute("DELETE FROM turns WHERE conversation = ?", (number,)).rowcount
            database.execute("DELETE FROM trees WHERE conversation = ?", (number,))
            index_anew(database, number)
            return removed

        return await self._file.write(work)


def _answer(database: sqlite3.Connection, turn: int, message_id: str) -> tuple[int, Payload] | None:
    answers = [
        (number, payload)
        for number, payload in payloads_of(database, turn)
        if payload.get("type") == "text" and (not message_id or payload.get("id") == message_id)
    ]
    return answers[-1] if answers else None


def _put(database: sqlite3.Connection, number: int, payload: Payload) -> None:
    database.execute("UPDATE payloads SET body = ? WHERE number = ?", (as_json(payload), number))


def _rewrite(database: sqlite3.Connection, turn: int, message_id: str, text: str) -> bool:
    """Replace an answer that was not finished; whether there is one."""
    one = "message = ?" if message_id else "rowid = (SELECT max(rowid) FROM writings WHERE turn = ?)"
    changed = database.execute(
        f"UPDATE writings SET body = ? WHERE turn = ? AND {one}", (text, turn, message_id or turn)
    )
    return changed.rowcount > 0


def _no_answer() -> StoreError:
    return StoreError("This answer is not there, or no longer.", "Open the conversation again.")
