"""The file of conversations and the thread that works on it: opening, repairing, transactions."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from elysia_desktop.core.errors import StoreError
from elysia_desktop.stores.conversation_opening import (
    as_store_error,
    is_damage,
    open_database,
    rebuild_index,
    set_aside,
)
from elysia_desktop.stores.conversation_schema import transaction

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

KEPT_IN_TRASH = timedelta(days=30)


class ConversationFile:
    """Runs work on one profile's file of conversations, which is made when it is first needed.

    Nothing here waits on the caller's thread; errors are `StoreError`. The first one to work on the file empties
    the trash of what has been in it for 30 days.
    """

    def __init__(
        self, path: Path, *, busy_timeout: float = 5.0, now: Callable[[], datetime] | None = None
    ) -> None:
        self.path = path
        self.notice = ""
        """What became of a damaged file; empty when all is well."""
        self._busy_timeout = busy_timeout
        self._now = now or (lambda: datetime.now(UTC))
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversations")
        self._database: sqlite3.Connection | None = None
        self._is_closed = False

    async def read(self, work: Work[T]) -> T:
        """Run `work` without a transaction."""
        return await self.in_thread(lambda: self._guarded(work))

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; when this returns it survives a crash and a power cut."""

        def in_transaction(database: sqlite3.Connection) -> T:
            with transaction(database):
                return work(database)

        return await self.read(in_transaction)

    async def note(self, work: Work[T]) -> T:
        """Run `work` in a transaction that survives the process, but perhaps no power cut: the disk is not waited for."""

        def unsynced(database: sqlite3.Connection) -> T:
            database.execute("PRAGMA synchronous = NORMAL")
            try:
                with transaction(database):
                    return work(database)
            finally:
                database.execute("PRAGMA synchronous = FULL")

        return await self.read(unsynced)

    async def in_thread(self, call: Callable[[], T]) -> T:
        """Call something on the thread, after all that was asked for before."""
        if self._is_closed:
            raise StoreError("The conversations are closed.", "Start the application again.")
        return await asyncio.get_running_loop().run_in_executor(self._worker, call)

    def time(self) -> str:
        """The moment, as it is kept: text that sorts by time."""
        return _kept(self._now())

    async def close(self) -> None:
        """Finish what was asked for and release the file."""
        if self._is_closed:
            return
        self._is_closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._worker, self._release)
        self._worker.shutdown()

    def _guarded(self, work: Work[T]) -> T:
        try:
            return work(self._opened())
        except sqlite3.ProgrammingError:  # a bug, which nobody outside can mend
            raise
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise StoreError(*self._repair()) from error
            raise as_store_error(error, self.path) from error

    def _opened(self) -> sqlite3.Connection:
        if self._database is None:
            try:
                self._database = open_database(self.path, self._busy_timeout)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self.notice = set_aside(self.path)
                self._database = open_database(self.path, self._busy_timeout)
            # What cannot be removed today, on a full disk or beside another program's lock, goes another day.
            with contextlib.suppress(sqlite3.OperationalError), transaction(self._database):
                before = _kept(self._now() - KEPT_IN_TRASH)
                self._database.execute("DELETE FROM conversations WHERE deleted_at < ?", (before,))
        return self._database

    def _repair(self) -> tuple[str, str]:
        """Make a broken search index anew, or set a broken file aside; returns what to tell."""
        if self._database is not None and rebuild_index(self._database):
            return "The search index was damaged and has been made anew.", "Try again."
        self._release()
        self.notice = set_aside(self.path)
        return self.notice, "Try again: a new file is begun."

    def _release(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


class ConversationPart:
    """Something that is kept in the file of conversations."""

    def __init__(self, file: ConversationFile) -> None:
        self._file = file


def _kept(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
