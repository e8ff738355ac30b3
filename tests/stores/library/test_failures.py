import sqlite3
from pathlib import Path

import pytest

from elysia_desktop.stores.library.failures import told


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (sqlite3.SQLITE_BUSY, "Another program is writing"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "Another program is writing"),
        (sqlite3.SQLITE_FULL, "The disk is full"),
        (sqlite3.SQLITE_CORRUPT, "is damaged or not a library"),
        (sqlite3.SQLITE_IOERR_WRITE, "cannot be read or written"),
        (sqlite3.SQLITE_TOOBIG, "too large"),
    ],
)
def test_what_a_person_can_mend_is_told_with_what_to_do(code, message):
    error = sqlite3.OperationalError("raw")
    error.sqlite_errorcode = code
    said = told(error, Path("library.db"))
    assert message in str(said)
    assert said.hint


def test_a_mistake_of_ours_stays_what_it_is():
    error = sqlite3.OperationalError("no such table")
    assert told(error, Path("library.db")) is error
