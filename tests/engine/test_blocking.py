import asyncio
import contextvars
import signal
import sys
import threading

import pytest

from elysia_desktop.engine.blocking import run_blocking

PLACE = contextvars.ContextVar("place", default="nowhere")


async def double(number):
    await asyncio.sleep(0)
    return number * 2


async def fail():
    await asyncio.sleep(0)
    raise LookupError("not here")


def test_without_a_loop_the_result_comes_back():
    assert run_blocking(double(21)) == 42


async def test_within_a_running_loop_too():
    assert run_blocking(double(21)) == 42


def test_a_failure_is_raised_as_it_is():
    with pytest.raises(LookupError, match="not here"):
        run_blocking(fail())


async def test_a_failure_is_raised_within_a_running_loop_too():
    with pytest.raises(LookupError, match="not here"):
        run_blocking(fail())


async def test_within_a_running_loop_the_work_sees_the_callers_context(nothing_left):
    async def place():
        return PLACE.get()

    PLACE.set("here")
    assert run_blocking(place()) == "here"


@pytest.mark.skipif(sys.platform == "win32", reason="signals to a thread are POSIX")
async def test_an_interruption_within_a_running_loop_cancels_the_work(nothing_left):
    ended = []

    async def wait_for_ever():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_blocking(wait_for_ever())
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended == ["cancelled"]
