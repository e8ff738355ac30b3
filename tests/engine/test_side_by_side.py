import asyncio
from contextlib import aclosing
from functools import partial

import pytest

from elysia_desktop.engine.side_by_side import side_by_side

pytestmark = pytest.mark.usefixtures("nothing_left")


async def test_results_come_in_order_whoever_is_done_first():
    first_may_end = asyncio.Event()

    async def slow():
        await first_may_end.wait()
        return "slow"

    async def quick():
        first_may_end.set()
        return "quick"

    assert [each async for each in side_by_side([slow, quick], 2, "works")] == ["slow", "quick"]


async def test_no_more_run_at_once_than_may():
    now, most = 0, 0

    async def work(number):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return number

    works = [partial(work, number) for number in range(9)]
    assert [each async for each in side_by_side(works, 3, "works")] == list(range(9))
    assert most == 3


async def test_who_stops_listening_stops_the_work():
    stopped = []

    async def forever():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.append(True)
            raise

    async def quick():
        return 1

    async with aclosing(side_by_side([quick, forever, forever], 3, "works")) as results:
        assert await anext(results) == 1
    assert stopped == [True, True]


async def test_a_failure_stops_the_others_and_is_told():
    async def fails():
        raise ValueError("no")

    async def forever():
        await asyncio.Event().wait()

    with pytest.raises(ValueError, match="no"):
        [each async for each in side_by_side([fails, forever], 2, "works")]
