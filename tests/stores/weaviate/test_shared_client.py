"""Threads share one blocking client, which is never closed under a user."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from stores.weaviate.fakes import Clock, Shared, endpoint


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def shared(clock):
    return Shared(clock)


def test_it_is_opened_on_first_use_and_shared(shared):
    assert shared.opened == []
    with shared.use(endpoint()) as first, shared.use(endpoint()) as second:
        assert first is second is shared.get(endpoint())
    assert shared.is_open
    assert len(shared.opened) == 1


def test_threads_that_come_at_once_open_one(shared):
    together = Barrier(8)

    def come(_):
        together.wait()
        with shared.use(endpoint()) as client:
            return client

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(come, range(8)))) == 1


def test_what_is_replaced_is_closed_when_its_last_user_leaves(shared):
    with shared.use(endpoint()) as old:
        with shared.use(endpoint()):
            shared.replace(endpoint())
        assert not old.is_closed
        with shared.use(endpoint()) as new:
            assert new is not old
    assert old.is_closed
    assert not new.is_closed


def test_another_endpoint_gets_another_client(shared):
    old = shared.get(endpoint(1))
    new = shared.get(endpoint(2))
    assert old.is_closed
    assert not new.is_closed


def test_it_is_given_back_when_its_user_fails(shared):
    with pytest.raises(ZeroDivisionError), shared.use(endpoint()) as client:
        raise ZeroDivisionError
    shared.end()
    assert client.is_closed


def test_only_what_nobody_used_for_long_is_ended(shared, clock):
    assert not shared.end_if_idle(60)
    client = shared.get(endpoint())
    clock.now += 60
    assert not shared.end_if_idle(60)
    with shared.use(endpoint()):
        clock.now += 61
        assert not shared.end_if_idle(60)
    assert not shared.end_if_idle(60), "it was used until now"
    clock.now += 61
    assert shared.end_if_idle(60)
    assert client.is_closed
    assert not shared.is_open
    assert shared.get(endpoint()) is not client
