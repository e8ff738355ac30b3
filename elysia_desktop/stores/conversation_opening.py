"""The file of conversations: how it is opened, what its errors mean, and damage."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.atomic import cannot_write, make_private_folder, move_aside
from elysia_desktop.stores.conversation_schema import TABLES, migrate
from elysia_desktop.stores.journal import write_ahead

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NOT_WRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


def open_database(path: Path, busy_timeout: float) -> sqlite3.Connection:
    """A connection to the up-to-date file, made when missing; raises `StoreError` and `sqlite3.Error`."""
    try:
        make_private_folder(path.parent)
        if not path.exists():
            path.touch(mode=0o600)  # before SQLite makes it, whose files everyone may read
    except OSError as error:
        raise cannot_write(path, error) from error
    if path.is_file():
        with contextlib.suppress(OSError):  # not our file: reading it may still be allowed
            path.chmod(0o600)
    database = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None)
    try:
        write_ahead(database, busy_timeout)
        _keep_for_good(database)
        migrate(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _keep_for_good(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA foreign_keys = ON")
    # In WAL mode NORMAL may lose the last commits in a power cut. What the person has seen must still be
    # there, so each batch is synced: some milliseconds, on a thread that nobody waits for.
    database.execute("PRAGMA synchronous = FULL")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file's content is broken."""
    return _primary_code(error) in _DAMAGED


def rebuild_index(database: sqlite3.Connection) -> bool:
    """Make the search index anew if all other tables are sound; whether it was done."""
    try:
        for table in TABLES:
            if database.execute(f"PRAGMA quick_check({table})").fetchone()[0] != "ok":
                return False
        database.execute("INSERT INTO search (search) VALUES ('rebuild')")
    except sqlite3.DatabaseError:
        return False
    return True


def set_aside(path: Path) -> str:
    """Move a damaged file away with all that belongs to it; returns the sentence for the person."""
    try:
        aside = move_aside(path)
        for suffix in ("-wal", "-shm"):  # they hold the last commits: a repair needs them under the same name
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise cannot_write(path, error) from error
    return (
        f"The file of conversations was damaged. It is kept as “{aside.name}” beside the new one, "
        "which starts empty; restore a backup to have the conversations back."
    )


def as_store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """What SQLite says, in words."""
    match _primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(
                "The conversations are in use by another program.",
                "Close other windows and tools that have the file open, then try again.",
            )
        case code if code in _NOT_WRITABLE:
            return StoreError(
                f"“{path}” cannot be written.",
                "Make the file and its folder writable, or choose another profile folder.",
            )
        case sqlite3.SQLITE_FULL:
            return StoreError("The disk is full; nothing more is kept.", "Make room, then try again.")
        case _:
            return StoreError(
                f"The conversations could not be read or written: {error}.",
                "Check the disk; the log has the details.",
            )


def _primary_code(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)  # absent when Python itself objects
    return None if code is None else code & 0xFF
