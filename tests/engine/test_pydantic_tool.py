"""Functions of the function-calling loop as tools of the tree, in whole runs."""

import asyncio
import threading
from datetime import date
from typing import Annotated

import pytest
from engine.asking import answer, decision, errors, kinds, prompts, texts, told, tree_for
from pydantic import BaseModel, Field, field_validator
from support.scripted_model import ScriptedModel

from elysia_desktop import Response, Result, Tree, tool


@pytest.fixture
def clients(empty_clients):
    """A store without collections."""
    return empty_clients


class SumBinaryNumbers(BaseModel):
    """Add two binary numbers."""

    x: str = Field(..., description="first binary number")
    y: str = Field(..., description="second binary number")

    def run(self, call_id, state, extra=None, out=None):
        return int(self.x, 2) + int(self.y, 2)


class Noted(BaseModel):
    """Notes which hooks were called."""

    def pre_run_hook(self, state):
        state.append("pre")
        return state[0].get("pre")

    async def run(self, state):
        state.append("run")
        return state[0].get("run")

    def post_run_hook(self, state):
        state.append("post")
        return state[0].get("post")


async def run_of(function, clients, *replies, state=None, settings=None, **inputs):
    """The tree after a run that uses the tool once and answers then, the payloads, and the prompts."""
    script = [decision(function.__name__, **inputs), *replies, answer("Done.")]
    with ScriptedModel(script) as model:
        tree = tree_for(model, function, finish, **(settings or {}))
        tree.tree_data.state_manager = state
        payloads = await told(tree, "What?", clients)
        return tree, payloads, prompts(model)


@tool(end=True)
async def finish():
    """Say that it is done."""
    return "Finished."


def even(value):
    """Refuse every other number, which no schema can say."""
    if value % 2:
        raise ValueError("it is odd")
    return value


def shown(payloads):
    return [item for p in payloads if p["type"] == "result" for item in p["payload"]["objects"]]


async def test_its_fields_are_the_inputs_and_its_value_an_object(clients):
    tree, payloads, said = await run_of(SumBinaryNumbers, clients, decision("finish"), x="101", y="11")
    assert "SumBinaryNumbers: Add two binary numbers." in said[0][0]
    assert "first binary number" in said[0][0]
    assert [item["tool_result"] for item in shown(payloads)] == [8]
    assert tree.environment.find("SumBinaryNumbers", "SumBinaryNumbers", 0)["objects"][0]["tool_result"] == 8
    assert texts(payloads) == ["Finished."]


async def test_inputs_that_do_not_fit_are_asked_for_again(clients):
    _, payloads, said = await run_of(
        SumBinaryNumbers, clients, decision("SumBinaryNumbers", x="1", y="1"), decision("finish"), x="1"
    )
    assert "could not be used" in said[1][1]
    assert [item["tool_result"] for item in shown(payloads)] == [2]


def test_it_is_added_in_a_branch_and_refused_when_it_is_filled_in():
    tree = Tree("default")
    tree.add_tool(SumBinaryNumbers, branch_id="documents", status="Adding…", end=True)
    made = tree.tools["SumBinaryNumbers"]
    assert (made.status, made.end, made.description) == ("Adding…", True, "Add two binary numbers.")
    before = tree.tree
    for wrong in (SumBinaryNumbers(x="1", y="1"), 3, BaseModel):
        with pytest.raises(TypeError):
            tree.add_tool(wrong)
    with pytest.raises(TypeError, match="is filled in; a tool is the class itself: SumBinaryNumbers"):
        tree.add_tool(SumBinaryNumbers(x="1", y="1"))
    with pytest.raises(ValueError, match="offers a tool or branch “SumBinaryNumbers” already"):
        tree.add_tool(SumBinaryNumbers, branch_id="documents")
    assert tree.tree == before


def test_a_saved_tree_keeps_it_by_name(caplog):
    tree = Tree("default")
    tree.add_tool(SumBinaryNumbers, branch_id="documents")
    saved = tree.export_to_json()
    opened = Tree.import_from_json(saved, tools=[SumBinaryNumbers])
    assert opened.tree == tree.tree
    assert opened.tools["SumBinaryNumbers"].inputs["x"]["required"]
    assert opened.export_to_json() == saved
    without = Tree.import_from_json(saved)
    assert without.absent_tools == ["SumBinaryNumbers"]
    assert "SumBinaryNumbers" in caplog.text
    without.add_tool(SumBinaryNumbers)
    assert without.tree == tree.tree


class Told(BaseModel):
    seen: list = []
    moment: date = Field(default_factory=lambda: date(2024, 1, 1))
    limit: Annotated[int, Field(ge=1, le=9)] = 3
    word: str = None
    from_: str = Field("here", alias="from")

    def run(self):
        return self


async def test_defaults_are_the_models_own(clients):
    tree, payloads, _ = await run_of(Told, clients, decision("finish"))
    (item,) = shown(payloads)
    assert {**item, "_REF_ID": 0} == {
        "seen": [], "moment": "2024-01-01", "limit": 3, "word": None, "from_": "here", "_REF_ID": 0
    }  # fmt: skip
    assert list(tree.tools["Told"].inputs) == ["seen", "moment", "limit", "word", "from"]


async def test_what_no_decision_can_check_is_an_error_of_the_tool(clients):
    class Even(BaseModel):
        n: int
        _check = field_validator("n")(even)

        def run(self):
            return self.n

    tree, payloads, _ = await run_of(Even, clients, decision("finish"), n=3)
    assert errors(payloads) == ["The tool Even was given inputs that do not fit. n: Value error, it is odd."]
    assert tree.tree_data.errors["Even"] == errors(payloads)


async def test_it_may_say_itself_what_does_not_fit_or_end_the_run(clients):
    class Even(BaseModel):
        n: int
        _check = field_validator("n")(even)

        @classmethod
        def on_validation_error(cls, arguments, error, extra):
            assert extra["validation_error"] is error
            return False if arguments["n"] > 9 else f"{arguments['n']} is odd."

    tree, payloads, _ = await run_of(Even, clients, decision("finish"), n=3)
    assert errors(payloads) == ["3 is odd."]
    assert texts(payloads) == ["Finished."]
    tree, payloads, _ = await run_of(Even, clients, answer("The end."), n=11)
    assert (errors(payloads), texts(payloads)) == ([], ["The end."])
    assert tree.tree_data.errors == {}


@pytest.mark.parametrize(
    ("said", "called", "ended"),
    [
        ({}, ["pre", "run", "post"], False),
        ({"pre": False}, ["pre", "post"], False),
        ({"run": False}, ["pre", "run", "post"], True),
        ({"post": False}, ["pre", "run", "post"], True),
        ({"pre": False, "post": False}, ["pre", "post"], True),
        ({"pre": 0, "post": None}, ["pre", "run", "post"], False),
    ],
)
async def test_a_hook_that_says_false_skips_the_run_or_ends_it(clients, said, called, ended):
    state = [said]
    replies = [answer("The end.")] if ended else [decision("finish")]
    _, payloads, asked = await run_of(Noted, clients, *replies, state=state)
    assert state[1:] == called
    assert texts(payloads) == (["The end."] if ended else ["Finished."])
    assert len(asked) == 2
    assert "False" not in str(shown(payloads))


class Streams(BaseModel):
    def run(self, out):
        out.update("_Summarising…_")
        out.update("")
        for delta in ("Two ", "[sou", "rce1", "] and [source7] ", "three."):
            out.add(delta)


async def test_what_is_written_to_out_reaches_the_person_as_it_is_written_and_ends_the_run(clients):
    with ScriptedModel([decision("Streams")]) as model:
        tree = tree_for(model, Streams, finish)
        found = tree.environment.add_objects("shop", "Shop", [{"price": 2}])
        tree.environment.hidden_environment["sources"] = [found[0]["_REF_ID"]]
        payloads = await told(tree, "What?", clients)
    assert kinds(payloads, "tree_update") == ["status", "text_replaced", "text_replaced", "text", "completed"]
    deltas = [p["payload"]["delta"] for p in payloads if p["type"] == "text_delta"]
    assert "".join(deltas) == "Two and three."
    text = next(p for p in payloads if p["type"] == "text")
    assert {p["payload"]["message_id"] for p in payloads if p["type"].startswith("text_")} == {text["id"]}
    assert text["payload"] == {
        "type": "text_with_citations",
        "metadata": {},
        "objects": [
            {"text": "Two", "ref_ids": ["shop_Shop_1_0"]},
            {"text": " and three.", "ref_ids": []},
        ],
    }
    assert tree.conversation_history[-1]["content"] == "Two and three."
    assert "text_replaced" not in {payload["type"] for payload in tree.sent}


async def test_it_may_write_and_return(clients):
    class Both(BaseModel):
        async def run(self, out):
            out.add("Looked.")
            return {"found": 3}

    _, payloads, _ = await run_of(Both, clients, decision("finish"))
    assert texts(payloads) == ["Looked.", "Finished."]
    assert shown(payloads)[0]["found"] == 3


async def test_what_it_returns_is_mapped_as_for_every_tool(clients):
    class Message:
        role, content = "tool", "It is late."

    for value, wanted in [
        ("It is late.", "It is late."),
        (Message(), "It is late."),
        (Response("Late."), "Late."),
    ]:

        class Gives(BaseModel):
            def run(self, value=value):
                return value

        _, payloads, _ = await run_of(Gives, clients, decision("finish"))
        assert texts(payloads)[0] == wanted

    class Lists(BaseModel):
        def run(self):
            return [Result([{"a": 1}], name="A"), Result([{"b": 2}], name="B")]

    tree, payloads, _ = await run_of(Lists, clients, decision("finish"))
    assert tree.environment.find("Lists", "B", 0)["objects"][0]["b"] == 2
    assert len(shown(payloads)) == 2


async def test_it_is_told_of_its_call(clients):
    class Seen(BaseModel):
        n: int

        def pre_run_hook(self, extra):
            extra["kept"] = 1

        def run(self, call_id, extra, **rest):
            (call,) = extra["tool_calls"]
            return {
                "same": call.id == call_id, "name": call.name, "arguments": call.arguments, "rest": sorted(rest),
                **{key: extra[key] for key in ("kept", "tool_call_index", "loop_iteration")},
            }  # fmt: skip

    _, payloads, _ = await run_of(Seen, clients, decision("finish"), n=4)
    (item,) = shown(payloads)
    del item["_REF_ID"]
    assert item == {
        "same": True, "name": "Seen", "arguments": '{"n": 4}', "rest": ["out", "state"], "kept": 1,
        "tool_call_index": 1, "loop_iteration": 0,
    }  # fmt: skip


async def test_a_tool_that_uses_a_state_manager_that_is_not_there_says_how_to_give_one(clients):
    class Reads(BaseModel):
        def run(self, state):
            return state.files.uploaded.count() if state else state.files

    tree, payloads, _ = await run_of(Reads, clients, decision("finish"))
    (said,) = errors(payloads)
    assert said.startswith("The tool uses the state manager (“files”), and this tree has none.")
    assert "tree.tree_data.state_manager = StateManager(event)" in said
    assert tree.tree_data.errors["Reads"] == [said]


async def test_an_exception_is_an_error_of_the_tool_also_in_a_thread(clients):
    class Fails(BaseModel):
        def run(self):
            raise ValueError("no number")

    _, payloads, _ = await run_of(Fails, clients, decision("finish"))
    assert errors(payloads) == ["Fails failed: ValueError: no number"]
    assert texts(payloads) == ["Finished."]


async def test_a_tool_that_blocks_does_not_hold_up_the_event_loop_and_stops_writing_when_it_is_cancelled(
    clients,
):
    begun, opened, over = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    written = []

    class Blocks(BaseModel):
        def run(self, out):
            loop.call_soon_threadsafe(begun.set)
            try:
                opened.wait(5)
                out.add("too late")
                written.append(True)
            finally:
                over.set()

    with ScriptedModel([decision("Blocks")]) as model:
        tree = tree_for(model, Blocks, finish)
        run = asyncio.create_task(told(tree, "What?", clients))
        await asyncio.wait_for(begun.wait(), 5)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        await tree.aclose()
    opened.set()
    assert await asyncio.to_thread(over.wait, 5)
    assert written == []
