"""The questions of conversations: what was sent for each, and what of an answer was written when it was cut."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Payload, envelope
from elysia_desktop.stores.conversation_file import ConversationPart
from elysia_desktop.stores.conversation_rows import (
    add_payloads,
    add_texts,
    as_json,
    conversation_number,
    turn_numbers,
    writings_of,
)
from elysia_desktop.stores.conversation_search import storable

_PIECES = frozenset({"text_delta", "text_replaced"})


class ConversationTurns(ConversationPart):
    """Keeps questions and what their runs send. Arguments must not be changed before a call has returned."""

    async def begin_turn(
        self, conversation_id: str, query_id: str, prompt: str, collections: Sequence[str]
    ) -> None:
        """Keep a question before its run begins; a `query_id` is used once."""
        prompt = storable(prompt)

        def work(database: sqlite3.Connection) -> None:
            number, now = conversation_number(database, conversation_id), self._file.time()
            if database.execute("SELECT 1 FROM turns WHERE query_id = ?", (query_id,)).fetchone():
                raise StoreError(f"The question {query_id} was begun before.", "Ask it anew.")
            database.execute(
                "INSERT INTO turns (query_id, conversation, prompt, collections, asked_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (query_id, number, prompt, as_json(list(collections)), now),
            )
            add_texts(database, number, [prompt])
            database.execute("UPDATE conversations SET updated_at = ? WHERE number = ?", (now, number))

        await self._file.write(work)

    async def append(self, query_id: str, payloads: Sequence[Payload]) -> None:
        """Keep what a run has sent, in order, all or nothing; the pieces of a text are left out, it follows whole."""
        kept = [payload for payload in payloads if payload.get("type") not in _PIECES]
        if not kept:
            return

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = turn_numbers(database, query_id)
            database.executemany(
                "INSERT INTO payloads (turn, body) VALUES (?, ?)", [(turn, as_json(item)) for item in kept]
            )
            add_payloads(database, conversation, kept)
            database.executemany(
                "DELETE FROM writings WHERE turn = ? AND message = ?",
                [(turn, str(item.get("id"))) for item in kept if item.get("type") == "text"],
            )

        await self._file.write(work)

    async def keep_writing(self, query_id: str, message_id: str, text: str) -> None:
        """Keep all that was written of an answer so far; cheap enough to be done before every piece is shown.

        It survives the end of the process. The `text` payload of that id takes its place.
        """
        text = storable(text)

        def work(database: sqlite3.Connection) -> None:
            turn, _ = turn_numbers(database, query_id)
            database.execute(
                "INSERT INTO writings (turn, message, body) VALUES (?, ?, ?) "
                "ON CONFLICT (turn, message) DO UPDATE SET body = excluded.body",
                (turn, message_id, text),
            )

        await self._file.note(work)

    async def end_turn(self, query_id: str, seconds: float, stopped: bool = False) -> None:
        """Keep that a run is over, how long it took, and whether the person stopped it."""

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = turn_numbers(database, query_id)
            database.execute(
                "UPDATE turns SET seconds = ?, stopped = ? WHERE number = ?", (seconds, int(stopped), turn)
            )
            add_texts(database, conversation, writings_of(database, turn))
            database.execute(
                "UPDATE conversations SET updated_at = ? WHERE number = ?", (self._file.time(), conversation)
            )

        await self._file.write(work)

    async def set_extra(self, query_id: str, extra: Mapping[str, Any]) -> None:
        """Keep what belongs to a question beside its payloads, in place of what was kept before."""
        body = as_json(extra)

        def work(database: sqlite3.Connection) -> None:
            turn, _ = turn_numbers(database, query_id)
            database.execute(
                "INSERT INTO extras (turn, body) VALUES (?, ?) "
                "ON CONFLICT (turn) DO UPDATE SET body = excluded.body",
                (turn, body),
            )

        await self._file.write(work)

    async def turns(self, conversation_id: str) -> list[Turn]:
        """The conversation's questions in order; a run that was cut off has `seconds` None and what came.

        The last payload of one whose answer was cut is a `text` of what was written, with `cut` in its metadata.
        """

        def work(database: sqlite3.Connection) -> list[Turn]:
            return _turns(database, conversation_number(database, conversation_id), conversation_id)

        return await self._file.read(work)


def _turns(database: sqlite3.Connection, conversation: int, conversation_id: str) -> list[Turn]:
    turns = dict(_without_payloads(database, conversation))
    bodies = database.execute(
        "SELECT p.turn, p.body FROM payloads p JOIN turns t ON t.number = p.turn "
        "WHERE t.conversation = ? ORDER BY p.number",
        (conversation,),
    )
    for number, body in bodies:
        if number in turns:  # another instance may have asked in between
            turns[number].payloads.append(json.loads(body))
    written = database.execute(
        "SELECT w.turn, w.message, w.body FROM writings w JOIN turns t ON t.number = w.turn "
        "WHERE t.conversation = ? AND w.body <> '' ORDER BY w.rowid",
        (conversation,),
    )
    for number, message_id, text in written:
        turn = turns.get(number)
        if turn is not None and all(payload.get("id") != message_id for payload in turn.payloads):
            turn.payloads.append(_cut_answer(conversation_id, turn.query_id, message_id, text))
    return [*turns.values()]


def _without_payloads(database: sqlite3.Connection, conversation: int) -> list[tuple[int, Turn]]:
    rows = database.execute(
        "SELECT t.number, t.query_id, t.prompt, t.asked_at, t.seconds, t.stopped, t.collections, x.body "
        "FROM turns t LEFT JOIN extras x ON x.turn = t.number WHERE t.conversation = ? ORDER BY t.number",
        (conversation,),
    )
    return [
        (
            row[0],
            Turn(
                query_id=row[1],
                prompt=row[2],
                asked_at=datetime.fromisoformat(row[3]),
                seconds=row[4],
                stopped=bool(row[5]),
                collections=tuple(json.loads(row[6])),
                extra={} if row[7] is None else json.loads(row[7]),
            ),
        )
        for row in rows
    ]


def _cut_answer(conversation_id: str, query_id: str, message_id: str, text: str) -> Payload:
    content = {"type": "response", "metadata": {"cut": True}, "objects": [{"text": text}]}
    return envelope("text", content, "", conversation_id, query_id, message_id)
