"""What becomes of what a tool yields and raises, in a whole run without a model."""

import asyncio

import pytest
from engine.asking import Clients, errors, texts

from elysia_desktop import Response, Result, Tree, Update, tool
from elysia_desktop.core.errors import ToolError

NO_MODEL = "No model is set"


async def run_of(function):
    """The tree after a run that uses the tool once, and the payloads."""
    made = tool(function)
    tree = Tree("empty")
    tree.add_tool(made)
    run = tree.async_run("What?", client_manager=Clients(Store()), training_route=made.name)
    payloads = [payload async for payload in run]
    assert payloads[-1]["type"] == "completed"
    return tree, payloads


class Store:
    async def collections(self):
        return []


def steps(payloads):
    return [p["payload"] for p in payloads if p["type"] == "step_finished"]


async def fails():
    raise ToolError("The shop is closed.", "Ask tomorrow.")


async def breaks():
    raise ValueError("no number")


async def test_a_task_group_that_fails_is_an_error_of_the_tool_in_the_words_of_its_tasks():
    async def shop():
        """Ask the shop."""
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(breaks())

    tree, payloads = await run_of(shop)
    told = "shop failed: The shop is closed. Ask tomorrow.; ValueError: no number"
    assert errors(payloads)[0] == told
    assert tree.tree_data.errors["shop"] == [told]
    assert steps(payloads)[0]["failed"]


async def test_a_tool_goes_on_after_a_task_group_whose_failure_it_caught():
    async def shop():
        """Ask the shop."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(breaks())
        except* ValueError:
            yield {"half": True}
        yield "That is half of it."

    _, payloads = await run_of(shop)
    assert errors(payloads) == []
    assert texts(payloads) == ["That is half of it."]


class Wordless(Exception):
    def __str__(self):
        raise KeyError("words")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Wordless(), "shop failed: Wordless: (it has no words)"),
        (ValueError("z" * 1_000_000), "shop failed: ValueError: zzz"),
    ],
    ids=["wordless", "endless"],
)
async def test_an_exception_is_told_in_few_words_whatever_it_says(error, told):
    async def shop():
        """Ask the shop."""
        raise error

    tree, payloads = await run_of(shop)
    (kept,) = tree.tree_data.errors["shop"]
    assert kept.startswith(told)
    assert len(kept) <= 1_000
    assert max(len(str(payload)) for payload in payloads) < 25_000
    assert steps(payloads)[0]["failed"]


@pytest.mark.parametrize(
    "item",
    [
        Result([{"a": 1}], metadata={"on": object()}),
        Response("There.", metadata={"on": object()}),
        Update("progress", {"on": object()}),
    ],
    ids=lambda item: type(item).__name__,
)
async def test_what_nobody_can_be_shown_is_an_error_of_the_tool_and_no_answer(item):
    async def shop():
        """Ask the shop."""
        return item

    tree, payloads = await run_of(shop)
    assert "on is a object, which has no JSON form" in tree.tree_data.errors["shop"][0]
    assert errors(payloads)[0] == tree.tree_data.errors["shop"][0]
    assert steps(payloads)[0] | {"seconds": 0} == {"node": "shop", "seconds": 0, "found": "", "failed": True}
    assert NO_MODEL in texts(payloads)[-1]
    assert "There." not in str(tree.conversation_history)
    tree.export_to_json()


async def test_hidden_words_are_no_answer():
    async def shop():
        """Ask the shop."""
        return Response("For nobody.", display=False)

    tree, payloads = await run_of(shop)
    assert NO_MODEL in texts(payloads)[-1]
    assert "For nobody." not in str(tree.conversation_history)


class Grouped(Result):
    def to_json(self, mapping=False):
        return [{"objects": len(self.objects)}]


async def test_a_result_whose_json_has_another_length_is_shown_and_kept_as_that():
    async def shop():
        """Ask the shop."""
        return Grouped([{"a": 1}, {"a": 2}])

    tree, payloads = await run_of(shop)
    assert not steps(payloads)[0]["failed"]
    assert [p["payload"]["objects"] for p in payloads if p["type"] == "result"] == [[{"objects": 2}]]
    assert tree.environment.object("shop_default_1_0")["objects"] == 2


async def test_a_tool_may_yield_while_it_goes_through_what_was_found():
    async def shop(tree_data):
        """Ask the shop."""
        tree_data.environment.add_objects("shop", "old", [{"a": 1}])
        for number, (_, name, _) in enumerate(tree_data.environment.entries()):
            assert number < 5, "it goes through what it yields itself"
            yield Result([{"number": number}], name=name)
            yield Result([{"number": number}], name="new")

    tree, payloads = await run_of(shop)
    assert not steps(payloads)[0]["failed"]
    assert len(tree.environment.find("shop", "old")) == 2
