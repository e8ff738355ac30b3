import sqlite3
from contextlib import closing

import pytest

from elysia_desktop.stores.library.session import Job


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def test_work_is_kept_as_a_whole_or_not_at_all(connection):
    def fails(session):
        session.run("CREATE TABLE t (a)")
        raise ValueError

    with pytest.raises(ValueError):
        Job("BEGIN IMMEDIATE").run(connection, fails)
    Job("BEGIN IMMEDIATE").run(connection, lambda session: session.run("CREATE TABLE t (a)"))
    Job("BEGIN IMMEDIATE").run(
        connection, lambda session: session.run_many("INSERT INTO t VALUES (?)", [(1,), (2,)])
    )
    assert Job("BEGIN").run(connection, lambda session: list(session.each("SELECT a FROM t"))) == [(1,), (2,)]
    assert Job("BEGIN").run(connection, lambda session: session.value("SELECT a FROM t WHERE a > 5")) is None


def test_a_job_cancelled_before_it_began_does_nothing(connection):
    job = Job("BEGIN")
    job.cancel()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        job.run(connection, lambda session: session.rows("SELECT 1"))
    assert not connection.in_transaction


def test_a_cancel_after_the_end_does_not_touch_the_next_work(connection):
    first = Job("BEGIN")
    first.run(connection, lambda session: session.rows("SELECT 1"))
    first.cancel()
    assert Job("BEGIN").run(connection, lambda session: session.value("SELECT 2")) == 2
