"""The file of conversations: tables, migrations and search index, how it is opened, and damage."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.stores.atomic import cannot_write, make_private_folder, move_aside
from elysia_desktop.stores.journal import write_ahead

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE conversations (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            pinned INTEGER NOT NULL DEFAULT 0,
            draft TEXT NOT NULL DEFAULT '',
            deleted_at TEXT)""",
        """CREATE TABLE turns (
            number INTEGER PRIMARY KEY,
            query_id TEXT NOT NULL UNIQUE,
            conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            prompt TEXT NOT NULL,
            collections TEXT NOT NULL,
            asked_at TEXT NOT NULL,
            seconds REAL,
            stopped INTEGER NOT NULL DEFAULT 0)""",
        "CREATE INDEX turns_by_conversation ON turns (conversation)",
        # Ascending numbers keep the order in which a run sent its payloads.
        """CREATE TABLE payloads (
            number INTEGER PRIMARY KEY,
            turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
            body TEXT NOT NULL)""",
        "CREATE INDEX payloads_by_turn ON payloads (turn)",
        # A table of its own, so that listing conversations never reads past these large texts.
        """CREATE TABLE trees (
            conversation INTEGER PRIMARY KEY REFERENCES conversations ON DELETE CASCADE,
            body TEXT NOT NULL)""",
        # What can be searched, one row per title, prompt, answer or result; the index follows by triggers.
        """CREATE TABLE texts (
            number INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            is_title INTEGER NOT NULL DEFAULT 0,
            text TEXT NOT NULL)""",
        "CREATE INDEX texts_by_conversation ON texts (conversation)",
        """CREATE VIRTUAL TABLE search USING fts5 (
            text, content='texts', content_rowid='number', prefix='2 3',
            tokenize="unicode61 remove_diacritics 2")""",
        """CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN
            INSERT INTO search (rowid, text) VALUES (new.number, new.text); END""",
        """CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN
            INSERT INTO search (search, rowid, text) VALUES ('delete', old.number, old.text); END""",
        """CREATE TRIGGER texts_changed AFTER UPDATE OF text ON texts BEGIN
            INSERT INTO search (search, rowid, text) VALUES ('delete', old.number, old.text);
            INSERT INTO search (rowid, text) VALUES (new.number, new.text); END""",
    ),
)
"""Statements by schema version; `PRAGMA user_version` counts how many of them a file has seen."""

_MOST_SEARCH_WORDS = 32
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
        _migrate(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _migrate(database: sqlite3.Connection, path: Path) -> None:
    database.execute("PRAGMA foreign_keys = ON")
    # In WAL mode NORMAL may lose the last commits in a power cut. What the person has seen must still be
    # there, so each batch is synced: some milliseconds, on a thread that nobody waits for.
    database.execute("PRAGMA synchronous = FULL")
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


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Generator[None]:
    """All or nothing. The lock is taken at the start, so that it never fails between reading and writing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # SQLite has rolled back by itself when the disk is full
            database.execute("ROLLBACK")
        raise


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file's content is broken."""
    return _primary_code(error) in _DAMAGED


def rebuild_index(database: sqlite3.Connection) -> bool:
    """Make the search index anew if all other tables are sound; whether it was done."""
    tables = ("conversations", "turns", "payloads", "trees", "texts")
    try:
        for table in tables:
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


def search_conditions(search: str) -> Iterator[tuple[str, str]]:
    """For each word of what a person looks for, where it is looked up and the value to look for."""
    words = [word for word in storable(search).replace("\0", " ").split() if any(map(_is_told_apart, word))]
    for word in words[:_MOST_SEARCH_WORDS]:
        if any(map(_is_unspaced, word)):
            pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            yield r"texts x WHERE x.text LIKE ? ESCAPE '\'", f"%{pattern}%"
        else:
            quoted = word.replace('"', '""')  # a quoted phrase has no syntax inside
            yield "search s JOIN texts x ON x.number = s.rowid WHERE s.text MATCH ?", f'"{quoted}"*'


def searchable(payload: Payload) -> str:
    """The words of an answer or of retrieved objects."""
    content = payload.get("payload")
    if payload.get("type") not in {"text", "result"} or not isinstance(content, dict):
        return ""
    objects: Any = content.get("objects")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return storable("\n".join(_words(objects)))


def storable(text: str) -> str:
    """The text without halves of surrogate pairs, which SQLite refuses; pasted text may hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_told_apart(character: str) -> bool:
    return character.isalnum() or _is_unspaced(character)


def _is_unspaced(character: str) -> bool:
    """Whether it is of a script without spaces, whose words the index does not see, or a pictograph."""
    return "\u0e00" <= character <= "\u0eff" or character >= "\u2e80"


def _words(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bool() | None:
            pass
        case int() | float():
            yield str(value)
        case Mapping():
            for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
                if key != "_REF_ID":
                    yield from _words(item)
        case list() | tuple():
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                yield from _words(item)
        case _:
            pass


def _primary_code(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)  # absent when Python itself objects
    return None if code is None else code & 0xFF
