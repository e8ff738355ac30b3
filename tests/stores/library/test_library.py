import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from elysia_desktop.core.errors import QueryRejected, StoreUnreachable
from elysia_desktop.core.requests import AggregateRequest, QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.base import Store
from elysia_desktop.stores.library import Library

NUMBERS = CollectionSchema(
    name="Numbers", properties=(Property(name="n", type="int"), Property(name="text", type="text"))
)


@pytest.fixture
async def numbers(library):
    await library.create(NUMBERS)
    return library


def rows(start=0, stop=None):
    source = count(start) if stop is None else range(start, stop)
    return ({"n": n, "text": f"number {n}"} for n in source)


async def size(library):
    return (await library.aggregate(AggregateRequest(collection="Numbers"))).count


def test_the_library_is_a_store(tmp_path):
    store: Store = Library(tmp_path / "new")
    assert store
    assert list(tmp_path.iterdir()) == []


async def test_progress_is_told_in_the_thread_of_the_loop_after_each_batch(numbers):
    told = []
    report = await numbers.insert(
        "Numbers", rows(0, 2500), progress=lambda done: told.append((done, threading.current_thread()))
    )
    assert told == [(n, threading.main_thread()) for n in (1000, 2000, 2500)]
    assert report.inserted == 2500


async def test_objects_are_taken_outside_the_thread_of_the_loop(numbers):
    threads = set()

    def source():
        for n in range(10):
            threads.add(threading.current_thread())
            yield {"n": n}

    await numbers.insert("Numbers", source())
    assert threading.main_thread() not in threads


async def test_a_source_that_fails_keeps_what_was_acknowledged(numbers):
    def source():
        yield from rows(0, 1500)
        raise OSError("the file ended")

    told = []
    with pytest.raises(OSError, match="the file ended"):
        await numbers.insert("Numbers", source(), progress=told.append)
    assert told == [1000]
    assert await size(numbers) == 1000


async def test_a_cancelled_insert_keeps_what_was_acknowledged(numbers):
    told, enough = [], asyncio.Event()

    def progress(done):
        told.append(done)
        if done >= 3000:
            enough.set()

    task = asyncio.create_task(numbers.insert("Numbers", rows(), progress=progress))
    await enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = await size(numbers)
    assert found >= told[-1]
    assert found % 1000 == 0
    await numbers.insert("Numbers", rows(0, 10))
    assert await size(numbers) == found + 10


async def test_a_cancelled_insert_has_done_reading_what_it_is_given(numbers):
    reading, go, seen = threading.Event(), threading.Event(), []

    def source():
        for n in range(5000):
            if n == 1500:
                reading.set()
                go.wait(30)
            seen.append(n)
            yield {"n": n}

    stream = source()
    task = asyncio.create_task(numbers.insert("Numbers", stream))
    assert await asyncio.to_thread(reading.wait, 30)
    task.cancel()
    await asyncio.sleep(0.05)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    stream.close()
    assert seen == list(range(1501))
    assert await size(numbers) == 1000


@pytest.mark.parametrize(
    "properties",
    [
        (Property(name="text", type="text"), Property(name="n", type="int")),
        (Property(name="other", type="int"),),
        NUMBERS.properties,
        None,
    ],
)
async def test_what_is_dropped_during_an_insert_does_not_get_the_rest(numbers, properties):
    loop, told, go = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def source():
        yield from rows(0, 2000)
        loop.call_soon_threadsafe(told.set)
        go.wait(30)
        yield from rows(2000, 3500)

    task = asyncio.create_task(numbers.insert("Numbers", source()))
    await told.wait()
    await numbers.drop("Numbers")
    if properties is not None:
        await numbers.create(NUMBERS.model_copy(update={"properties": properties}))
    go.set()
    with pytest.raises(QueryRejected, match="“Numbers” was dropped meanwhile") as caught:
        await task
    assert caught.value.hint
    assert [info.count for info in await numbers.collections()] == [0] * (properties is not None)


async def test_a_scan_does_not_go_on_in_another_collection(numbers):
    await numbers.insert("Numbers", rows(0, 1200))
    scan = numbers.scan("Numbers")
    await anext(scan)
    await numbers.drop("Numbers")
    await numbers.create(NUMBERS)
    await numbers.insert("Numbers", rows(0, 1200))
    with pytest.raises(QueryRejected, match="was dropped meanwhile"):
        [o async for o in scan]


async def test_many_read_while_one_writes_and_always_see_whole_batches(numbers):
    writing = asyncio.create_task(numbers.insert("Numbers", rows(0, 8000)))
    seen = []

    async def read():
        while not writing.done():
            page = await numbers.query(QueryRequest(collection="Numbers", search="keyword", text="number"))
            counted = await size(numbers)
            assert page.total <= counted
            seen.append(counted)

    await asyncio.gather(*(read() for _ in range(6)))
    assert (await writing).inserted == 8000
    assert all(n % 1000 == 0 for n in seen)
    assert await size(numbers) == 8000


async def test_the_loop_goes_on_while_the_library_works(numbers):
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await numbers.insert("Numbers", rows(0, 5000))
    ticking.cancel()
    assert ticks > 10


async def test_inserts_at_the_same_time_do_not_mix(numbers):
    reports = await asyncio.gather(*(numbers.insert("Numbers", rows(n, n + 1500)) for n in (0, 5000, 9000)))
    assert [r.inserted for r in reports] == [1500] * 3
    assert await size(numbers) == 4500


async def test_another_process_reads_and_writes(numbers, tmp_path):
    await numbers.insert("Numbers", rows(0, 5))
    script = (
        "import asyncio, sys; from pathlib import Path; from elysia_desktop.stores.library import Library\n"
        "async def main():\n"
        "    library = Library(Path(sys.argv[1]))\n"
        "    print((await library.collections())[0].count)\n"
        "    await library.insert('Numbers', [{'n': 99}])\n"
        "    await library.close()\n"
        "asyncio.run(main())"
    )
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script, str(tmp_path / "library")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == "5\n"
    assert await size(numbers) == 6


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills in other ways")
@pytest.mark.parametrize("batches", [1, 3])
async def test_what_was_acknowledged_survives_a_kill(tmp_path, batches):
    script = Path(__file__).with_name("ingest.py")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(tmp_path), stdout=subprocess.PIPE, env=environment
    )
    acknowledged = 0
    for _ in range(batches):
        acknowledged = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    acknowledged = int(rest.split()[-1]) if rest.split() else acknowledged

    library = Library(tmp_path)
    stored = [o["n"] async for o in library.scan("Numbers")]
    assert len(stored) >= acknowledged >= 1000
    assert stored == list(range(len(stored)))
    page = await library.query(QueryRequest(collection="Numbers", search="keyword", text="number"))
    assert page.total == len(stored)
    assert (await library.insert("Numbers", rows(0, 10))).inserted == 10
    await library.close()
    with closing(sqlite3.connect(tmp_path / "library.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        # Compares the full-text index with the objects; raises when they differ.
        connection.execute("INSERT INTO search_1 (search_1, rank) VALUES ('integrity-check', 1)")


async def test_closing_releases_everything_and_refuses_more(numbers, tmp_path):
    await numbers.insert("Numbers", rows(0, 10))
    await numbers.close()
    assert [p.name for p in (tmp_path / "library").iterdir()] == ["library.db"]
    assert not [t for t in threading.enumerate() if t.name.startswith("library-")]
    with pytest.raises(StoreUnreachable, match="closed"):
        await numbers.collections()


async def test_a_dropped_collection_gives_its_space_back(numbers, tmp_path):
    file = tmp_path / "library" / "library.db"
    await numbers.insert("Numbers", ({"text": f"{n} word" * 100} for n in range(5000)))
    await numbers.drop("Numbers")
    await numbers.close()
    assert file.stat().st_size < 200_000
