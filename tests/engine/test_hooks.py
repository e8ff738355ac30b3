import asyncio
import threading
from contextvars import ContextVar

import pytest

from elysia_desktop.engine.hooks import call_hook

LOOKED_UP = ContextVar("looked_up", default="outside")


async def test_a_hook_is_given_what_its_signature_accepts():
    def few(state, *, out=None):
        return state, out

    def everything(state, **rest):
        return state, rest

    async def placed(call_id, /, state):
        return call_id, state

    available = {"call_id": "1", "state": "s", "extra": {}, "out": "o"}
    assert await call_hook(few, **available) == ("s", "o")
    assert await call_hook(everything, **available) == ("s", {"call_id": "1", "extra": {}, "out": "o"})
    assert await call_hook(placed, **available) == ("1", "s")
    assert await call_hook(lambda: 3, **available) == 3


async def test_what_is_wanted_and_not_there_is_an_error():
    with pytest.raises(TypeError, match="wanted"):
        await call_hook(lambda wanted: wanted, state=1)


async def test_what_blocks_runs_beside_the_event_loop_with_its_context():
    LOOKED_UP.set("inside")
    opened = threading.Event()

    def waits():
        assert opened.wait(5)
        return LOOKED_UP.get(), threading.current_thread().daemon

    waiting = asyncio.create_task(call_hook(waits))
    await asyncio.sleep(0)
    opened.set()
    assert await waiting == ("inside", True)


async def test_what_is_asynchronous_runs_on_the_event_loop():
    class Callable:
        async def __call__(self):
            return threading.current_thread()

    async def here():
        return threading.current_thread()

    def later():
        return here()

    for function in (Callable(), here, later):
        assert await call_hook(function) is threading.current_thread()


async def test_as_many_as_wait_for_one_another_all_run():
    def nested(depth):
        if depth:
            asyncio.run_coroutine_threadsafe(call_hook(nested, depth=depth - 1), loop).result(10)
        return depth

    loop = asyncio.get_running_loop()
    assert await call_hook(nested, depth=60) == 60


class Ended(BaseException):
    pass


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (ValueError("no"), ValueError),
        (Ended(), Ended),
        (SystemExit(), RuntimeError),
        (KeyboardInterrupt(), RuntimeError),
        (StopIteration(), RuntimeError),
    ],
    ids=lambda each: getattr(each, "__name__", type(each).__name__),
)
async def test_what_a_hook_raises_ends_no_more_than_the_hook(raised, told):
    def fails():
        raise raised

    async def fails_later():
        raise raised

    with pytest.raises(told):
        await call_hook(fails)
    with pytest.raises(told):
        await call_hook(fails_later)


async def test_who_is_cancelled_does_not_wait_for_a_hook_that_blocks():
    opened, over = threading.Event(), threading.Event()

    def blocks():
        opened.wait(5)
        over.set()

    waiting = asyncio.create_task(call_hook(blocks))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not over.is_set()
    opened.set()
    assert await asyncio.to_thread(over.wait, 5)
