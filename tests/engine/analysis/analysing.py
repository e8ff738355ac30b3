"""Helpers to analyse a collection over a scripted model and read what is told on the way."""

from itertools import pairwise

from support.scripted_model import Json, ScriptedModel

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.analysis.preprocess import preprocess_async

ABOUT = {"summary": "Things that a shop sells.", "questions": ["What is cheapest?", "Who makes most?"]}
PRODUCT = {
    "name": "label", "description": "text", "price": "price", "category": "kind", "rating": "stars",
    "brand": "maker",
}  # fmt: skip
KEYS = {"type", "collection_name", "progress", "message", "error"}


def replies(about=ABOUT, displays=("product",), **mappings):
    """What a model says to each question of an analysis; a reply that is no dict is said as it is."""
    mappings = {"product": PRODUCT, **mappings}

    def reply(body):
        system, user = (message["content"] for message in body["messages"])
        if system.startswith("Describe"):
            said = about
        elif system.startswith("Choose"):
            said = {"displays": list(displays)} if isinstance(displays, tuple) else displays
        else:
            said = mappings[user.rpartition("# The display\n- ")[2].partition(":")[0]]
        return Json(said) if isinstance(said, dict) else said

    return reply


def analyst(**said):
    """A model that says what an analysis needs."""
    return ScriptedModel(replies(**said))


class Wrapped:
    """A store that is this one but for what is overridden."""

    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        return getattr(self.store, name)


async def analysed(clients, name="Shop", **options):
    """Every update of an analysis, and the metadata afterwards."""
    options.setdefault("settings", Settings())
    updates = [update async for update in preprocess_async(name, clients, **options)]
    assert all(update.keys() == KEYS and update["collection_name"] == name for update in updates)
    assert [update["type"] for update in updates[:-1]] == ["update"] * (len(updates) - 1)
    assert updates[-1]["type"] in {"completed", "error"}
    assert all(0 <= a["progress"] <= b["progress"] <= 1 for a, b in pairwise(updates))
    metadata = None if updates[-1]["type"] == "error" else await clients.store().get_metadata(name)
    return updates, metadata
