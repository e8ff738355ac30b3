"""The coroutines of an event loop share one client, which is never closed under a user."""

import asyncio

import pytest
from stores.weaviate.fakes import Clock, SharedAsync, endpoint


async def a_step():
    await asyncio.sleep(0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shared(clock):
    return SharedAsync(clock, a_step)


async def test_coroutines_that_come_at_once_open_one(shared):
    async def come():
        async with shared.use(endpoint()) as client:
            await asyncio.sleep(0)
            return client

    assert len(set(await asyncio.gather(*(come() for _ in range(8)), shared.get(endpoint())))) == 1
    assert len(shared.opened) == 1
    assert shared.is_open


async def test_what_is_replaced_is_closed_when_its_last_user_leaves(shared):
    async with shared.use(endpoint()) as old:
        await shared.put(await shared.open(endpoint()))
        assert not old.is_closed
        async with shared.use(endpoint()) as new:
            assert new is not old
    assert old.is_closed
    assert not new.is_closed


async def test_a_client_that_is_dropped_is_replaced_at_the_next_use(shared):
    async with shared.use(endpoint()) as old:
        await shared.drop(old)
        assert not old.is_closed
        new = await shared.get(endpoint())
        assert new is not old
    assert old.is_closed
    await shared.drop(old)
    assert await shared.get(endpoint()) is new


async def test_another_endpoint_gets_another_client(shared):
    old = await shared.get(endpoint(1))
    assert not (await shared.get(endpoint(2))).is_closed
    assert old.is_closed


async def test_one_who_gives_up_waiting_leaves_it_to_the_others():
    release = asyncio.Event()
    shared = SharedAsync(Clock(), release.wait)
    first, second = (asyncio.create_task(shared.get(endpoint())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    release.set()
    assert not (await second).is_closed
    assert first.cancelled()


async def test_what_could_not_be_opened_is_tried_again(shared):
    shared.failing = True
    with pytest.raises(ConnectionError):
        await shared.get(endpoint())
    assert not shared.is_open
    shared.failing = False
    assert not (await shared.get(endpoint())).is_closed


async def test_one_that_is_being_opened_is_closed_too(shared):
    opening = asyncio.create_task(shared.get(endpoint()))
    await asyncio.sleep(0)
    await shared.put(None)
    assert (await opening).is_closed
    assert not shared.is_open


async def test_only_what_nobody_used_for_long_is_ended(shared, clock):
    assert not await shared.end_if_idle(60)
    async with shared.use(endpoint()) as client:
        clock.now += 61
        assert not await shared.end_if_idle(60)
    assert not await shared.end_if_idle(60), "it was used until now"
    clock.now += 61
    assert await shared.end_if_idle(60)
    assert client.is_closed
    assert await shared.get(endpoint()) is not client


def test_each_event_loop_has_its_own(clock):
    shared = SharedAsync(clock, a_step)

    async def come():
        return await shared.get(endpoint())

    assert asyncio.run(come()) is not asyncio.run(come())
    assert len(shared.opened) == 2
    assert len(shared._places) == 1, "what a loop that ended had is forgotten"
