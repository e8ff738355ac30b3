"""The file's own tables, version by version."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.journal import write_ahead
from elysia_desktop.stores.library.tables import vector_tables

if TYPE_CHECKING:
    import sqlite3


def _number_vectors(connection: sqlite3.Connection) -> None:
    """Give every vector a number, and collections a list of those that were removed and that are to be made."""
    for (number,) in connection.execute("SELECT id FROM collections").fetchall():
        connection.execute(f"ALTER TABLE vectors_{number} RENAME TO old_vectors")
        for statement in vector_tables(number):
            connection.execute(statement)
        columns = "object, name, vector"
        connection.execute(
            f"INSERT INTO vectors_{number} ({columns}) SELECT {columns} FROM old_vectors ORDER BY object"
        )
        connection.execute("DROP TABLE old_vectors")


# One tuple of steps per version; what was released is never changed, only followed by another.
_VERSIONS: tuple[tuple[str | Callable[[sqlite3.Connection], None], ...], ...] = (
    (
        # AUTOINCREMENT: the number of a dropped collection names no other, so caches cannot mix them up.
        "CREATE TABLE collections (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, "
        "schema TEXT NOT NULL, vectors_revision INTEGER NOT NULL DEFAULT 0)",
        "CREATE TABLE metadata (collection INTEGER PRIMARY KEY "
        "REFERENCES collections (id) ON DELETE CASCADE, value TEXT NOT NULL)",
    ),
    (
        # The files beside the database that were made of vectors, and up to which vector and removal.
        "CREATE TABLE vector_files (collection INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE, "
        "name TEXT NOT NULL, kind TEXT NOT NULL, token TEXT NOT NULL, last INTEGER NOT NULL, "
        "gone INTEGER NOT NULL, PRIMARY KEY (collection, name, kind)) WITHOUT ROWID",
        _number_vectors,
        # Whoever keeps objects in memory sees by it that they changed.
        "ALTER TABLE collections RENAME COLUMN vectors_revision TO revision",
    ),
    (
        # The vector of one text that is always the same: an embedder that answers with another is another.
        "CREATE TABLE embedders (name TEXT NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL, "
        "PRIMARY KEY (name, model)) WITHOUT ROWID",
    ),
)


def migrate(connection: sqlite3.Connection, busy_seconds: float = 5.0) -> None:
    """Bring the file to the newest version; raises `StoreError` for one of a newer program."""
    is_current = _version(connection) == len(_VERSIONS)
    if not is_current:
        # Only then: it writes, and who just reads would wait for a writer and need space on the disk.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    write_ahead(connection, busy_seconds)
    if is_current:
        return
    # Another process may be doing the same: whoever comes second finds it done.
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        if version > len(_VERSIONS):
            raise StoreError(
                "The library was written by a newer version of this program.",
                "Update the program to open it.",
            )
        for steps in _VERSIONS[version:]:
            for step in steps:
                if isinstance(step, str):
                    connection.execute(step)
                else:
                    step(connection)
        connection.execute(f"PRAGMA user_version = {len(_VERSIONS)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]
