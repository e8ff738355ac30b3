"""Whatever a model says and whatever tools do, a run ends in words, once."""

import asyncio
import json
import threading

import pytest
from engine.asking import answer, decision, texts, told, tree_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.scripted_model import Cut, Fail, Garbage, Json, Say, ScriptedModel, Slow

from elysia_desktop.core.objects import Response, Result
from elysia_desktop.core.payloads import Error, Status
from elysia_desktop.engine.tool import Tool

NAMES = ["finds", "fails", "answers", "errs", "empty", "odd", "slow", "deep"]


class Acts(Tool):
    """A tool that does what its name says."""

    def __init__(self, name, end=False):
        super().__init__(
            name, f"It {name}.", end=end, inputs={"times": {"type": int, "default": 1, "required": False}}
        )

    async def __call__(self, tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs):
        match self.name:
            case "finds":
                yield Result([{"n": n} for n in range(3)], name="numbers")
            case "fails":
                yield Status("Soon…")
                raise ZeroDivisionError("never divide")
            case "answers":
                yield Response("Here you are.")
            case "errs":
                yield Error("Not like this.")
            case "odd":
                yield object()
            case "slow":
                await asyncio.sleep(0.01)
                yield Result([{"slow": True}])
            case "deep":
                yield {"deep": json.loads("[" * 400 + "]" * 400)}
            case _:
                return


OPTIONS = st.sampled_from([*NAMES, "sub", "nowhere"])
DECISIONS = st.builds(
    decision,
    OPTIONS,
    end=st.booleans(),
    impossible=st.sampled_from([False, False, False, True]),
    say=st.sampled_from(["", "Looking."]),
    times=st.sampled_from([1, "many", None]),
)
NONSENSE = st.one_of(
    st.text(max_size=30).map(Say),
    st.sampled_from(
        [
            Say(""),
            Say("{"),
            Say("[" * 2000),
            Say('{"choice": ' * 400),
            Json({}),
            Json({"text": "An answer."}),
            Say("Ich weiß es nicht."),
            Garbage(),
            Cut(),
            Fail(400, "no"),
            Fail(401, "no"),
            Fail(404, "no"),
            Slow(0.02, Say("late")),
        ]
    ),
)
SCRIPTS = st.lists(st.one_of(DECISIONS, DECISIONS, NONSENSE), max_size=14)
STRUCTURES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["base", "sub"]), st.booleans()), max_size=6
)


def built(model, structure, limit):
    tree = tree_for(model, recursion_limit=limit)
    tree.add_branch("sub", "choose", "more options", from_branch_id="base")
    for name, branch, end in structure:
        if name not in {node["id"] for node in _below(tree.tree, branch)}:
            tree.add_tool(Acts(name, end), branch_id=branch)
    return tree


def _below(node, branch):
    if node["id"] == branch:
        return list(node["options"].values())
    return next((found for below in node["options"].values() if (found := _below(below, branch))), [])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=SCRIPTS, structure=STRUCTURES, limit=st.integers(1, 4))
def test_every_run_ends_once_in_words_and_leaves_a_usable_tree(empty_clients, script, structure, limit):
    async def run():
        with ScriptedModel(lambda _: left.pop(0) if left else answer("That is all.")) as model:
            tree = built(model, structure, limit)
            payloads = await told(tree, "What?", empty_clients)  # asserts: `completed` last, exactly once
            assert texts(payloads)
            assert all(texts(payloads))
            assert len([p for p in payloads if p["type"] == "tree_update" and p["payload"]["reset"]]) <= limit
            json.dumps(payloads)
            saved = json.dumps(tree.export_to_json())
            left[:] = [decision("still_here", end=True)]
            tree.add_tool(StillHere(), branch_id="base")
            again = await told(tree, "And now?", empty_clients)
            assert texts(again) == ["Still here."]
            assert tree.conversation_history[-1] == {"role": "assistant", "content": "Still here."}
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others
        return saved

    left = list(script)
    threads = threading.active_count()
    assert asyncio.run(run())
    assert threading.active_count() <= threads


class StillHere(Tool):
    """Answers."""

    name = "still_here"
    description = "Answers."
    end = True

    async def __call__(self, tree_data, inputs, base_lm, complex_lm, client_manager, **kwargs):
        yield Response("Still here.")


STEPS = [
    decision("finds", say="Looking."),
    decision("sub"),
    decision("slow"),
    Say("no JSON"),
    decision("fails"),
    decision("finds"),
]


@pytest.mark.parametrize("number", range(1, 24))
async def test_a_run_cancelled_at_any_step_leaves_a_usable_tree(empty_clients, nothing_left, number):
    """The task is cancelled as a stop button does it: from outside, after so many payloads."""
    structure = [("finds", "base", False), ("fails", "base", False), ("slow", "sub", False)]
    left, seen = [*STEPS], []
    with ScriptedModel(lambda _: left.pop(0) if left else Slow(0.05, answer("Late."))) as model:
        tree = built(model, structure, 5)

        async def ask():
            async for payload in tree.async_run("What?", client_manager=empty_clients):
                seen.append(payload)
                if len(seen) == number:
                    reached.set()

        reached = asyncio.Event()
        task = asyncio.create_task(ask())
        waiting = asyncio.create_task(reached.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        waiting.cancel()
        await asyncio.wait([task, waiting])
        assert [p["type"] for p in seen].count("completed") == (seen[-1]["type"] == "completed")
        found = sum(p["type"] == "result" for p in seen)
        kept = sum(len(entries) for _, _, entries in tree.environment.results())
        assert kept >= found
        assert not tree.is_running
        left[:] = [decision("still_here")]
        tree.add_tool(StillHere())
        assert texts(await told(tree, "And now?", empty_clients)) == ["Still here."]
