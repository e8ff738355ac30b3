"""A profile with a small collection, and a scripted model that queries it and cites what it found."""

import json
import re
from pathlib import Path

from support.scripted_model import Json

from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.services.workspace import Workspace

BOATS = [
    {"uuid": f"00000000-0000-4000-8000-00000000000{i}", "name": name, "masts": masts}
    for i, (name, masts) in enumerate([("Merle", 1), ("Gannet", 2), ("Sea Otter", 3)], start=1)
]
SCHEMA = CollectionSchema.model_validate(
    {
        "name": "Boats",
        "properties": [{"name": "name", "type": "text"}, {"name": "masts", "type": "int"}],
    }
)
KEY = "sk-very-secret-key"


def write_settings(profile: Path, **settings):
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "settings.json").write_text(json.dumps(settings))


def use_model(profile: Path, address: str, **more):
    write_settings(
        profile,
        base_provider="openai_compatible",
        base_model="scripted",
        base_api_base=address,
        **more,
    )


def without_sample(profile: Path):
    """A profile into which the sample data is not loaded."""
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "sample-loaded").touch()


async def opened(profile: Path) -> Workspace:
    """A workspace that holds the boats and nothing else."""
    without_sample(profile)
    workspace = Workspace(profile)
    await workspace.open()
    store = workspace.clients.store()
    if not await store.collections():
        await store.create(SCHEMA)
        await store.insert("Boats", BOATS)
    return workspace


def decision(option, end=False, **inputs):
    return Json(
        {
            "reasoning": "Because.",
            "choice": {"option": option, "inputs": inputs},
            "message_update": "",
            "end_actions": end,
            "impossible": False,
        }
    )


def query(collection="Boats", **more):
    request = {
        "collection": collection,
        "search_words": None,
        "filters": [],
        "match": "all",
        "sort_by": None,
        "order": "lowest first",
        "limit": 5,
        "display": "table",
    }
    return Json({"requests": [{**request, **more}]})


def cited(text):
    return Json({"title": "Boats", "answer": [{"text": text, "refs": [1]}]})


def system_of(body):
    return body["messages"][0]["content"]


def question_of(body):
    return re.search(r"# Question\n(.*)", body["messages"][-1]["content"])[1]


def stage(body):
    """Which of the prompts of a run this is."""
    system = system_of(body)
    if "Options:" in system:
        return "decide"
    return next(s for s in ("queries", "aggregations", "answer") if _MARKS[s] in system)


_MARKS = {
    "queries": "Write the queries",
    "aggregations": "Write the aggregations",
    "answer": "Answer the person's question from",
}


def find_then_cite(body):
    """Query the boats once, then answer with the question turned to capitals."""
    user = body["messages"][-1]["content"]
    match stage(body):
        case "decide":
            found = "# Found so far" in user
            return decision("cited_summarize", end=True) if found else decision("query", collection_names=[])
        case "queries":
            return query()
        case _:
            return cited(question_of(body).upper())


def greet(body):
    return decision("text_response", end=True, text=f"Hello: {question_of(body)}")


async def collect(workspace, conversation, question, *, query_id=None, collections=()):
    """Ask, and return every payload."""
    run = workspace.asking.ask(conversation.id, query_id or workspace.new_id(), question, collections)
    return [payload async for payload in run]


def answers(payloads):
    return [
        " ".join(part["text"] for part in payload["payload"]["objects"])
        for payload in payloads
        if payload["type"] == "text"
    ]
