import asyncio
import os
import sqlite3
import threading

import pytest

from elysia_desktop.core.errors import StoreError, StoreUnreachable
from elysia_desktop.stores.library.database import Database

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
async def database(tmp_path):
    opened = Database(tmp_path / "deep" / "library.db", lambda _: None)
    yield opened
    await opened.close()


async def started(task):
    await asyncio.sleep(0.05)
    assert not task.done()
    return task


async def test_nothing_is_on_disk_before_the_first_use(tmp_path, database):
    assert list(tmp_path.iterdir()) == []
    assert await database.read(lambda session: session.value("PRAGMA journal_mode")) == "wal"
    assert (tmp_path / "deep" / "library.db").exists()


async def test_a_cancelled_read_stops_inside_its_statement(database):
    task = await started(asyncio.create_task(database.read(lambda session: session.rows(ENDLESS))))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # All readers are free again: none is left counting.
    found = await asyncio.gather(
        *(database.read(lambda session: session.value("SELECT 7")) for _ in range(8))
    )
    assert found == [7] * 8


async def test_who_takes_long_keeps_no_one_waiting(database):
    threads, go = set(), threading.Event()

    def long(session):
        threads.add(threading.current_thread().name.rpartition("_")[0])
        session.take_time()
        go.wait(30)
        return session.value("SELECT 1")

    tasks = [asyncio.create_task(database.read(long)) for _ in range(6)]
    async with asyncio.timeout(10):
        found = [database.read(lambda session: session.value("SELECT 7")) for _ in range(8)]
        assert await asyncio.gather(*found) == [7] * 8
    assert not any(task.done() for task in tasks)
    go.set()
    assert await asyncio.gather(*tasks) == [1] * 6
    assert threads == {"library-read", "library-load"}


async def test_a_cancelled_read_starts_no_further_statement(database):
    ready, go, statements = threading.Event(), threading.Event(), []

    def work(session):
        ready.set()
        go.wait(5)
        statements.append(session.value("SELECT 1"))

    task = asyncio.create_task(database.read(work))
    await asyncio.to_thread(ready.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    await database.close()
    assert statements == []


async def test_a_cancelled_write_that_has_begun_is_finished_first(database):
    ready, go = threading.Event(), threading.Event()

    def work(session):
        ready.set()
        go.wait(5)
        session.run("CREATE TABLE kept (a)")

    task = asyncio.create_task(database.write(work))
    await asyncio.to_thread(ready.wait, 5)
    task.cancel()
    await started(task)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.read(lambda session: session.value("SELECT count(*) FROM kept")) == 0


async def test_a_cancelled_write_that_waits_is_never_begun(database):
    go, begun = threading.Event(), []
    first = asyncio.create_task(database.write(lambda session: go.wait(5)))
    second = await started(asyncio.create_task(database.write(lambda session: begun.append(1))))
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go.set()
    assert await first
    assert begun == []


async def test_a_write_that_fails_leaves_nothing_behind(database):
    def work(session):
        session.run("CREATE TABLE half (a)")
        raise StoreError("Enough.")

    with pytest.raises(StoreError, match="Enough"):
        await database.write(work)
    assert (
        await database.read(lambda session: session.rows("SELECT 1 FROM sqlite_master WHERE name = 'half'"))
        == []
    )


async def test_a_reader_cannot_write_and_a_mistake_in_sql_is_not_disguised(database):
    with pytest.raises(StoreUnreachable, match="cannot be read or written"):
        await database.read(lambda session: session.run("CREATE TABLE a (a)"))
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.read(lambda session: session.rows("SELECT * FROM absent"))


async def test_closing_stops_reads_and_refuses_more(database):
    reading = await started(asyncio.create_task(database.read(lambda session: session.rows(ENDLESS))))
    await database.close()
    with pytest.raises(StoreUnreachable, match="The library is closed"):
        await reading
    for use in (database.read, database.write):
        with pytest.raises(StoreUnreachable, match="The library is closed"):
            await use(lambda session: None)
    await database.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("library-")]


async def test_closing_finishes_the_write_that_runs_and_refuses_those_that_wait(database):
    ready, go, begun = threading.Event(), threading.Event(), []

    def work(session):
        ready.set()
        return go.wait(5)

    first = asyncio.create_task(database.write(work))
    await asyncio.to_thread(ready.wait, 5)
    second = await started(asyncio.create_task(database.write(lambda session: begun.append(1))))
    closing = await started(asyncio.create_task(database.close()))
    go.set()
    assert await first is True
    with pytest.raises(StoreUnreachable, match="closed"):
        await second
    await closing
    assert begun == []


async def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    database = Database(tmp_path / "file" / "library.db", lambda _: None)
    with pytest.raises(StoreUnreachable, match="cannot be used") as caught:
        await database.read(lambda session: None)
    assert "another folder" in caught.value.hint
    await database.close()


async def test_a_file_that_is_no_library_is_told(tmp_path):
    (tmp_path / "library.db").write_bytes(os.urandom(8192))
    database = Database(tmp_path / "library.db", lambda _: None)
    for _ in range(2):
        with pytest.raises(StoreError, match="is damaged or not a library"):
            await database.read(lambda session: None)
    await database.close()


async def test_a_file_of_a_newer_program_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "library.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    database = Database(tmp_path / "library.db", lambda _: None)
    with pytest.raises(StoreError, match="newer version of this program"):
        await database.write(lambda session: None)
    await database.close()
