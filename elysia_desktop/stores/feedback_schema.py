"""The file of rated runs: tables, migrations, how it is opened, and damage."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.atomic import cannot_write, make_private_folder, move_aside
from elysia_desktop.stores.conversation_schema import transaction
from elysia_desktop.stores.journal import write_ahead

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            number INTEGER PRIMARY KEY,
            query_id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL,
            rating INTEGER NOT NULL CHECK (rating IN (-1, 1, 2)),
            rated_at TEXT NOT NULL,
            question TEXT NOT NULL,
            tools TEXT NOT NULL,
            record TEXT NOT NULL)""",
        "CREATE INDEX runs_by_conversation ON runs (conversation_id)",
        # Where a copy is, or has to be made or removed: `is_current` says that nothing is left to do there.
        """CREATE TABLE copies (
            query_id TEXT NOT NULL,
            target TEXT NOT NULL,
            changed_at TEXT NOT NULL,
            is_current INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (query_id, target)) WITHOUT ROWID""",
        # What an embedder made of the questions, so that each is embedded once: 32-bit floats.
        """CREATE TABLE vectors (
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
            embedder TEXT NOT NULL,
            vector BLOB NOT NULL,
            PRIMARY KEY (run, embedder)) WITHOUT ROWID""",
    ),
)
"""Statements by schema version; `PRAGMA user_version` counts how many of them a file has seen."""

_NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


def open_feedback(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """A connection to the up-to-date file, made when missing; raises `StoreError` and `sqlite3.Error`."""
    try:
        make_private_folder(path.parent)
        if not path.exists():
            path.touch(mode=0o600)  # before SQLite makes it, whose files everyone may read
    except OSError as error:
        raise cannot_write(path, error) from error
    database = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None)
    try:
        write_ahead(database, busy_timeout)
        database.execute("PRAGMA foreign_keys = ON")
        # A rating that was shown as kept is there after a power cut.
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
        _migrate(database, path)
    except BaseException:
        database.close()
        raise
    return database


def set_aside(path: Path) -> str:
    """Move a damaged file away with all that belongs to it; returns the sentence for the person."""
    try:
        aside = move_aside(path)
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise cannot_write(path, error) from error
    return f"The file of ratings was damaged. It is kept as “{aside.name}” beside the new one, which starts empty."


def as_store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """What SQLite says, in words."""
    code: int | None = getattr(error, "sqlite_errorcode", None)  # absent when Python itself objects
    match None if code is None else code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(
                "The ratings are in use by another program.",
                "Close other windows and tools that have the file open, then try again.",
            )
        case primary if primary in _NOT_WRITABLE:
            return StoreError(
                f"“{path}” cannot be written.",
                "Make the file and its folder writable, or choose another profile folder.",
            )
        case sqlite3.SQLITE_FULL:
            return StoreError(
                "The disk is full; the rating was not kept.", "Make room, then rate the answer again."
            )
        case _:
            return StoreError(
                f"The ratings could not be read or written: {error}.",
                "Check the disk; the log has the details.",
            )


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    with transaction(database):  # two starts at once: the second waits here, then finds the work done
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise StoreError(
                f"“{path}” was written by a newer version of the application.",
                "Update the application, or start it with another profile folder.",
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
