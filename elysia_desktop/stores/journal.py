"""SQLite's write-ahead log, switched on also where others are just opening the same file."""

from __future__ import annotations

import sqlite3
import time

_PAUSE = 0.02


def write_ahead(connection: sqlite3.Connection, seconds: float) -> None:
    """Keep changes in a write-ahead log; blocks for at most so many seconds while others hold the file.

    For this one step SQLite does not wait, whatever the connection's time-out: two starts at once would fail.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)
        else:
            return
