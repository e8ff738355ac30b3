"""Functions of the loop in a tree that has a state manager, as the application gives it one."""

import asyncio

import pytest
from engine.asking import Clients, decision, errors, texts, told, tree_for
from pydantic import BaseModel, Field
from state.loops import settings_for
from support.scripted_model import Call, Calls, Say, ScriptedModel

from elysia_desktop import tool
from elysia_desktop.core.sources import Sources
from elysia_desktop.engine.adapt import EngineContext
from elysia_desktop.state import Bridge, ExternalModuleChosenEvent, Message, Models, StateManager


class SummarizeTool(BaseModel):
    """Summarise the document that the question is about."""

    document_id: str = Field(..., description="id of the document")

    def run(self, call_id, state, extra=None, out=None):
        document = state.files.get_by_id(self.document_id)
        if out:
            out.update("_Summarising…_")
        system = Message.SYSTEM("Summarise the document.")
        completion = state.llm.complete([system, Message.USER(document.content)], out=out)
        if not out:
            return completion
        return None


@tool(end=True)
async def finish():
    """Finish."""
    return "Finished."


class Nothing:
    async def collections(self):
        return []


@pytest.fixture
async def run():
    """Runs a tree whose tools are handed a state manager with one file; the script is made with the file's id."""
    opened, empty_clients = [], Clients(Nothing())

    async def run(script, *tools, preset="default", branch_id="documents"):
        model = ScriptedModel(script)
        opened.append(model.__enter__())
        tree = tree_for(model, preset=preset)
        for each in tools:
            tree.add_tool(each, branch_id=branch_id)
        models = Models.from_settings(settings_for(model))
        context = EngineContext(tree.tree_data, tree.base_lm, tree.complex_lm, empty_clients)
        event = ExternalModuleChosenEvent(user_message="Sum up the notes")
        bridge = Bridge(asyncio.get_running_loop())
        state = StateManager(event, models=models, engine=context, bridge=bridge)
        await state.aload()
        file = await state._home.documents.write("notes.md", "Ropes are on the shelf.")
        tree.tree_data.state_manager, tree.tree_data.documents = state, state._home.documents
        if not callable(script):
            script[:] = [item(file.id) if callable(item) else item for item in script]
        payloads = await told(tree, "Sum up the notes", empty_clients)
        await models.aclose()
        return tree, state, payloads

    yield run
    for model in opened:
        model.__exit__(None, None, None)


async def test_the_summary_that_a_function_has_written_streams_to_the_person_and_ends_the_run(run):
    script = [
        decision("documents"),
        lambda file: decision("SummarizeTool", document_id=file),
        Say("They are about ropes."),
    ]
    _, _, payloads = await run(script, SummarizeTool)
    shown = [p for p in payloads if p["type"] in {"text_delta", "text_replaced", "text"}]
    assert shown[0]["payload"]["text"] == "_Summarising…_"
    assert shown[1]["payload"]["text"] == "They"[: len(shown[1]["payload"]["text"])]
    written = shown[1]["payload"]["text"] + "".join(p["payload"].get("delta", "") for p in shown[2:])
    assert written == "They are about ropes."
    assert texts(payloads) == ["They are about ropes."]
    assert errors(payloads) == []


async def test_what_a_function_finds_in_files_can_be_cited_in_the_tree(run):
    class Finds(BaseModel):
        """Find."""

        word: str

        def run(self, state, out):
            out.add(f"{state.files.search(self.word).as_context(400)[:0]}On the shelf [source1].")

    tree, _, payloads = await run([decision("documents"), decision("Finds", word="ropes")], Finds)
    text = next(p for p in payloads if p["type"] == "text")["payload"]
    (ref_id,) = text["objects"][0]["ref_ids"]
    assert tree.environment.object(ref_id)["content"] == "Ropes are on the shelf."
    assert Sources(tree.environment).ref_id(1) == ref_id


async def test_a_function_is_handed_what_extra_gave(run):
    seen = {}

    class Notes(BaseModel):
        """Note."""

        def run(self, state, extra):
            seen.update(extra)
            state.extra(later=2)
            return {"noted": 1}

        def post_run_hook(self, extra):
            seen["same"] = extra["tool_call_index"] == 1 and "later" not in extra

    class Gives(BaseModel):
        """Give."""

        def run(self, state):
            state.extra(unit="€")
            return {"given": 1}

    script = [decision("Gives"), decision("Notes"), decision("finish")]
    await run(script, Gives, Notes, finish, preset="empty", branch_id="base")
    assert (seen["unit"], seen["same"], seen["loop_iteration"]) == ("€", True, 1)


async def test_a_function_of_the_tree_may_run_a_loop_of_its_own(run):
    class Adds(BaseModel):
        """Add."""

        x: int
        y: int

        def run(self):
            return self.x + self.y

    class Loops(BaseModel):
        """Loop."""

        def run(self, state, out):
            state.fork().register(Adds).loop("What is 2 + 3?", out=out)

    def reply(body):
        if "Options:" in str(body["messages"][0]["content"]):
            return decision("Loops")
        told = body["messages"][-1]
        return (
            Say(f"It is {told['content']}.")
            if told["role"] == "tool"
            else Calls([Call("Adds", {"x": 2, "y": 3})])
        )

    _, state, payloads = await run(reply, Loops, finish, preset="empty", branch_id="base")
    assert texts(payloads) == ["It is 5."]
    assert state.tools == []
