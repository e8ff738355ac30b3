import sqlite3
import threading
import time

import pytest

from elysia_desktop.stores.journal import write_ahead


@pytest.fixture
def held(tmp_path):
    """A file that another connection is writing to."""
    path = tmp_path / "a.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE t (x)")
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO t VALUES (1)")
    yield path, other
    other.close()


def test_the_log_is_switched_on_once_others_let_go_of_the_file(held):
    path, other = held
    mine = sqlite3.connect(path, timeout=0, isolation_level=None)
    ending = threading.Timer(0.1, other.execute, ["COMMIT"])
    ending.start()
    write_ahead(mine, 5)
    ending.join()
    assert mine.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert mine.execute("SELECT x FROM t").fetchall() == [(1,)]
    mine.close()


def test_who_holds_the_file_for_longer_is_told_of(held):
    path, _ = held
    mine = sqlite3.connect(path, timeout=0, isolation_level=None)
    started = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        write_ahead(mine, 0.1)
    assert time.monotonic() - started >= 0.1
    mine.close()
