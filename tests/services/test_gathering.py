"""Pieces of a text are joined, everything else waits to be read, and leaving ends the run."""

import asyncio
from contextlib import aclosing

import pytest

from elysia_desktop.core.payloads import Status
from elysia_desktop.services.gathering import gathered, woven


def delta(text, message="m"):
    return {"type": "text_delta", "id": text, "payload": {"message_id": message, "delta": text}}


def other(kind):
    return {"type": kind, "id": kind, "payload": {}}


async def sending(*payloads):
    for payload in payloads:
        yield payload


def told(payloads):
    return [p["payload"].get("delta", p["type"]) for p in payloads]


async def read(run, seconds=0.01):
    return [payload async for payload in gathered(run, seconds)]


async def test_deltas_that_come_together_are_joined_in_order_and_nothing_overtakes():
    run = sending(
        delta("a"), delta("b"), delta("c", "other"), other("status"), delta("d"), delta("e"), other("text")
    )
    assert told(await read(run)) == ["ab", "c", "status", "de", "text"]


async def test_what_comes_later_is_not_waited_for():
    go = asyncio.Event()

    async def run():
        yield delta("first")
        await go.wait()
        yield delta("second")

    async with aclosing(gathered(run(), 0.01)) as payloads:
        async with asyncio.timeout(5):
            assert told([await anext(payloads)]) == ["first"]
        go.set()
        assert told([payload async for payload in payloads]) == ["second"]


async def test_the_run_does_not_go_on_before_a_payload_was_read():
    done = []

    async def run():
        yield delta("a")
        yield other("result")
        done.append("went on")
        yield other("text")

    async with aclosing(gathered(run(), 0.0)) as payloads:
        assert told([await anext(payloads), await anext(payloads)]) == ["a", "result"]
        await asyncio.sleep(0.01)
        assert done == []
        assert told([await anext(payloads)]) == ["text"]
        assert done == ["went on"]


async def test_what_the_run_raises_comes_after_what_it_sent():
    async def run():
        yield delta("a")
        raise ValueError("broken")

    async with aclosing(gathered(run(), 0.0)) as payloads:
        assert told([await anext(payloads)]) == ["a"]
        with pytest.raises(ValueError, match="broken"):
            await anext(payloads)


@pytest.mark.parametrize("kind", ["text_delta", "result"])
async def test_leaving_ends_the_run_before_it_returns(kind):
    ended = []

    async def run():
        try:
            yield delta("a") if kind == "text_delta" else other(kind)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ended.append(True)

    async with aclosing(gathered(run(), 0.0)) as payloads:
        await anext(payloads)
    assert ended == [True]


async def test_cancelling_again_ends_a_run_that_did_not_listen_and_waits_for_its_end():
    ended, waits = [], asyncio.Event()

    async def run():
        try:
            yield other("status")
            waits.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(60)  # it does not listen
        finally:
            ended.append(True)

    task = asyncio.create_task(read(run()))
    await asyncio.wait_for(waits.wait(), 5)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_what_is_heard_is_told_while_the_run_is_silent_and_before_what_it_sends_then():
    heard, go, done = asyncio.Queue(), asyncio.Event(), []
    said = [Status("1"), Status("2"), Status("3")]

    async def run():
        heard.put_nowait(said[0])
        yield other("a")
        done.append("went on")
        heard.put_nowait(said[1])
        await go.wait()
        yield other("b")
        heard.put_nowait(said[2])

    async with aclosing(woven(run(), heard)) as items, asyncio.timeout(5):
        assert [await anext(items), await anext(items)] == [said[0], other("a")]
        assert done == []
        assert await anext(items) is said[1]
        go.set()
        assert [item async for item in items] == [other("b"), said[2]]


async def test_leaving_what_is_woven_ends_the_run_and_its_failure_is_told():
    closed = []

    async def run(fails):
        try:
            yield other("a")
            if fails:
                raise ValueError("broken")
            await asyncio.Event().wait()
        finally:
            closed.append(fails)

    async with aclosing(woven(run(False), asyncio.Queue())) as items:
        await anext(items)
    assert closed == [False]
    with pytest.raises(ValueError, match="broken"):
        _ = [item async for item in woven(run(True), asyncio.Queue())]
    assert closed == [False, True]
