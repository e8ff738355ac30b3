"""Rows of the file of conversations: finding them, their JSON, and what of them can be searched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.stores.conversation_search import searchable


def conversation_number(database: sqlite3.Connection, conversation_id: str) -> int:
    """The row of a conversation; `StoreError` when there is none."""
    row = database.execute("SELECT number FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
    if row is None:
        raise StoreError(
            "This conversation does not exist, or no longer.", "Choose another one, or begin a new one."
        )
    return int(row[0])


def turn_numbers(database: sqlite3.Connection, query_id: str) -> tuple[int, int]:
    """The rows of a question and of its conversation; `StoreError` when there is none."""
    row = database.execute(
        "SELECT number, conversation FROM turns WHERE query_id = ?", (query_id,)
    ).fetchone()
    if row is None:
        raise StoreError(f"There is no question {query_id}, so its answer cannot be kept.", "Ask it again.")
    return int(row[0]), int(row[1])


def payloads_of(database: sqlite3.Connection, turn: int) -> Iterator[tuple[int, Payload]]:
    """The payloads of a question in order, each with its row."""
    rows = database.execute("SELECT number, body FROM payloads WHERE turn = ? ORDER BY number", (turn,))
    for number, body in rows.fetchall():
        yield number, json.loads(body)


def writings_of(database: sqlite3.Connection, turn: int) -> list[str]:
    """What was written of the answers of a question that were not finished."""
    rows = database.execute("SELECT body FROM writings WHERE turn = ? AND body <> '' ORDER BY rowid", (turn,))
    return [text for (text,) in rows]


def index_anew(database: sqlite3.Connection, conversation: int) -> None:
    """Have searches find what stands in a conversation now, and no longer what stood there before."""
    database.execute("DELETE FROM texts WHERE conversation = ? AND NOT is_title", (conversation,))
    turns = database.execute(
        "SELECT number, prompt FROM turns WHERE conversation = ? ORDER BY number", (conversation,)
    )
    for turn, prompt in turns.fetchall():
        add_texts(database, conversation, [prompt])
        add_payloads(database, conversation, (payload for _, payload in payloads_of(database, turn)))
        add_texts(database, conversation, writings_of(database, turn))


def add_payloads(database: sqlite3.Connection, conversation: int, payloads: Iterable[Payload]) -> None:
    """Have searches find the words of these payloads, too."""
    add_texts(database, conversation, [text for payload in payloads if (text := searchable(payload))])


def add_texts(database: sqlite3.Connection, conversation: int, texts: Sequence[str]) -> None:
    """Have searches find these texts, too."""
    rows = [(conversation, text) for text in texts]
    database.executemany("INSERT INTO texts (conversation, text) VALUES (?, ?)", rows)


def as_json(value: Any) -> str:
    """The value as it is kept; also one that holds half a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # which only the escaped form can hold
        return json.dumps(value, separators=(",", ":"))
    return text
