"""The tables of the file of conversations, and how files of earlier versions become up to date."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator
from pathlib import Path

from elysia_desktop.core.errors import StoreError

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
    (
        # Answers under way, as far as they were shown.
        """CREATE TABLE writings (
            turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
            message TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (turn, message))""",
        """CREATE TABLE extras (
            turn INTEGER PRIMARY KEY REFERENCES turns ON DELETE CASCADE,
            body TEXT NOT NULL)""",
        """CREATE TABLE storages (
            conversation INTEGER PRIMARY KEY REFERENCES conversations ON DELETE CASCADE,
            body TEXT NOT NULL)""",
        # The large columns last: reading the others does not go past them.
        """CREATE TABLE files (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            size INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            tokens INTEGER NOT NULL,
            pages INTEGER,
            title TEXT NOT NULL,
            note TEXT NOT NULL,
            in_use INTEGER NOT NULL DEFAULT 1,
            added_at TEXT NOT NULL,
            passages INTEGER NOT NULL,
            original TEXT NOT NULL,
            written INTEGER NOT NULL DEFAULT 0,
            page_starts TEXT NOT NULL,
            headings TEXT NOT NULL,
            text TEXT NOT NULL)""",
        "CREATE INDEX files_by_conversation ON files (conversation)",
        # What is to be removed outside of this file: an original, and passages in the library.
        """CREATE TABLE leftovers (
            file TEXT PRIMARY KEY,
            original TEXT NOT NULL,
            conversation TEXT NOT NULL,
            since TEXT NOT NULL)""",
        """CREATE TRIGGER files_removed AFTER DELETE ON files BEGIN
            INSERT OR REPLACE INTO leftovers (file, original, conversation, since)
            VALUES (old.id, old.original, old.conversation, old.added_at); END""",
    ),
)
"""Statements by schema version; `PRAGMA user_version` counts how many of them a file has seen."""

TABLES = (
    "conversations", "turns", "payloads", "trees", "texts", "writings", "extras", "storages", "files", "leftovers",
)  # fmt: skip
"""All but the search index, which can be made anew from them."""


def migrate(database: sqlite3.Connection, path: Path) -> None:
    """Bring the file up to date; `StoreError` when a newer version of the application wrote it."""
    if _version(database) == len(MIGRATIONS):  # nothing is written then: a full disk can still be read
        return
    with transaction(database):  # two starts at once: the second waits here, then finds the work done
        version = _version(database)
        if version > len(MIGRATIONS):
            raise StoreError(
                f"“{path}” was written by a newer version of the application.",
                "Update the application, or start it with another profile folder.",
            )
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


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
