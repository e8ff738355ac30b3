import asyncio
from contextlib import aclosing

import pytest

from elysia_desktop.engine.tool_task import in_own_task


async def fails():
    raise ValueError("no")


async def all_of(work):
    async with aclosing(in_own_task(work)) as items:
        return [item async for item in items]


async def test_each_item_is_begun_when_it_is_asked_for():
    begun = []

    async def counts():
        for number in range(3):
            begun.append(number)
            yield number

    async with aclosing(in_own_task(counts())) as items:
        for number in range(3):
            assert await anext(items) == number
            await asyncio.sleep(0)
            assert begun == list(range(number + 1))
        with pytest.raises(StopAsyncIteration):
            await anext(items)


async def test_all_items_are_made_in_one_task_which_is_not_that_of_the_reader():
    async def tells():
        yield asyncio.current_task()
        yield asyncio.current_task()

    first, second = await all_of(tells())
    assert first is second is not asyncio.current_task()


async def test_what_goes_wrong_is_raised_after_the_items_before_it():
    async def half():
        yield 1
        raise ValueError("no")

    items = in_own_task(half())
    assert await anext(items) == 1
    with pytest.raises(ValueError, match="no"):
        await anext(items)


async def test_a_task_group_that_fails_leaves_the_reader_uncancelled():
    async def groups():
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails())
        except* ValueError:
            yield "caught"
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())

    with pytest.raises(ExceptionGroup):
        await all_of(groups())
    assert asyncio.current_task().cancelling() == 0


async def test_work_that_cancels_itself_fails_without_cancelling_the_reader():
    async def cancels():
        asyncio.current_task().cancel()
        await asyncio.sleep(0)
        yield 1

    with pytest.raises(RuntimeError, match="was cancelled"):
        await all_of(cancels())


async def test_leaving_early_waits_for_the_clean_up():
    steps = []

    async def cleans():
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)
            steps.append("cleaned")

    items = in_own_task(cleans())
    assert await anext(items) == 1
    await items.aclose()
    assert steps == ["cleaned"]


async def test_cancelling_reaches_the_work_where_it_waits():
    began, ended = asyncio.Event(), asyncio.Event()

    async def waits():
        try:
            began.set()
            await asyncio.Event().wait()
            yield 1
        finally:
            ended.set()

    reader = asyncio.create_task(all_of(waits()))
    await began.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert ended.is_set()


@pytest.mark.parametrize("times", [1, 2])
async def test_work_that_swallows_a_cancellation_ends_at_its_next_item(times):
    began, last = asyncio.Event(), []

    async def swallows():
        for number in range(5):
            began.set()
            try:
                await asyncio.sleep(0.01 if last else 60)
            except asyncio.CancelledError:
                last.append(number)
            yield number

    reader = asyncio.create_task(all_of(swallows()))
    await began.wait()
    for _ in range(times):
        reader.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert last == [0]
