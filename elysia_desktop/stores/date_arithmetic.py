"""Dates reckoned out as SQLite does it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing


def reckoned(start: str, modifiers: Sequence[str] = ()) -> str | None:
    """The date that SQLite's `date` makes of its arguments, such as now and -1 month, in UTC; None for what is none."""
    marks = ", ".join("?" for _ in (start, *modifiers))
    with closing(sqlite3.connect(":memory:")) as nowhere:
        try:
            (found,) = nowhere.execute(f"SELECT date({marks})", (start, *modifiers)).fetchone()
        except sqlite3.Error:
            return None
    return found if isinstance(found, str) else None
