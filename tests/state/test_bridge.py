"""The way across: results, errors, contexts, and ends."""

import asyncio
import gc
import threading
from contextvars import ContextVar

import pytest
from state.loops import until

from elysia_desktop.engine.hooks import in_thread
from elysia_desktop.state.bridge import Bridge, Stopped
from elysia_desktop.state.running import part_of_run

_marked = ContextVar("marked", default="nothing")


async def later(value):
    await asyncio.sleep(0)
    return value


def test_it_returns_what_the_coroutine_returns(bridge):
    assert bridge.run(later(5)) == 5


def test_it_raises_what_the_coroutine_raises(bridge):
    async def fail():
        raise ZeroDivisionError("no")

    with pytest.raises(ZeroDivisionError):
        bridge.run(fail())


def test_the_context_goes_across(bridge):
    async def read():
        return _marked.get()

    token = _marked.set("this")
    try:
        assert bridge.run(read()) == "this"
    finally:
        _marked.reset(token)


def test_all_work_runs_on_one_loop_in_one_daemon_thread(bridge):
    async def where():
        return asyncio.get_running_loop(), threading.current_thread()

    first, second = bridge.run(where()), bridge.run(where())
    assert first == second
    assert first[1].daemon


def test_on_the_loops_own_thread_it_says_what_to_do(bridge):
    async def wait():
        bridge.run(later(5))

    with pytest.raises(RuntimeError, match="Await the asynchronous method"):
        bridge.run(wait())


async def test_it_serves_a_given_loop(bridge):
    loop = asyncio.get_running_loop()
    given = Bridge(loop)

    async def where():
        return asyncio.get_running_loop()

    assert await asyncio.to_thread(lambda: given.run(where())) is loop
    given.close()
    assert loop.is_running()


def test_nothing_begins_before_the_first_use():
    before = threading.active_count()
    made = Bridge()
    assert threading.active_count() == before
    made.close()


def test_a_bridge_that_nobody_knows_any_more_ends_its_thread():
    before = set(threading.enumerate())
    made = Bridge()
    made.run(later(1))
    assert set(threading.enumerate()) > before
    del made
    gc.collect()
    until(lambda: set(threading.enumerate()) <= before)


def test_a_closed_bridge_begins_anew(bridge):
    assert bridge.run(later(1)) == 1
    bridge.close()
    assert bridge.run(later(2)) == 2


def test_closing_ends_what_waits(bridge):
    raised = []

    def work():
        try:
            bridge.run(asyncio.sleep(60))
        except BaseException as error:  # noqa: BLE001 - `Stopped` is one
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    until(lambda: bridge._all and next(iter(bridge._all))._task is not None)
    bridge.close()
    thread.join(10)
    assert isinstance(raised[0], Stopped)


def test_what_was_stopped_before_it_began_does_not_begin(bridge):
    ran = []

    async def work():
        ran.append(1)

    with part_of_run() as part:
        part.stop()
        with pytest.raises(Stopped):
            bridge.run(work())
        with pytest.raises(Stopped):
            bridge.check()
    assert ran == []
    bridge.check()


def test_stopping_reaches_what_is_begun_within_on_another_bridge(bridge):
    other, begun, outcome = Bridge(), threading.Event(), []

    async def inner():
        begun.set()
        await asyncio.sleep(60)

    async def outer():
        def work():
            try:
                other.run(inner())
            except BaseException as error:  # noqa: BLE001 - `Stopped` is one
                outcome.append(type(error))

        await asyncio.to_thread(work)

    thread = threading.Thread(target=lambda: _quietly(lambda: bridge.run(outer())))
    thread.start()
    begun.wait(10)
    bridge.stop()
    thread.join(10)
    until(lambda: outcome)
    assert outcome == [Stopped]
    other.close()


def _quietly(work):
    try:
        work()
    except Stopped:
        return


async def test_running_turns_being_stopped_into_stopped_and_the_task_goes_on():
    bridge = Bridge(asyncio.get_running_loop())
    asyncio.get_running_loop().call_later(0.01, bridge.stop)
    with pytest.raises(Stopped), bridge.running():
        await asyncio.sleep(60)
    await asyncio.sleep(0)
    assert asyncio.current_task().cancelling() == 0


async def test_what_ended_before_it_could_be_stopped_is_left_alone():
    bridge = Bridge(asyncio.get_running_loop())
    failed = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    with bridge.running():
        bridge.stop()
    await asyncio.sleep(0.01)
    assert asyncio.current_task().cancelling() == 0
    assert failed == []


async def test_runs_within_runs_leave_the_task_as_it_was():
    bridge = Bridge(asyncio.get_running_loop())
    asyncio.get_running_loop().call_later(0.01, bridge.stop)
    with pytest.raises(Stopped), bridge.running(), bridge.running(), bridge.running():
        await asyncio.sleep(60)
    assert asyncio.current_task().cancelling() == 0
    async with asyncio.timeout(10):
        await asyncio.sleep(0)


async def test_a_task_that_is_cancelled_from_outside_stays_cancelled():
    bridge = Bridge(asyncio.get_running_loop())

    async def work():
        with bridge.running():
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_what_a_cancelled_task_has_begun_in_threads_is_stopped():
    bridge = Bridge(asyncio.get_running_loop())
    begun, go_on, outcome = threading.Event(), threading.Event(), []

    def block():
        begun.set()
        go_on.wait(10)
        try:
            bridge.check()
        except Stopped:
            outcome.append("stopped")

    async def work():
        with bridge.running():
            await in_thread(block)

    task = asyncio.create_task(work())
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.wait([task])
    go_on.set()
    await asyncio.to_thread(until, lambda: outcome)
    assert outcome == ["stopped"]


def test_a_way_of_its_own_leads_to_the_same_loop_and_ends_alone(bridge):
    own = Bridge(parent=bridge)

    async def where():
        return asyncio.get_running_loop()

    assert not own.has_begun
    assert own.run(where()) is bridge.run(where())
    assert own.has_begun
    own.close()
    assert bridge.run(later(5)) == own.run(later(5)) == 5
