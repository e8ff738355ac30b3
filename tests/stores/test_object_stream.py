"""A stream of objects is read in a thread, in order, and no further once that is cancelled."""

import asyncio
import threading
from itertools import islice

import pytest

from elysia_desktop.stores.object_stream import ObjectStream


async def test_objects_are_read_in_order_with_their_places():
    stream = ObjectStream("abc")
    assert await stream.read(lambda source: list(islice(source, 2))) == [(0, "a"), (1, "b")]
    assert await stream.read(list) == [(2, "c")]
    assert await stream.read(list) == []


async def test_nobody_reads_any_more_when_a_cancelled_reading_returns():
    reading, go, seen = threading.Event(), threading.Event(), []

    def source():
        for n in range(1000):
            seen.append(n)
            yield n
            reading.set()
            go.wait(30)

    made = source()
    task = asyncio.create_task(ObjectStream(made).read(list))
    assert await asyncio.to_thread(reading.wait, 30)
    task.cancel()
    await asyncio.sleep(0.05)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    made.close()
    assert seen == [0, 1]


async def test_what_the_stream_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        await ObjectStream(1 // n for n in [1, 0]).read(list)
