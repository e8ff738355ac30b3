"""Which branches are offered: those in which something can be used, or may run unasked."""

import pytest
from engine.asking import answer, decision, errors, prompts, told, tree_for
from pydantic import BaseModel
from support.scripted_model import ScriptedModel

from elysia_desktop import Response, Retrieval, Tool, tool
from elysia_desktop.engine.pydantic_tool import PydanticTool


class Shut(Tool):
    name, description = "shut", "Is never there."

    async def is_tool_available(self, tree_data, base_lm, complex_lm, client_manager):
        """Available when the moon is full."""
        return False


class RunsItself(Shut):
    name = "runs_itself"

    async def run_if_true(self, tree_data, base_lm, complex_lm, client_manager):
        return not tree_data.environment.has_objects(), {}

    async def __call__(self, tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs):
        yield Response("I ran.")


class Broken(Tool):
    name, description = "broken", "Cannot even say whether it is there."

    async def is_tool_available(self, tree_data, base_lm, complex_lm, client_manager):
        raise ValueError("no moon")


@tool(end=True)
async def finish():
    """Say that it is done."""
    return "Finished."


@tool(end=True)
async def other():
    """Say something else."""
    return "Something else."


async def offered(clients, *tools, nested=False):
    """The first prompt of a tree with a branch that holds these tools, or a branch of its own that does."""
    with ScriptedModel([decision("finish"), answer("?"), answer("?")]) as model:
        tree = tree_for(model, finish, other)
        tree.add_branch("more", "How?", "More there is.", from_branch_id="base")
        if nested:
            tree.add_branch("inner", "How?", "Within.", from_branch_id="more")
        for each in tools:
            tree.add_tool(each, branch_id="inner" if nested else "more")
        payloads = await told(tree, "What?", clients)
        return prompts(model)[0][0], payloads


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(
    ("tools", "is_offered"),
    [([Shut], False), ([Shut, other], True), ([RunsItself], True), ([Broken], True), ([], True)],
)
async def test_a_branch_is_offered_while_something_in_it_can_be_used(
    empty_clients, tools, is_offered, nested
):
    system, payloads = await offered(empty_clients, *tools, nested=nested)
    assert ("- more: More there is." in system) is is_offered
    assert ("(not yet: more. Available once something in it is.)" in system) is not is_offered
    assert errors(payloads) == []


@tool
async def look(what: str):
    """Look for it."""
    return Retrieval([{"n": 1}] if what == "it" else [], {"collection_name": "X"})


@pytest.mark.parametrize(("what", "first"), [("it", "finish"), ("more", "look")])
async def test_what_answers_stands_first_once_something_was_found(empty_clients, what, first):
    with ScriptedModel([decision("look", what=what), decision("finish")]) as model:
        await told(tree_for(model, look, finish), "What?", empty_clients)
        before, after = (told[0].partition("Options:\n- ")[2] for told in prompts(model)[:2])
    assert before.startswith("look:")
    assert after.startswith(f"{first}:")


async def test_a_decision_is_reminded_of_what_was_done_and_what_answers(empty_clients):
    with ScriptedModel([decision("look", what="it"), decision("finish")]) as model:
        await told(tree_for(model, look, finish), "What?", empty_clients)
        before, after = (said[1] for said in prompts(model)[:2])
    assert "Done for this already" not in before
    reminder = "(Done for this already: look. Where what was found answers it, choose finish now.)"
    assert after.partition("# Question\nWhat?\n")[2].splitlines()[1:] == [reminder]


class Ends(BaseModel):
    """End the run."""

    def run(self):
        return False


async def test_a_tool_that_runs_unasked_may_end_the_run(empty_clients):
    class EndsUnasked(PydanticTool):
        async def run_if_true(self, tree_data, base_lm, complex_lm, client_manager):
            return True, {}

    with ScriptedModel([answer("The end.")]) as model:
        tree = tree_for(model, EndsUnasked(Ends), finish, other)
        payloads = await told(tree, "What?", empty_clients)
        assert len(model.requests) == 1
    assert [p["payload"]["objects"][0]["text"] for p in payloads if p["type"] == "text"] == ["The end."]
