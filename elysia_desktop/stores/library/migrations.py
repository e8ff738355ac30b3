"""The file's own tables, version by version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.journal import write_ahead

if TYPE_CHECKING:
    import sqlite3

# One tuple of statements per version; what was released is never changed, only followed by another.
_VERSIONS: tuple[tuple[str, ...], ...] = (
    (
        # AUTOINCREMENT: the number of a dropped collection names no other, so caches cannot mix them up.
        "CREATE TABLE collections (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, "
        "schema TEXT NOT NULL, vectors_revision INTEGER NOT NULL DEFAULT 0)",
        "CREATE TABLE metadata (collection INTEGER PRIMARY KEY "
        "REFERENCES collections (id) ON DELETE CASCADE, value TEXT NOT NULL)",
    ),
)


def migrate(connection: sqlite3.Connection, busy_seconds: float = 5.0) -> None:
    """Bring the file to the newest version; raises `StoreError` for one of a newer program."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    write_ahead(connection, busy_seconds)
    if _version(connection) == len(_VERSIONS):
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
        for statements in _VERSIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(_VERSIONS)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.rollback()


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]
