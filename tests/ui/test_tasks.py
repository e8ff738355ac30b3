import asyncio

import pytest

from elysia_desktop.core.errors import ModelUnreachable
from elysia_desktop.ui.tasks import Tasks


@pytest.fixture
def tasks(qapp):
    return Tasks()


async def forever(seen, name):
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        seen.append(name)
        raise


async def fail_with(error):
    await asyncio.sleep(0)
    raise error


async def until(holds):
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - it waits for anything
            await asyncio.sleep(0)


async def test_starting_a_name_again_cancels_what_ran_under_it(tasks):
    seen = []
    tasks.start("ask", forever(seen, "first"))
    await asyncio.sleep(0)
    tasks.start("ask", forever(seen, "second"))
    await until(lambda: seen)
    assert seen == ["first"]
    assert tasks.is_running("ask")
    await tasks.close()
    assert seen == ["first", "second"]


async def test_other_names_run_beside_each_other(tasks):
    seen = []
    tasks.start("one", forever(seen, "one"))
    tasks.start("two", forever(seen, "two"))
    await asyncio.sleep(0)
    tasks.cancel("one")
    await until(lambda: seen)
    assert seen == ["one"]
    assert tasks.is_running("two")
    assert not tasks.is_running("one")
    await tasks.close()


async def test_a_task_that_has_ended_is_not_running(tasks):
    tasks.start("short", asyncio.sleep(0))
    await until(lambda: not tasks.is_running("short"))


async def test_a_failure_for_the_person_is_announced(tasks):
    told = []
    tasks.failed.connect(lambda name, error: told.append((name, str(error))))
    tasks.start("ask", fail_with(ModelUnreachable("Nothing answers.")))
    await until(lambda: told)
    assert told == [("ask", "Nothing answers.")]


async def test_a_bug_goes_to_the_handler_of_the_loop_and_is_not_announced(tasks):
    told, bugs = [], []
    tasks.failed.connect(lambda *values: told.append(values))
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: bugs.append(context["exception"]))
    tasks.start("ask", fail_with(ZeroDivisionError("a bug")))
    await until(lambda: bugs)
    assert [type(bug) for bug in bugs] == [ZeroDivisionError]
    assert told == []


async def test_a_cancelled_task_announces_nothing(tasks):
    told = []
    tasks.failed.connect(lambda *values: told.append(values))
    tasks.start("ask", forever([], "x"))
    await asyncio.sleep(0)
    await tasks.close()
    await asyncio.sleep(0)
    assert told == []
