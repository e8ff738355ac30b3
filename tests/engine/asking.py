"""Helpers to ask a tree a question over a scripted model and read what it sends."""

from support.scripted_model import Json

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.tree import Tree


class Clients:
    """The part of a client manager that a tree uses."""

    def __init__(self, store):
        self._store = store

    def store(self):
        return self._store

    async def close_clients(self):
        pass


def settings_for(model, **changes):
    served = {"base_provider": "llama_cpp", "base_model": "scripted", "base_api_base": model.address}
    return Settings(**{**served, "queries_as_sql": False, **changes})  # scripts fill in forms


def decision(option, /, end=False, impossible=False, say="", why="because", **inputs):
    """A decision as a model writes it."""
    return Json(
        {
            "reasoning": why,
            "choice": {"option": option, "inputs": inputs},
            "message_update": say,
            "end_actions": end,
            "impossible": impossible,
        }
    )


def answer(text):
    return Json({"text": text})


def tree_for(model, *tools, preset="empty", **changes):
    made = Tree(preset, settings=settings_for(model, **changes), user_id="u", conversation_id="c")
    for tool in tools:
        made.add_tool(tool)
    return made


async def told(tree, question="What?", clients=None, **options):
    """Every payload of a run."""
    payloads = [payload async for payload in tree.async_run(question, client_manager=clients, **options)]
    await tree.aclose()
    assert [p["type"] for p in payloads].count("completed") == 1
    assert payloads[-1]["type"] == "completed"
    return payloads


def kinds(payloads, *left_out):
    return [
        p["type"]
        for p in payloads
        if p["type"] not in {"model_used", "step_finished", "text_delta", *left_out}
    ]


def texts(payloads):
    return [
        " ".join(item["text"] for item in p["payload"]["objects"])
        for p in payloads
        if p["type"] == "text" and not p["payload"]["metadata"].get("update")
    ]


def errors(payloads):
    return [p["payload"]["feedback"] for p in payloads if p["type"] == "self_healing_error"]


def prompts(model):
    """System and user message of each request."""
    return [[m["content"] for m in received.body["messages"]] for received in model.requests]
