"""SQLite's errors in words for the person."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import StoreError, StoreUnreachable

if TYPE_CHECKING:
    from pathlib import Path


def closed() -> StoreUnreachable:
    """What is raised when the library is used after it was closed."""
    return StoreUnreachable("The library is closed.", "Open it again.")


def told(error: sqlite3.Error, path: Path) -> Exception:
    """What is raised in place of `error`; a mistake of ours is returned as it is."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(
                "Another program is writing to the library.", "Wait until it is done and try again."
            )
        case sqlite3.SQLITE_FULL:
            return StoreError(
                "The disk is full.", "Free some space and try again; what was stored before is safe."
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreError(
                f"{path} is damaged or not a library.", "Move it away or put a copy of it in its place."
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_IOERR:
            return StoreUnreachable(
                f"The library {path} cannot be read or written: {error}.",
                "Check the folder's permissions and the disk, or choose another folder.",
            )
        case sqlite3.SQLITE_TOOBIG:
            return StoreError("A value is too large to be stored.", "Split it; the limit is about 1 GB.")
        case _:
            return error
