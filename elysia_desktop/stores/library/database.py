"""The SQLite file: one writer, several readers, all in threads of their own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from elysia_desktop.core.errors import StoreError, StoreUnreachable
from elysia_desktop.stores.library.failures import closed, told
from elysia_desktop.stores.library.migrations import migrate
from elysia_desktop.stores.library.session import Job, TakesLonger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elysia_desktop.stores.library.session import Work

T = TypeVar("T")

_READERS = 4
_BUSY_SECONDS = 15.0


class Database:
    """Runs work on the file's connections; nothing is touched on disk before the first.

    A read sees one state of the data and stops inside a statement when its task is cancelled. A write
    is one transaction; a cancelled one that has begun is waited for, so the caller knows what is kept.
    """

    def __init__(self, path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self._path = path
        self._prepare = prepare
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="library-read")
        self._patient = ThreadPoolExecutor(_READERS, thread_name_prefix="library-load")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="library-write")
        self._own = threading.local()
        self._lock = threading.Lock()
        # Not the same lock: connecting may wait for another process, and the event loop takes the other.
        self._connecting = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        self._jobs: set[Job] = set()
        self._migrated = False
        self._closed = False

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a reading transaction; where it takes long, anew in a thread that no one else waits for."""
        with suppress(TakesLonger):
            return await self._read(self._readers, Job("BEGIN", hurried=True), work)
        return await self._read(self._patient, Job("BEGIN"), work)

    async def _read(self, pool: ThreadPoolExecutor, job: Job, work: Work[T]) -> T:
        future = self._submit(pool, job, work, writes=False)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            job.cancel()
            raise

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction, which is kept for good when this returns."""
        future = self._submit(self._writer, Job("BEGIN IMMEDIATE"), work, writes=True)
        outcome = asyncio.wrap_future(future)
        try:
            return await asyncio.shield(outcome)
        except asyncio.CancelledError:
            if not future.cancel():
                await asyncio.wait([outcome])
            raise

    async def close(self) -> None:
        """Stop reads, finish the write that runs, release everything."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._lock:
            self._closed = True
            reading = [job for job in self._jobs if not job.writes]
        for job in reading:
            job.cancel()
        self._readers.shutdown()
        self._patient.shutdown()
        self._writer.shutdown()
        while self._open:
            self._open.pop().close()

    def _submit(self, pool: ThreadPoolExecutor, job: Job, work: Work[T], *, writes: bool) -> Future[T]:
        with self._lock:
            if self._closed:
                raise closed()
            return pool.submit(self._run, job, work, writes)

    def _run(self, job: Job, work: Work[T], writes: bool) -> T:
        with self._lock:
            if self._closed:  # it waited in the queue meanwhile
                raise closed()
            self._jobs.add(job)
        try:
            return job.run(self._connection(writes), work)
        except sqlite3.Error as error:
            if self._closed:
                raise closed() from error
            raise told(error, self._path) from error
        finally:
            with self._lock:
                self._jobs.discard(job)

    def _connection(self, writes: bool) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            with self._connecting:
                connection = self._own.connection = self._connect(writes)
        return connection

    def _connect(self, writes: bool) -> sqlite3.Connection:
        if not self._migrated:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreUnreachable(
                    f"The folder {self._path.parent} cannot be used: {error.strerror}.",
                    "Choose another folder for the library.",
                ) from error
        # Closed and interrupted from other threads, therefore not bound to this one.
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            if not self._migrated:
                migrate(connection, _BUSY_SECONDS)
                self._migrated = True
            # A transaction survives the end of the process; after a power cut the last ones may be
            # missing, the file is sound. FULL would cost one disk flush per batch.
            connection.execute("PRAGMA synchronous = NORMAL")
            # 32 MB between checkpoints instead of 4: a third less time for a large insert.
            connection.execute("PRAGMA wal_autocheckpoint = 8000")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -16000")
            # Reading through the mapped file halves the time of a query that visits many rows.
            connection.execute(f"PRAGMA mmap_size = {0 if writes else 2**30}")
            connection.execute("PRAGMA analysis_limit = 400")
            connection.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
            self._prepare(connection)
        except (sqlite3.Error, StoreError):
            connection.close()
            raise
        self._open.append(connection)
        return connection
