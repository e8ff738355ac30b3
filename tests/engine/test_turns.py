import asyncio
import threading

import pytest

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.turns import Turns


async def take(turns, name, told, pause=0.0):
    async with turns.turn():
        told.append(f"{name} begins")
        await asyncio.sleep(pause)
        told.append(f"{name} ends")


async def test_turns_are_taken_in_the_order_of_asking():
    turns, told = Turns(), []
    await asyncio.gather(*(take(turns, name, told, 0.01) for name in "abc"))
    assert told == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]
    assert not turns.is_taken


async def test_who_is_cancelled_while_waiting_lets_the_next_wait_for_the_one_before():
    turns, told = Turns(), []
    first = asyncio.create_task(take(turns, "a", told, 0.03))
    second = asyncio.create_task(take(turns, "b", told))
    third = asyncio.create_task(take(turns, "c", told))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    assert told == ["a begins", "a ends", "c begins", "c ends"]


async def test_a_failure_or_cancellation_gives_the_turn_away():
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        async with turns.turn():
            _ = 1 / 0
    task = asyncio.create_task(take(turns, "a", [], 10))
    await asyncio.sleep(0)
    assert turns.is_taken
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(1), turns.turn():
        pass
    assert not turns.is_taken


def test_turns_hold_across_event_loops_and_threads():
    turns, told = Turns(), []
    threads = [threading.Thread(target=asyncio.run, args=(take(turns, name, told, 0.01),)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    begins, ends = told[::2], told[1::2]
    assert [b.split()[0] for b in begins] == [e.split()[0] for e in ends]
    assert len(told) == 8


async def test_any_number_that_is_cancelled_while_waiting_holds_up_nobody():
    turns, told = Turns(), []
    tasks = [asyncio.create_task(take(turns, str(number), told, 0.01)) for number in range(1500)]
    await asyncio.sleep(0)
    for task in tasks[1:-1]:
        task.cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(*tasks, return_exceptions=True)
    assert told == ["0 begins", "0 ends", "1499 begins", "1499 ends"]
    assert not turns.is_taken


async def _counted(number):
    for n in range(number):
        yield n


async def _one_by_one(turns):
    async with turns.turn() as turn:
        async for item in turn.steps(_counted(3)):
            yield item


async def test_a_task_that_has_not_read_on_is_told_rather_than_left_waiting():
    turns = Turns()
    held = _one_by_one(turns)
    assert await anext(held) == 0
    with pytest.raises(RuntimeError, match="not read"):
        await anext(_one_by_one(turns))
    await held.aclose()
    assert [n async for n in _one_by_one(turns)] == [0, 1, 2]


async def test_what_a_task_dropped_unread_holds_up_nobody():
    turns = Turns()
    async for _ in _one_by_one(turns):
        break
    assert [n async for n in _one_by_one(turns)] == [0, 1, 2]
    assert not turns.is_taken


async def test_what_waits_for_its_own_end_is_refused_also_from_tasks_and_threads():
    turns = Turns()

    async def asks_again():
        async with turns.turn():
            pass

    async def work():
        for again in (
            asks_again(),
            asyncio.create_task(asks_again()),
            asyncio.to_thread(turns.refuse_blocking),
        ):
            with pytest.raises(ToolError, match="waits for it"):
                await again
            yield 1

    async with turns.turn() as turn:
        assert [n async for n in turn.steps(work())] == [1, 1, 1]
    await asks_again()


async def test_blocking_the_event_loop_that_has_the_turn_is_refused():
    turns = Turns()
    turns.refuse_blocking()
    async with turns.turn():
        with pytest.raises(RuntimeError, match="event loop"):
            turns.refuse_blocking()
        await asyncio.to_thread(turns.refuse_blocking)
    turns.refuse_blocking()


async def test_a_cancellation_that_is_swallowed_ends_the_work_at_its_next_item():
    turns, told, began = Turns(), [], asyncio.Event()

    async def stubborn():
        for n in range(9):
            try:
                if n == 1:
                    began.set()
                    await asyncio.sleep(5)
            except asyncio.CancelledError:
                told.append("swallowed")
            yield n

    async def read():
        async with turns.turn() as turn:
            async for n in turn.steps(stubborn()):
                told.append(n)  # noqa: PERF401 - what was read before the end counts

    task = asyncio.create_task(read())
    await began.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert told == [0, "swallowed"]
    assert not turns.is_taken


async def test_a_task_that_was_cancelled_before_may_still_work():
    turns, told = Turns(), []

    async def read():
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            told.extend([n async for n in _one_by_one(turns)])

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert told == [0, 1, 2]


def test_a_turn_on_an_event_loop_that_was_closed_holds_up_nobody():
    turns, told = Turns(), []
    loop = asyncio.new_event_loop()
    held = _one_by_one(turns)
    loop.run_until_complete(anext(held))
    assert turns.is_taken
    loop.close()
    assert not turns.is_taken
    asyncio.run(take(turns, "b", told))
    assert told == ["b begins", "b ends"]
