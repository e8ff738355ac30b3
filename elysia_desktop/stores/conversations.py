"""The conversations: what was asked and every payload that was shown, kept in one SQLite file."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from elysia_desktop.core.conversation import ConversationSummary, Turn
from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.stores.conversation_schema import (
    as_store_error,
    is_damage,
    open_database,
    rebuild_index,
    search_conditions,
    searchable,
    set_aside,
    storable,
    transaction,
)

T = TypeVar("T")
Summaries = list[ConversationSummary]
Turns = list[Turn]

KEPT_IN_TRASH = timedelta(days=30)

_SUMMARY = """
    SELECT c.id, c.title, c.created_at, c.updated_at, c.pinned,
        (SELECT count(*) FROM turns t WHERE t.conversation = c.number),
        (SELECT json_group_array(json(t.collections)) FROM turns t WHERE t.conversation = c.number)
    FROM conversations c"""


class Conversations:
    """Conversations of one profile. Nothing here waits on the caller's thread; errors are `StoreError`.

    What a call has returned for survives a crash and a power cut. Arguments must not be changed before that.
    """

    def __init__(
        self, path: Path, *, busy_timeout: float = 5.0, now: Callable[[], datetime] | None = None
    ) -> None:
        self.path = path
        self.notice = ""
        """What became of a damaged file; empty when all is well."""
        self._busy_timeout = busy_timeout
        self._now = now or (lambda: datetime.now(UTC))
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversations")
        self._database: sqlite3.Connection | None = None
        self._is_closed = False

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

        return await self._run(work)

    async def create(self, title: str = "") -> ConversationSummary:
        """Begin an empty conversation."""
        title, conversation_id = storable(title), str(uuid4())

        def work(database: sqlite3.Connection) -> ConversationSummary:
            now = self._time()
            number = database.execute(
                "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
                (conversation_id, title, now, now),
            ).lastrowid
            database.execute(
                "INSERT INTO texts (conversation, is_title, text) VALUES (?, 1, ?)", (number, title)
            )
            return _summary(database.execute(f"{_SUMMARY} WHERE c.number = ?", (number,)).fetchone())

        return await self._write(work)

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give the conversation another title."""
        title = storable(title)

        def work(database: sqlite3.Connection) -> None:
            number = _number(database, conversation_id)
            database.execute("UPDATE conversations SET title = ? WHERE number = ?", (title, number))
            database.execute("UPDATE texts SET text = ? WHERE conversation = ? AND is_title", (title, number))

        await self._write(work)

    async def pin(self, conversation_id: str, pinned: bool = True) -> None:
        """Keep the conversation at the top of the list, or no longer."""
        await self._set(conversation_id, "pinned", int(pinned))

    async def delete(self, conversation_id: str) -> None:
        """Put the conversation into the trash, from which it goes for good after 30 days."""
        await self._set(conversation_id, "deleted_at", self._time())

    async def restore(self, conversation_id: str) -> None:
        """Take the conversation out of the trash."""
        await self._set(conversation_id, "deleted_at", None)

    async def draft(self, conversation_id: str) -> str:
        """What was being written in the conversation."""
        column = "SELECT draft FROM conversations WHERE number = ?"
        return await self._run(
            lambda database: str(
                database.execute(column, (_number(database, conversation_id),)).fetchone()[0]
            )
        )

    async def set_draft(self, conversation_id: str, text: str) -> None:
        """Keep what is being written."""
        await self._set(conversation_id, "draft", storable(text))

    async def begin_turn(
        self, conversation_id: str, query_id: str, prompt: str, collections: Sequence[str]
    ) -> None:
        """Keep a question before its run begins; a `query_id` is used once."""
        prompt = storable(prompt)

        def work(database: sqlite3.Connection) -> None:
            number, now = _number(database, conversation_id), self._time()
            if database.execute("SELECT 1 FROM turns WHERE query_id = ?", (query_id,)).fetchone():
                raise StoreError(f"The question {query_id} was begun before.", "Ask it anew.")
            database.execute(
                "INSERT INTO turns (query_id, conversation, prompt, collections, asked_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (query_id, number, prompt, _json(list(collections)), now),
            )
            database.execute("INSERT INTO texts (conversation, text) VALUES (?, ?)", (number, prompt))
            database.execute("UPDATE conversations SET updated_at = ? WHERE number = ?", (now, number))

        await self._write(work)

    async def append(self, query_id: str, payloads: Sequence[Payload]) -> None:
        """Keep what a run has sent, in order, all or nothing; `text_delta` is left out, the text follows."""
        kept = [payload for payload in payloads if payload.get("type") != "text_delta"]
        if not kept:
            return

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = _turn(database, query_id)
            database.executemany(
                "INSERT INTO payloads (turn, body) VALUES (?, ?)", [(turn, _json(item)) for item in kept]
            )
            texts = [(conversation, text) for item in kept if (text := searchable(item))]
            database.executemany("INSERT INTO texts (conversation, text) VALUES (?, ?)", texts)

        await self._write(work)

    async def end_turn(self, query_id: str, seconds: float, stopped: bool = False) -> None:
        """Keep that a run is over, how long it took, and whether the person stopped it."""

        def work(database: sqlite3.Connection) -> None:
            turn, conversation = _turn(database, query_id)
            database.execute(
                "UPDATE turns SET seconds = ?, stopped = ? WHERE number = ?", (seconds, int(stopped), turn)
            )
            database.execute(
                "UPDATE conversations SET updated_at = ? WHERE number = ?", (self._time(), conversation)
            )

        await self._write(work)

    async def turns(self, conversation_id: str) -> Turns:
        """The conversation's questions in order; a run that was cut off has `seconds` None and what came."""

        def work(database: sqlite3.Connection) -> Turns:
            number = _number(database, conversation_id)
            rows = database.execute(
                "SELECT number, query_id, prompt, asked_at, seconds, stopped, collections FROM turns "
                "WHERE conversation = ? ORDER BY number",
                (number,),
            ).fetchall()
            turns = {
                row[0]: Turn(
                    query_id=row[1],
                    prompt=row[2],
                    asked_at=datetime.fromisoformat(row[3]),
                    seconds=row[4],
                    stopped=bool(row[5]),
                    collections=tuple(json.loads(row[6])),
                )
                for row in rows
            }
            bodies = database.execute(
                "SELECT p.turn, p.body FROM payloads p JOIN turns t ON t.number = p.turn "
                "WHERE t.conversation = ? ORDER BY p.number",
                (number,),
            )
            for turn, body in bodies:
                if turn in turns:  # another instance may have asked in between
                    turns[turn].payloads.append(json.loads(body))
            return [*turns.values()]

        return await self._run(work)

    async def save_tree(self, conversation_id: str, tree: Mapping[str, Any]) -> None:
        """Keep the tree's state, in place of the one before."""

        def work(database: sqlite3.Connection) -> None:
            database.execute(
                "INSERT INTO trees (conversation, body) VALUES (?, ?) "
                "ON CONFLICT (conversation) DO UPDATE SET body = excluded.body",
                (_number(database, conversation_id), body),
            )

        body = await self._on_worker(lambda: _json(tree))  # not within the transaction, it may be large
        await self._write(work)

    async def load_tree(self, conversation_id: str) -> dict[str, Any] | None:
        """The state kept by `save_tree`, or None."""

        def work(database: sqlite3.Connection) -> dict[str, Any] | None:
            number = _number(database, conversation_id)
            row = database.execute("SELECT body FROM trees WHERE conversation = ?", (number,)).fetchone()
            return None if row is None else json.loads(row[0])

        return await self._run(work)

    async def close(self) -> None:
        """Finish what was begun and release the file; closing again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._worker, self._release)
        self._worker.shutdown()

    async def _set(self, conversation_id: str, column: str, value: str | int | None) -> None:
        def work(database: sqlite3.Connection) -> None:
            number = _number(database, conversation_id)
            database.execute(f"UPDATE conversations SET {column} = ? WHERE number = ?", (value, number))

        await self._write(work)

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def in_transaction(database: sqlite3.Connection) -> T:
            with transaction(database):
                return work(database)

        return await self._run(in_transaction)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._on_worker(lambda: self._guarded(work))

    async def _on_worker(self, call: Callable[[], T]) -> T:
        if self._is_closed:
            raise StoreError("The conversations are closed.", "Start the application again.")
        return await asyncio.get_running_loop().run_in_executor(self._worker, call)

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._opened())
        except sqlite3.ProgrammingError:  # a bug, which nobody outside can mend
            raise
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise StoreError(*self._repair()) from error
            raise as_store_error(error, self.path) from error

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                self._database = open_database(self.path, self._busy_timeout)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.notice = set_aside(self.path)
                self._database = open_database(self.path, self._busy_timeout)
            with transaction(self._database):
                before = (self._now() - KEPT_IN_TRASH).astimezone(UTC).isoformat(timespec="microseconds")
                self._database.execute("DELETE FROM conversations WHERE deleted_at < ?", (before,))
        return self._database

    def _repair(self) -> tuple[str, str]:
        """Make a broken search index anew, or set a broken file aside; returns what to tell."""
        if self._database is not None and rebuild_index(self._database):
            return "The search index was damaged and has been made anew.", "Try again."
        self._release()
        self.notice = set_aside(self.path)
        return self.notice, "Try again: a new file is begun."

    def _release(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _time(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="microseconds")


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


def _number(database: sqlite3.Connection, conversation_id: str) -> int:
    row = database.execute("SELECT number FROM conversations WHERE id = ?", (conversation_id,)).fetchone()
    if row is None:
        raise StoreError(
            "This conversation does not exist, or no longer.", "Choose another one, or begin a new one."
        )
    return int(row[0])


def _turn(database: sqlite3.Connection, query_id: str) -> tuple[int, int]:
    row = database.execute(
        "SELECT number, conversation FROM turns WHERE query_id = ?", (query_id,)
    ).fetchone()
    if row is None:
        raise StoreError(f"There is no question {query_id}, so its answer cannot be kept.", "Ask it again.")
    return int(row[0]), int(row[1])


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only the escaped form can hold
        return json.dumps(value, separators=(",", ":"))
    return text
