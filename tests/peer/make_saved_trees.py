"""Writes real saved trees of `elysia-ai` 0.2.8 to a folder; runs where that package is installed.

    python make_saved_trees.py FOLDER

No model and no network: a model in this process says what the script tells it. A made-up key is put into the
settings of every tree, and taken out again before writing, as are the package's own prose and the time.
"""

import asyncio
import json
import re
import sys
import uuid
from datetime import datetime
from itertools import count
from pathlib import Path

MADE_UP_KEY = "sk-made-up-4711"
_numbers = count(1)
uuid.uuid4 = lambda: uuid.UUID(int=next(_numbers), version=4)

from dspy.utils import DummyLM  # noqa: E402
from elysia import Settings, Tree, tool  # noqa: E402
from elysia.objects import Error, Response, Result, Retrieval  # noqa: E402

FILMS = [
    {
        "title": "Amélie – «Le fabuleux destin»",
        "year": 2001,
        "seen": datetime(2024, 3, 1, 20, 15),  # noqa: DTZ001
        "tags": ["🎬", "é"],
    },
    {
        "title": "千と千尋の神隠し",
        "year": 2001,
        "rating": 8.6,
        "id": uuid.UUID(int=7),
        "crew": {"director": "宮崎 駿"},
    },
]
METADATA = {
    "name": "Films",
    "length": 2.0,
    "summary": "Films and when they were seen.",
    "fields": [
        {"name": "title", "type": "text", "description": "The title.", "range": [8, 29], "mean": 18.5, "groups": None,
         "date_range": None, "date_median": None},
        {"name": "year", "type": "int", "description": "", "range": [2001, 2001], "mean": 2001.0,
         "groups": [{"value": "2001", "count": 2}], "date_range": None, "date_median": None},
    ],
    "mappings": {"table": {"title": "title", "year": "year"}, "generic": {"title": "title", "subtitle": ""}},
    "named_vectors": [{"name": "default", "enabled": True, "source_properties": ["title"], "description": ""}],
    "vectorizer": None,
    "index_properties": {"isNullIndexed": False, "isLengthIndexed": False, "isTimestampIndexed": True},
    "prompts": ["Which films are from 2001?"],
}  # fmt: skip


@tool(status="Looking for films…")
async def find_films(title: str, limit: int = 2):
    """Find films by title."""
    yield Response("One moment.")
    yield Retrieval(
        [dict(film) for film in FILMS[:limit]],
        metadata={
            "collection_name": "Films",
            "query_text": title,
            "code": {"language": "python", "title": "Query"},
        },
        payload_type="table",
    )


@tool
async def add(x: int, y: int) -> dict:
    """Add two numbers."""
    return {"sum": x + y}


@tool
async def list_everything() -> list:
    """List numbers and texts."""
    return [1, "two", {"three": 3}]


@tool
async def find_again(tree_data):
    """Find what was found before, and remember it out of the model's sight."""
    found = tree_data.environment.environment["find_films"]["Films"][0]["objects"]
    tree_data.environment.hidden_environment["seen"] = [film["_REF_ID"] for film in found]
    yield Result(found, name="Films", llm_message="Found {num_objects} again.")
    tree_data.environment.add_objects("find_films", "Films", found)
    tree_data.set_property("favourites", {"Amélie": 1})
    tree_data.update_list("notes", "seen twice")


@tool
async def break_down():
    """Fail, saying how to do better."""
    yield Error(feedback="Name a year between 1900 and 2100.")
    yield Error(error_message="Something else.")


@tool(end=True)
async def answer(words: str):
    """Answer the person."""
    yield Response(words)


def decision(name, end=False, **inputs):
    return {
        "reasoning": f"{name} brings the answer nearer.",
        "function_name": name,
        "function_inputs": json.dumps(inputs),
        "end_actions": str(end),
        "impossible": "False",
        "message_update": f"Using {name}.",
    }


def settings(**changes):
    made = Settings()
    made.configure(
        base_provider="openrouter/google", base_model="gemini-2.0-flash-001", complex_provider="openrouter/google",
        complex_model="gemini-2.5-flash", openrouter_api_key=MADE_UP_KEY, settings_id="1", logging_level="ERROR",
        **changes,
    )  # fmt: skip
    return made


def tree(name, *replies, branch_initialisation="default", tools=(), **changes):
    made = Tree(
        branch_initialisation,
        style="Dry.",
        agent_description="An agent that knows films.",
        end_goal="The question is answered.",
        user_id="ann",
        conversation_id=name,
        settings=settings(**changes),
    )
    made.tree_data.environment.hidden_environment = {}  # the package has all trees share one
    for item in tools:
        made.add_tool(item)
    made._base_lm = made._complex_lm = DummyLM(list(replies))
    return made


async def ask(made, *prompts):
    for number, prompt in enumerate(prompts, start=1):
        async for _ in made.async_run(prompt, query_id=f"{made.conversation_id}-{number}"):
            pass


async def default_tree():
    made = tree(
        "default",
        decision("find_films", title="Amélie"),
        decision("find_again"),
        decision("break_down"),
        decision("add", x=9009, y=6006),
        decision("list_everything"),
        decision("text_response", end=True, text="It is 15015, and « Amélie » is from 2001. 🎬"),
        decision("text_response", end=True, text="Gladly."),
        {"title": "Films of 2001 🎬"},
        tools=(find_films, find_again, break_down, add, list_everything),
    )
    await ask(made, "What is 9009 + 6006, and when was Amélie made?", "Thank you!")
    await made.create_conversation_title_async()
    return made


async def multi_branch_tree():
    made = tree(
        "multi_branch",
        decision("find_films", title="千"),
        decision("cited_summarize", end=True),
        {
            "subtitle": "Films",
            "cited_text": json.dumps([{"text": "Two are from 2001.", "ref_ids": ["find_films_Films_0_0"]}]),
        },
        branch_initialisation="multi_branch",
        tools=(find_films,),
        wcd_url="https://films.weaviate.cloud",
        wcd_api_key=MADE_UP_KEY,
    )  # fmt: skip
    made.tree_data.collection_data.metadata = {"Films": METADATA}
    made.tree_data.collection_data.collection_names = made.tree_data.collection_names = ["Films"]
    made.settings.WCD_URL, kept = "", made.settings.WCD_URL  # there is no cluster to ask
    await ask(made, "Which films are from 2001?")
    made.settings.WCD_URL = kept
    return made


async def empty_tree_with_branches():
    made = tree(
        "branches",
        decision("speak"),
        decision("answer", end=True, words="Good day."),
        branch_initialisation="empty",
    )
    made.add_branch(
        "speak", "Choose how to speak.", "Speak to the person.", from_branch_id="base", status="Speaking…"
    )
    made.add_tool(answer, branch_id="speak")
    made.add_tool(add, branch_id="speak")
    made.add_tool(list_everything, branch_id="speak", from_tool_ids=["add"])
    made.add_tool(break_down, root=True)
    await ask(made, "Say something.")
    return made


async def tree_changed_by_hand():
    made = tree("by_hand", branch_initialisation="one_branch", weaviate_is_local=True, use_feedback=False)
    objects = made.tree_data.environment
    for number in range(3):
        objects.add_objects("count", "numbers", [{"n": number}, {"n": -number}], {"round": number})
    objects.remove("count", "numbers", 0)
    objects.replace("count", "numbers", [{"n": "replaced"}], index=0)
    objects.add_objects("count", "gone", [{"n": 1}])
    objects.remove("count", "gone")
    made.tree_data.errors = {"query": ["No such field."], "aggregate": []}
    made.tree_data.set_current_task("query")
    made.returner.store.append(None)
    return made


async def new_tree():
    return tree("new", model_api_base="http://localhost:11434", branch_initialisation="")


def as_committed(made):
    """The export as `json` writes it, without keys, prose that is the package's own, and the time."""
    told = json.loads(json.dumps(made.export_to_json()))
    for block in (told["settings"], told["tree_data"]["settings"]):
        block["API_KEYS"] = dict.fromkeys(block["API_KEYS"], "")
        block["WCD_API_KEY"] = ""
    about = told["tree_data"]["environment"]["environment"]["SelfInfo"]["info"][0]
    about["description"] = about["purpose"] = "About Elysia."
    told["tree_data"]["atlas"]["datetime_reference"] = {
        "current_datetime": "2025-06-01T12:00:00.000001",
        "current_day_of_week": "Sunday",
        "current_time_of_day": "12:00 PM",
    }
    errors = told["tree_data"]["errors"]
    told["tree_data"]["errors"] = {
        name: [re.sub(r" \(.*", "", text) for text in texts] for name, texts in errors.items()
    }
    return told


async def main(folder):
    for make in (default_tree, multi_branch_tree, empty_tree_with_branches, tree_changed_by_hand, new_tree):
        made = await make()
        text = json.dumps(as_committed(made), indent=1, ensure_ascii=False) + "\n"
        assert MADE_UP_KEY not in text
        assert len(text.encode()) < 60_000, len(text)
        (folder / f"{made.conversation_id}.json").write_text(text, "utf-8")
        print(made.conversation_id, len(text))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
