import asyncio
import threading

import pytest

from elysia_desktop.engine.draft import Drafting


async def shown_of(work):
    """What the person is shown, and what the work returned."""
    drafting = Drafting(work, "m")
    items = [(item.frontend_type, item.object) async for item in drafting.shown()]
    return items, drafting.result


async def test_changes_are_shown_in_order_whatever_thread_makes_them():
    async def work(draft):
        draft.update("_Reading…_")
        await asyncio.to_thread(draft.add, " one")
        draft.add("").add(" two [sou")
        await asyncio.to_thread(draft.update, "three [source1] ")
        draft.add("four")
        return str(draft)

    items, result = await shown_of(work)
    assert items == [
        ("text_replaced", {"message_id": "m", "text": "_Reading…_"}),
        ("text_delta", {"message_id": "m", "delta": " one"}),
        ("text_delta", {"message_id": "m", "delta": " two"}),
        ("text_replaced", {"message_id": "m", "text": "three"}),
        ("text_delta", {"message_id": "m", "delta": " four"}),
    ]
    assert result == "three [source1] four"


async def test_what_the_work_raises_comes_after_what_it_has_written():
    async def work(draft):
        draft.add("half")
        raise ValueError("no number")

    shown = Drafting(work, "m").shown()
    assert (await anext(shown)).object["delta"] == "half"
    with pytest.raises(ValueError, match="no number"):
        await anext(shown)


async def test_who_leaves_early_ends_the_work_also_in_a_thread_that_writes_on():
    left, stopped = threading.Event(), threading.Event()

    def writes_on(draft):
        draft.add("a")
        left.wait(5)
        try:
            draft.add("b")
        except asyncio.CancelledError:
            stopped.set()

    async def work(draft):
        await asyncio.get_running_loop().run_in_executor(None, writes_on, draft)

    shown = Drafting(work, "m").shown()
    assert (await anext(shown)).object["delta"] == "a"
    await shown.aclose()
    left.set()
    assert await asyncio.to_thread(stopped.wait, 5)
