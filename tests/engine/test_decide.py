from enum import Enum
from typing import Annotated

import pytest
from engine.asking import decision, prompts, settings_for
from pydantic import AfterValidator
from support.scripted_model import ScriptedModel

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.settings import Settings
from elysia_desktop.core.tree_data import Atlas, TreeData
from elysia_desktop.engine.budget import LOCAL_BUDGET, estimate_tokens
from elysia_desktop.engine.decide import Decider, Offer, forced
from elysia_desktop.engine.lm import LanguageModel
from elysia_desktop.engine.nodes import Node
from elysia_desktop.engine.tool import Tool, tool


def offer(name, inputs=None, **known):
    made = Tool(name, f"Does {name}.", inputs=inputs or {}, **known)
    return Offer(Node(name, made), made.inputs)


BRANCH = Node("base", instruction="Choose well.")
NUMBER = {"n": {"type": int, "description": "how many", "required": True}}
WORDS = {"words": {"type": list[str], "default": ["a"]}}


async def decide(model, offers, unavailable=None, **changes):
    settings = settings_for(model, **changes)
    state = TreeData(CollectionData([]), Atlas(style="Terse."), settings=settings)
    state.begin_run("Which film?")
    lm = LanguageModel(settings.model_choice("base"))
    try:
        return await Decider().decide(lm, BRANCH, offers, unavailable or {}, state)
    finally:
        await lm.aclose()


def test_only_one_option_without_inputs_is_no_decision():
    assert forced([offer("a"), offer("b")]) is None
    assert forced([offer("a", NUMBER)]) is None
    assert forced([]) is None
    assert forced([offer("a")]).end_actions is False
    assert forced([offer("a", end=True)]).end_actions is True
    assert forced([Offer(Node("branch"))]).option == "branch"


async def test_a_decision_is_typed():
    reply = decision("b", end=True, say="Counting.", why="because", n=3)
    with ScriptedModel([reply]) as model:
        made = await decide(model, [offer("a"), offer("b", NUMBER)])
    assert (made.option, made.inputs, made.reasoning) == ("b", {"n": 3}, "because")
    assert (made.message_update, made.end_actions, made.impossible) == ("Counting.", True, False)
    assert made.spent.attempts == 1


async def test_defaults_are_filled_in():
    with ScriptedModel([decision("a")]) as model:
        assert (await decide(model, [offer("a", WORDS), offer("b")])).inputs == {"words": ["a"]}


@pytest.mark.parametrize(
    "wrong",
    [
        decision("b", n="many"),
        decision("b"),
        decision("c", n=1),
        decision("a", words=5),
        decision("a", words=["x"] * 500),
        decision("a", why="x" * 5000),
    ],
    ids=lambda reply: str(reply.value["choice"])[:40],
)
async def test_what_does_not_fit_is_asked_for_again(wrong):
    with ScriptedModel([wrong, decision("b", n=1)]) as model:
        made = await decide(model, [offer("a", WORDS), offer("b", NUMBER)])
        assert "could not be used" in prompts(model)[1][1]
    assert made.inputs == {"n": 1}
    assert made.spent.attempts == 2


async def test_without_reasoning_none_is_asked_for():
    with ScriptedModel([decision("a")]) as model:
        made = await decide(model, [offer("a"), offer("b")], base_use_reasoning=False)
        assert "reasoning" not in str(model.requests[0].body["response_format"])
    assert made.reasoning == ""


async def test_stable_parts_come_first_and_the_question_last():
    with ScriptedModel([decision("a")]) as model:
        await decide(model, [offer("a"), offer("b")], {"later": "Once it rains."})
        system, user = prompts(model)[0]
    for part in ("Terse.", "Choose well.", "Does a.", "Does b.", "Once it rains."):
        assert part in system
    assert "Which film?" not in system
    assert user.rpartition("# ")[2].startswith("Question\nWhich film?")


async def test_options_alike_and_many_are_all_offered():
    offers = [offer(f"tool{n}", NUMBER if n % 2 else WORDS) for n in range(9)]
    for n in range(9):
        inputs = {"n": 1} if n % 2 else {"words": []}
        with ScriptedModel([decision(f"tool{n}", **inputs)]) as model:
            made = await decide(model, offers)
        assert (made.option, made.inputs) == (f"tool{n}", inputs)


def test_settings_need_no_model_to_be_made():
    assert not Settings().model_choice("base").is_configured


async def test_types_of_the_same_name_are_told_apart():
    class Colour(Enum):
        RED = "red"

    def another():
        class Colour(Enum):
            BLUE = "blue"

        return Colour

    offers = [offer("a", {"c": {"type": Colour, "required": True}})]
    offers.append(offer("b", {"c": {"type": another(), "required": True}}))
    with ScriptedModel([decision("b", c="blue")]) as model:
        made = await decide(model, offers)
    assert (made.option, made.inputs["c"].value) == ("b", "blue")


async def test_what_a_decision_checked_is_not_checked_again():
    @tool
    async def double(n: Annotated[int, AfterValidator(lambda n: n * 2)]):
        return n

    with ScriptedModel([decision("double", n=2)]) as model:
        made = await decide(model, [Offer(Node("double", double), double.inputs), offer("a")])
    (result,) = [item async for item in double(None, made.inputs, None, None, None)]
    assert result.objects == [{"tool_result": 4}]


async def prompt_for(offers, unavailable=None):
    """The estimated tokens of a decision's whole prompt, and its first part."""
    with ScriptedModel([decision(offers[0].node.id, **dict.fromkeys(offers[0].inputs, 1))]) as model:
        await decide(model, offers, unavailable)
        system, user = prompts(model)[0]
    return estimate_tokens(system) + estimate_tokens(user), system


@pytest.mark.parametrize("words", ["Does a thing.", "Tut sehr viel für Bücher. " * 60, "許多" * 200])
async def test_a_hundred_options_fit_in_a_small_prompt_each_with_its_first_words(words):
    offers = [Offer(Node(f"option_number_{n}", Tool("x", words))) for n in range(100)]
    tokens, system = await prompt_for(offers)
    assert tokens <= LOCAL_BUDGET
    for n in range(100):
        assert f"- option_number_{n}: {words[:2]}" in system


async def test_few_options_are_described_whole():
    _, system = await prompt_for(
        [offer("a", NUMBER), offer("b", {"n": {"type": int, "description": "much"}})]
    )
    for words in ("Does a.", "Does b.", "how many", "much"):
        assert words in system


async def test_inputs_of_many_options_are_told_by_name_and_type():
    inputs = {"n": {"type": int, "description": "a number, " * 20, "required": True}}
    offers = [offer(f"option{n}", {f"n{n}": inputs["n"]}) for n in range(30)]
    tokens, system = await prompt_for(offers)
    assert tokens <= LOCAL_BUDGET
    assert "n29: integer" in system
    assert "a number" not in system


async def test_what_is_not_available_takes_little_room():
    unavailable = {f"later{n}": "once it rains " * 300 for n in range(100)}
    tokens, system = await prompt_for([offer("a"), offer("b")], unavailable)
    assert tokens <= LOCAL_BUDGET // 2
    assert "(not yet: later0. once it rains" in system
    assert "more)" in system


async def test_options_that_are_never_the_same_do_not_fill_the_memory():
    def script(body):
        return decision("a", n=1)

    decider = Decider()
    with ScriptedModel(script) as model:
        settings = settings_for(model)
        state = TreeData(CollectionData([]), Atlas(), settings=settings)
        state.begin_run("Which film?")
        lm = LanguageModel(settings.model_choice("base"))
        for n in range(80):
            number = {"n": {"type": int, "description": f"number {n}", "required": True}}
            await decider.decide(lm, BRANCH, [offer("a", number), offer("b")], {}, state)
        await lm.aclose()
    assert len(decider._signatures) <= 64
