"""The loop asks the tree: one crossing between the engines, and no more."""

import json
from contextlib import asynccontextmanager

import pytest
from engine.asking import Clients, decision, tree_for
from engine.conftest import FILMS
from engine.kept import library_with
from engine.test_runner import films_query, written
from pydantic import BaseModel
from state.engines import answered, looping
from state.loops import answers, call, calls, functions, sent
from support.scripted_model import Json, Say

from elysia_desktop import ConsentAsked, Result, tool
from elysia_desktop.core.sources import Sources
from elysia_desktop.engine.adapt import EngineContext
from elysia_desktop.state.ask_collections import ask_collections


@pytest.fixture
async def clients(tmp_path):
    """A library with one small collection, Films."""
    films = [dict(zip(("title", "plot", "year"), film, strict=False)) for film in FILMS]
    library = await library_with(tmp_path, Films=({"title": "text", "plot": "text", "year": "int"}, films))
    yield Clients(library)
    await library.close()


@asynccontextmanager
async def both(clients, *script, preset="default", tools=(), tree_tools=()):
    """A loop that can ask a tree; both talk to the same model."""
    async with looping(clients, *script, question="What is set in space?", tools=tools) as state:
        tree = tree_for(state.model, *tree_tools, preset=preset)
        tree.tree_data.state_manager = None
        state.engine = EngineContext(tree.tree_data, tree.base_lm, tree.complex_lm, clients)
        state.register(ask_collections(lambda question: tree.async_run(question, ["Films"], clients)))
        try:
            yield state, tree
        finally:
            await tree.aclose()


ASKED = calls(call("ask_collections", "asked", question="Which films are set in space?"))
FOUND = [decision("query", collection_names=["Films"]), written(films_query(search_words="space"))]


@tool(end=True)
async def finish():
    """Finish."""
    return "Done."


def cited(text, refs):
    return Json({"title": "T", "answer": [{"text": text, "refs": refs}]})


async def test_the_trees_answer_reaches_the_model_with_its_sources(clients):
    script = [ASKED, *FOUND, decision("cited_summarize"), cited("Two are.", [1]), Say("Two films [source1].")]
    async with both(clients, *script) as (state, tree):
        assert await answered(state) == "Two films [source1]."
        assert list(functions(state)) == ["ask_collections"]
        (told,) = answers(sent(state))
        answer, _, found = told.partition("\n\nIt was found:\n")
        assert answer == "Two are. [source1]"
        sources = Sources(tree.environment)
        refs = [item["_REF_ID"] for item in tree.environment.find("query", "Films", 0)["objects"]]
        assert sources.ref_id(1) == refs[0]
        assert [sources.ref_id(2)] == refs[1:]
        assert "<source2>" in found
        assert "<source1>" not in found
        message = next(m for m in state.ctx if m.role == "tool")
        assert [source.ref_id for source in message.sources] == refs
        assert "Which films are set in space?" in str(state.model.requests[1].body)


async def test_its_steps_are_calls_within_the_call_and_its_results_are_shown(clients):
    script = [ASKED, *FOUND, decision("cited_summarize"), cited("Two are.", [1]), Say("Two.")]
    async with both(clients, *script) as (state, _):
        await answered(state)
        kinds = [item.frontend_type for item in state.told.items]
        assert state.told.log == [
            "ask_collections(", "query(", "done)", "cited_summarize(", "done)", "done)"
        ]  # fmt: skip
        steps = state.told.of("tool_called")
        assert [step["parent_id"] for step in steps] == ["", steps[0]["call_id"], steps[0]["call_id"]]
        assert json.loads(steps[1]["arguments"]) == {"reasoning": "because"}
        assert "Films" in next(step["content"] for step in state.told.of("tool_returned"))
        assert kinds.count("result") == 1
        assert {"completed", "text", "tree_update", "step_finished"}.isdisjoint(kinds)
        shown = next(item for item in state.told.items if item.frontend_type == "result")
        payload = await shown.to_frontend("me", "here", "now")
        assert (payload["user_id"], payload["conversation_id"], payload["query_id"]) == ("me", "here", "now")
        assert "Two are." not in str(
            [item.object for item in state.told.items if item.frontend_type == "text_delta"]
        )


async def test_a_branch_and_a_tool_that_runs_unasked_are_steps_as_well(clients):
    script = [
        ASKED,
        decision("search"),
        *FOUND,
        decision("text_response", end=True, text="Two."),
        Say("Two."),
    ]
    async with both(clients, *script, preset="multi_branch") as (state, _):
        await answered(state)
        assert state.told.log[:5] == ["ask_collections(", "search(", "done)", "query(", "done)"]


async def test_what_a_step_asks_the_person_is_asked(clients):
    @tool(end=True)
    async def shop():
        """Ask the shop."""
        yield ConsentAsked("use_feedback", "May it be kept?")
        yield "Closed."

    async with both(clients, ASKED, Say("It is closed."), preset="empty", tree_tools=[shop]) as (state, _):
        await answered(state)
        (asked,) = [item.payload for item in state.told.items if item.frontend_type == "consent_asked"]
        assert asked["payload"] == {"setting": "use_feedback", "text": "May it be kept?"}


async def test_a_step_that_failed_is_shown_as_such_and_the_loop_goes_on(clients):
    @tool(end=True)
    async def shop():
        """Ask the shop."""
        raise ValueError("closed")
        yield

    def reply(body):
        if "ask_collections" in json.dumps(body.get("tools") or "") and len(body["messages"]) == 1:
            return ASKED
        return Say("I do not know.") if body.get("tools") else Say("no JSON")

    async with both(clients, reply, preset="empty", tree_tools=[shop]) as (state, _):
        await answered(state)
        assert "shop(" in state.told.log
        assert state.told.log[state.told.log.index("shop(") + 1] == "failed)"


async def test_the_trees_own_functions_are_handed_the_state_manager_for_as_long(clients):
    seen = []

    class Looks(BaseModel):
        """Look."""

        def run(self, state):
            seen.append(state)
            return {"found": 1}

    script = [ASKED, decision("Looks"), decision("finish"), Say("Ok.")]
    async with both(clients, *script, preset="empty", tree_tools=[Looks, finish]) as (state, tree):
        await answered(state)
        assert seen == [state]
        assert tree.tree_data.state_manager is None


async def test_a_function_of_the_tree_that_the_loop_asked_cannot_loop_again(clients):
    class Loops(BaseModel):
        """Loop."""

        async def run(self, state):
            await state.fork().aloop("Go on.")

    script = [ASKED, decision("Loops"), decision("finish"), Say("Ok.")]
    async with both(clients, *script, preset="empty", tree_tools=[Loops, finish]) as (state, tree):
        await answered(state)
        (said,) = tree.tree_data.errors["Loops"]
        assert said.startswith("A tool of the decision tree cannot call the other engine here")
        assert answers(sent(state)) == ["Done."]


async def test_a_loop_within_the_tree_cannot_use_the_trees_tools_nor_ask_it_again(clients):
    @tool
    async def shop():
        """Ask the shop."""
        return Result([{"price": 1}])

    class Loops(BaseModel):
        """Loop."""

        async def run(self, state):
            state.register(shop)
            await state.aloop("Go on.")
            return state.ctx.last().content

    script = [
        decision("Loops"),
        calls(call("shop"), call("ask_collections", question="What?")),
        Say("They cannot be asked."),
        decision("finish"),
    ]
    async with both(clients, *script, preset="empty", tree_tools=[Loops, finish]) as (state, tree):
        tree.tree_data.state_manager = state
        payloads = [payload async for payload in tree.async_run("What?", ["Films"], clients)]
        first, second = answers(sent(state, 2))
        for said in (first, second):
            assert said.startswith("A tool of the function-calling loop cannot call the other engine here")
        assert "They cannot be asked." in str([p for p in payloads if p["type"] == "text"])
        assert state.told.log.count("failed)") == 2
