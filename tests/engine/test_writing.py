import asyncio
from contextlib import aclosing

import pytest

from elysia_desktop.engine.writing import Writing

pytestmark = pytest.mark.usefixtures("nothing_left")


async def test_deltas_come_while_the_work_goes_on():
    seen = asyncio.Event()

    async def work(on_delta):
        on_delta("a")
        await seen.wait()
        on_delta("b")
        return 3

    writing = Writing(work)
    got = []
    async for delta in writing:
        got.append(delta)
        seen.set()
    assert (got, writing.result) == (["a", "b"], 3)


async def test_a_failure_is_raised_after_what_was_written():
    async def work(on_delta):
        on_delta("a")
        raise ValueError("no")

    deltas = aiter(Writing(work))
    assert await anext(deltas) == "a"
    with pytest.raises(ValueError, match="no"):
        await anext(deltas)


async def test_leaving_early_cancels_the_work():
    cancelled = asyncio.Event()

    async def work(on_delta):
        on_delta("a")
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    async with aclosing(aiter(Writing(work))) as deltas:
        async for _ in deltas:
            break
    assert cancelled.is_set()


async def test_cancelling_cancels_the_work():
    cancelled = asyncio.Event()

    async def work(on_delta):
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    async def read():
        async for _ in Writing(work):
            pass

    task = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.is_set()


async def test_a_failure_that_nobody_waits_for_is_no_warning():
    async def work(on_delta):
        on_delta("a")
        on_delta("b")
        raise ValueError

    async with aclosing(aiter(Writing(work))) as deltas:
        async for _ in deltas:
            await asyncio.sleep(0.01)
            break
