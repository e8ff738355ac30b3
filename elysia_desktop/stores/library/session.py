"""Statements of one piece of work, and how it is stopped from outside."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

Row = tuple[Any, ...]


class TakesLonger(Exception):
    """Work has come to where it would keep others waiting."""


class Session:
    """A connection inside a transaction."""

    def __init__(self, connection: sqlite3.Connection, job: Job) -> None:
        self._connection = connection
        self._job = job

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a statement, one by one."""
        self._job.check()
        yield from self._connection.execute(sql, parameters)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """The rows of a statement."""
        self._job.check()
        return self._connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first value of the first row, or None."""
        self._job.check()
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    @property
    def is_hurried(self) -> bool:
        """Whether others wait for this thread."""
        return self._job.hurried

    def take_time(self) -> None:
        """Say that what follows takes long; raises `TakesLonger` where others wait for this thread."""
        if self._job.hurried:
            raise TakesLonger

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Change something; returns how many rows."""
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Change something once per row of parameters."""
        self._connection.executemany(sql, rows)


Work = Callable[[Session], T]


class Job:
    """One transaction that may be cancelled from another thread while it runs."""

    def __init__(self, begin: str, *, hurried: bool = False) -> None:
        self.hurried = hurried
        self._begin = begin
        self._lock = threading.Lock()
        self._running: sqlite3.Connection | None = None
        self._cancelled = False

    @property
    def writes(self) -> bool:
        """Whether the transaction changes the data."""
        return self._begin != "BEGIN"

    def run(self, connection: sqlite3.Connection, work: Work[T]) -> T:
        """Do the work; everything or nothing of it is kept."""
        self.check()
        with self._lock:
            self._running = connection
        try:
            connection.execute(self._begin)
            result = work(Session(connection, self))
            connection.execute("COMMIT")
        finally:
            # From here on an interrupt would hit the connection's next work.
            with self._lock:
                self._running = None
            if connection.in_transaction:
                connection.rollback()
        return result

    def cancel(self) -> None:
        """Stop the statement that runs and start no other."""
        with self._lock:
            self._cancelled = True
            if self._running is not None:
                self._running.interrupt()

    def check(self) -> None:
        """Raise when cancelled: an interrupt between two statements is lost."""
        if self._cancelled:
            raise sqlite3.OperationalError("interrupted")
