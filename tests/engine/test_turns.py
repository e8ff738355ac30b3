import asyncio
import threading

import pytest

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
