import asyncio
from contextlib import suppress
from types import SimpleNamespace

import pytest
from engine.asking import Clients, answer, decision, errors, kinds, texts, told, tree_for
from engine.test_runner import finish, look
from support.scripted_model import ScriptedModel

from elysia_desktop.core.objects import Text
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.tool import tool
from elysia_desktop.engine.tree import Tree

pytestmark = pytest.mark.usefixtures("nothing_left")


class Broken:
    """A store that fails in a way nobody foresaw."""

    async def collections(self):
        raise OSError("the disk is gone")


@pytest.mark.parametrize("has_model", [True, False])
async def test_a_store_that_breaks_is_told_of_in_words_and_the_run_is_completed(has_model):
    with ScriptedModel([]) as model:
        tree = tree_for(model, look, finish) if has_model else Tree("empty", settings=Settings())
        payloads = await told(tree, "What?", Clients(Broken()))
    assert "the disk is gone" in texts(payloads)[0]
    assert tree.conversation_history[-1]["role"] == "assistant"


async def test_a_search_without_a_model_that_breaks_is_told_of_in_words(empty_clients):
    class Once(Clients):
        """Hands out its store once."""

        def store(self):
            store, self._store = self._store, None
            if store is None:
                raise RuntimeError("no second time")
            return store

    payloads = await told(Tree("empty", settings=Settings()), "What?", Once(empty_clients.store()))
    assert "no second time" in texts(payloads)[-1]


async def test_a_tool_that_asks_its_own_tree_is_an_error_and_the_run_goes_on(empty_clients):
    here = SimpleNamespace()

    @tool
    async def awaits():
        """Asks again."""
        async for _ in here.tree.async_run("Inner?", client_manager=empty_clients):
            pass

    @tool
    async def blocks():
        """Asks again and blocks."""
        return here.tree("Inner?", client_manager=empty_clients)

    @tool
    async def elsewhere():
        """Asks again in a thread."""
        return await asyncio.to_thread(here.tree, "Inner?", client_manager=empty_clients)

    steps = [decision("awaits"), decision("blocks"), decision("elsewhere"), decision("finish", end=True)]
    with ScriptedModel(steps) as model:
        here.tree = tree_for(model, awaits, blocks, elsewhere, finish)
        async with asyncio.timeout(10):
            payloads = await told(here.tree, "What?", empty_clients)
    assert len(errors(payloads)) == 3
    assert all("cannot ask the tree that waits for it" in error for error in errors(payloads))
    assert texts(payloads) == ["It is finished."]
    assert [entry["prompt"] for entry in here.tree.tree_data.tasks_completed] == ["What?"]


async def test_blocking_where_the_same_tree_is_answering_is_refused(empty_clients):
    with ScriptedModel([decision("finish", end=True)]) as model:
        tree = tree_for(model, look, finish)
        run = tree.async_run("One?", client_manager=empty_clients)
        await anext(run)
        with pytest.raises(RuntimeError, match="async_run"):
            tree("Two?", client_manager=empty_clients)
        assert [p["type"] async for p in run][-1] == "completed"
        await tree.aclose()


async def test_whoever_stops_reading_at_the_last_payload_holds_up_nobody(empty_clients):
    with ScriptedModel([decision("finish", end=True)] * 2) as model:
        tree = tree_for(model, look, finish)
        run = tree.async_run("One?", client_manager=empty_clients)
        async for payload in run:
            if payload["type"] == "completed":
                break
        assert not tree.is_running
        assert texts(await told(tree, "Two?", empty_clients)) == ["It is finished."]
        await run.aclose()


async def test_a_run_whose_reader_drops_it_ends_and_cleans_up(empty_clients):
    cleaned = []

    @tool
    async def waits():
        """Waits."""
        try:
            yield {"a": 1}
            yield {"a": 2}
        finally:
            cleaned.append(True)

    with ScriptedModel([decision("waits"), decision("finish", end=True)]) as model:
        tree = tree_for(model, waits, finish)
        async for payload in tree.async_run("One?", client_manager=empty_clients):
            if payload["type"] == "result":
                break
        assert texts(await told(tree, "Two?", empty_clients)) == ["It is finished."]
    assert cleaned == [True]


async def test_a_tool_that_swallows_a_cancellation_does_not_keep_the_run_going(empty_clients):
    began = asyncio.Event()

    @tool
    async def stubborn():
        """Goes on."""
        yield {"a": 1}
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        yield {"a": 2}

    with ScriptedModel([decision("stubborn"), decision("finish", end=True)]) as model:
        tree = tree_for(model, stubborn, finish)
        task = asyncio.create_task(told(tree, "What?", empty_clients))
        await began.wait()
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.cancelled()
        assert len(model.requests) == 1
        assert not tree.is_running
        assert texts(await told(tree, "And now?", empty_clients)) == ["It is finished."]


async def test_settings_that_change_during_a_run_hold_from_the_next_on(empty_clients):
    with ScriptedModel([decision("look"), decision("finish"), decision("look"), answer("Enough.")]) as model:
        tree = tree_for(model, look, finish, recursion_limit=3)
        seen = []
        async for payload in tree.async_run("One?", client_manager=empty_clients):
            if not seen:
                tree.configure(recursion_limit=1)
            seen.append(payload)
        assert texts(seen) == ["It is finished."]
        assert texts(await told(tree, "Two?", empty_clients)) == ["Enough."]
        assert kinds(seen).count("tree_update") == 2


def test_the_blocking_form_leaves_out_what_is_no_text(empty_clients):
    @tool(end=True)
    async def odd():
        """Yields parts without text."""
        yield Text("odd", [{"link": "there"}, {"text": None}, {"text": "Here."}])

    with ScriptedModel([decision("odd", end=True)]) as model:
        assert tree_for(model, odd, look)("What?", client_manager=empty_clients) == ("Here.", [])
