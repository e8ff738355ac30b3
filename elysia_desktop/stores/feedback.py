"""Rated runs, kept in one SQLite file on this computer, and which of them have a copy elsewhere."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from array import array
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

from pydantic import ValidationError

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.run_record import RatedRun, Rating, RunRecord
from elysia_desktop.stores.conversation_opening import is_damage
from elysia_desktop.stores.conversation_schema import transaction
from elysia_desktop.stores.conversation_search import storable
from elysia_desktop.stores.feedback_schema import as_store_error, open_feedback, set_aside

T = TypeVar("T")

MOST_READ = 2_000
"""So many well-rated runs are considered, the latest ones."""


@dataclass(frozen=True)
class WellRated:
    """What is needed to compare a rated run with a question: its own question and the tools that it used."""

    query_id: str
    question: str
    tools: tuple[str, ...]
    rating: int


@dataclass(frozen=True)
class StaleCopy:
    """A copy that is not what is kept here: of a run that changed, or, with `run` None, was removed."""

    query_id: str
    changed_at: str
    run: RatedRun | None


class RatedRuns:
    """The rated runs of one profile. Nothing here waits on the caller's thread; errors are `StoreError`."""

    def __init__(self, path: Path, *, busy_timeout: float = 5.0) -> None:
        self.path = path
        self.notice = ""
        """What became of a damaged file; empty when all is well."""
        self._busy_timeout = busy_timeout
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="feedback")
        self._database: sqlite3.Connection | None = None
        self._is_closed = False

    async def rate(self, record: RunRecord, rating: Rating, target: str = "") -> None:
        """Keep a run with its rating, in place of the one before; with `target`, a copy is wanted there."""
        body, question = storable(record.model_dump_json()), storable(record.question)
        tools = json.dumps(record.tools)

        def work(database: sqlite3.Connection) -> None:
            now = _now()
            database.execute(
                "INSERT INTO runs (query_id, conversation_id, rating, rated_at, question, tools, record) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (query_id) DO UPDATE SET "
                "conversation_id = excluded.conversation_id, rating = excluded.rating, "
                "rated_at = excluded.rated_at, question = excluded.question, tools = excluded.tools, "
                "record = excluded.record",
                (record.query_id, record.conversation_id, rating, now, question, tools, body),
            )
            _want_copies(database, record.query_id, now)
            if target:
                database.execute(
                    "INSERT INTO copies (query_id, target, changed_at) VALUES (?, ?, ?) "
                    "ON CONFLICT (query_id, target) DO NOTHING",
                    (record.query_id, target, now),
                )

        await self._write(work)

    async def unrate(self, query_id: str) -> bool:
        """Remove a run; whether there was one. Its copies are to be removed, too."""

        def work(database: sqlite3.Connection) -> bool:
            removed = database.execute("DELETE FROM runs WHERE query_id = ?", (query_id,)).rowcount > 0
            _want_copies(database, query_id, _now())
            return removed

        return await self._write(work)

    async def ratings(self, conversation_id: str) -> dict[str, int]:
        """The ratings in a conversation by query id."""
        statement = "SELECT query_id, rating FROM runs WHERE conversation_id = ?"
        return await self._run(lambda database: dict(database.execute(statement, (conversation_id,))))

    async def records(self, query_ids: Sequence[str]) -> list[RunRecord]:
        """The records of rated runs, in the order asked; those that are not rated or not readable are left out."""
        statement = "SELECT rating, record FROM runs WHERE query_id = ?"

        def work(database: sqlite3.Connection) -> list[RunRecord]:
            rows = [database.execute(statement, (query_id,)).fetchone() for query_id in query_ids]
            runs = [_rated(row) for row in rows if row is not None]
            return [run.record for run in runs if run is not None]

        return await self._run(work)

    async def well_rated(self) -> list[WellRated]:
        """The runs that were rated well, the latest first."""
        statement = "SELECT query_id, question, tools, rating FROM runs WHERE rating > 0 ORDER BY rated_at DESC LIMIT ?"

        def work(database: sqlite3.Connection) -> list[WellRated]:
            rows = database.execute(statement, (MOST_READ,))
            return [WellRated(row[0], row[1], tuple(json.loads(row[2])), row[3]) for row in rows]

        return await self._run(work)

    async def vectors(self, embedder: str) -> dict[str, array[float]]:
        """What an embedder made of the questions, by query id."""
        statement = (
            "SELECT r.query_id, v.vector FROM vectors v JOIN runs r ON r.number = v.run WHERE v.embedder = ?"
        )

        def work(database: sqlite3.Connection) -> dict[str, array[float]]:
            return {name: array("f", vector) for name, vector in database.execute(statement, (embedder,))}

        return await self._run(work)

    async def keep_vectors(self, embedder: str, vectors: Mapping[str, Sequence[float]]) -> None:
        """Keep what an embedder made of the questions of these runs."""
        rows = [(embedder, array("f", vector).tobytes(), name) for name, vector in vectors.items()]
        statement = (
            "INSERT OR REPLACE INTO vectors (run, embedder, vector) "
            "SELECT number, ?, ? FROM runs WHERE query_id = ?"
        )
        await self._write(lambda database: database.executemany(statement, rows))

    async def stale_copies(self, target: str) -> list[StaleCopy]:
        """What is still to be copied to a target, or removed there."""
        statement = (
            "SELECT c.query_id, c.changed_at, r.rating, r.record FROM copies c "
            "LEFT JOIN runs r ON r.query_id = c.query_id WHERE c.target = ? AND NOT c.is_current "
            "ORDER BY c.changed_at"
        )

        def work(database: sqlite3.Connection) -> list[StaleCopy]:
            rows = database.execute(statement, (target,)).fetchall()
            copies = [StaleCopy(row[0], row[1], None if row[2] is None else _rated(row[2:])) for row in rows]
            # One that cannot be read any longer is not gone: its copy stays as it is.
            return [copy for copy, row in zip(copies, rows, strict=True) if copy.run or row[2] is None]

        return await self._run(work)

    async def note_copied(self, copies: Sequence[StaleCopy], target: str) -> None:
        """These are now there as they were read; one that has changed since stays to be copied."""
        there = [(copy.query_id, target, copy.changed_at) for copy in copies if copy.run is not None]
        gone = [(copy.query_id, target, copy.changed_at) for copy in copies if copy.run is None]
        which = "WHERE query_id = ? AND target = ? AND changed_at = ?"

        def work(database: sqlite3.Connection) -> None:
            database.executemany(f"UPDATE copies SET is_current = 1 {which}", there)
            database.executemany(f"DELETE FROM copies {which}", gone)

        await self._write(work)

    async def close(self) -> None:
        """Finish what was begun and release the file; closing again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        await asyncio.get_running_loop().run_in_executor(self._worker, self._release)
        self._worker.shutdown()

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def in_transaction(database: sqlite3.Connection) -> T:
            with transaction(database):
                return work(database)

        return await self._run(in_transaction)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._is_closed:
            raise StoreError("The ratings are closed.", "Start the application again.")
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._guarded, work)

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._opened())
        except sqlite3.ProgrammingError:  # a bug, which nobody outside can mend
            raise
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise as_store_error(error, self.path) from error
            self._release()
            self.notice = set_aside(self.path)
            raise StoreError(self.notice, "Try again: a new file is begun.") from error

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                self._database = open_feedback(self.path, self._busy_timeout)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.notice = set_aside(self.path)
                self._database = open_feedback(self.path, self._busy_timeout)
        return self._database

    def _release(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _want_copies(database: sqlite3.Connection, query_id: str, now: str) -> None:
    database.execute(
        "UPDATE copies SET is_current = 0, changed_at = ? WHERE query_id = ?",
        (now, query_id),
    )


def _rated(row: Sequence[object]) -> RatedRun | None:
    try:
        record = RunRecord.model_validate_json(cast("str", row[1]))
    except ValidationError:  # of a format that is read no longer
        return None
    return RatedRun(record=record, rating=cast("Rating", row[0]))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
