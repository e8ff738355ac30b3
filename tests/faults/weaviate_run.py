"""Weaviate dies in the middle of a conversation's run, or of an analysis."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

from faults.verdicts import Fault
from faults.weaviate_asking import NAME, filled, first_is_right, manager_for
from support.scripted_model import Body, Json, Reply, ScriptedModel
from support.weaviate_server import WeaviateServer, weaviate_server

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.analysis.preprocess import preprocess_async
from elysia_desktop.engine.tree import Tree

_REQUEST = {
    "collection": NAME,
    "search_words": "many",
    "filters": [],
    "match": "all",
    "sort_by": None,
    "order": "lowest first",
    "limit": 5,
}
_OBJECTS = 2_000
_SAID = "The collection could not be read just now."


class Script:
    """A model that asks for objects, and answers in words when that failed; the server dies at one of its turns."""

    def __init__(self, server: WeaviateServer, dies_at: int) -> None:
        self.turns = 0
        self._server = server
        self._dies_at = dies_at

    def __call__(self, body: Body) -> Reply:
        self.turns += 1
        if self.turns == self._dies_at:
            self._server.kill()
        told = json.dumps(body)
        if '"requests"' in json.dumps(body.get("response_format")):
            return Json({"requests": [_REQUEST]})
        has_failed = "went away" in told or "Nothing answers" in told or self.turns > 2
        return self._decision("text_response", text=_SAID) if has_failed else self._decision("query")

    @staticmethod
    def _decision(option: str, **inputs: object) -> Json:
        inputs = inputs or {"collection_names": [NAME]}
        return Json(
            {
                "reasoning": "because",
                "choice": {"option": option, "inputs": inputs},
                "message_update": "",
                "end_actions": option == "text_response",
                "impossible": False,
            }
        )


async def in_a_run(_: Path) -> str:
    said: list[str] = []
    for dies_at in (1, 2):
        with weaviate_server() as server:
            said.append(await _one_run(server, dies_at))
    return "; ".join(said)


async def _one_run(server: WeaviateServer, dies_at: int) -> str:
    async with manager_for(server) as manager:
        store = manager.store()
        await filled(store, 100)
        analysed = [update async for update in preprocess_async(NAME, manager)]
        assert analysed[-1]["type"] == "completed", analysed[-1]
        script = Script(server, dies_at)
        with ScriptedModel(script) as model:
            settings = Settings(base_provider="llama_cpp", base_model="scripted", base_api_base=model.address)
            tree = Tree("default", settings=settings, user_id="u", conversation_id="c")
            started = time.monotonic()
            run = tree.async_run("Which things are there?", collection_names=[NAME], client_manager=manager)
            payloads = [payload async for payload in run]
            took = time.monotonic() - started
            await tree.aclose()
    kinds = [payload["type"] for payload in payloads]
    assert kinds.count("completed") == 1, kinds
    assert kinds[-1] == "completed", kinds
    words = [
        item["text"]
        for payload in payloads
        if payload["type"] == "text" and not payload["payload"]["metadata"].get("update")
        for item in payload["payload"]["objects"]
    ]
    told = [
        p["payload"].get("feedback") or p["payload"].get("text") for p in payloads if "error" in p["type"]
    ]
    assert words or told, payloads
    assert any("Weaviate" in one for one in told), told
    answer = " ".join(words)
    return f"killed at the model's turn {dies_at}: the tree hears “{told[0]}”, the person “{answer}” after {took:.1f} s"


async def in_analysis(_: Path) -> str:
    with weaviate_server() as server:
        async with manager_for(server) as manager:
            store = manager.store()
            await filled(store, _OBJECTS)
            came_back = await _analysed(manager, server, stays_away=False)
            assert came_back[-1]["type"] in {"completed", "error"}
            stayed_away = await _analysed(manager, server, stays_away=True)
            assert stayed_away[-1]["type"] == "error"
            assert stayed_away[-1]["error"]
            await asyncio.to_thread(server.start)
            await first_is_right(store)
            kept = await store.get_metadata(NAME)
            assert (kept is not None) == (came_back[-1]["type"] == "completed")
            finished = [update async for update in preprocess_async(NAME, manager, force=True)]
            assert finished[-1]["type"] == "completed", finished[-1]
    return (
        f"back within a second: {came_back[-1]['type']}; gone for good: “{stayed_away[-1]['error']}”; "
        "the next analysis completes"
    )


async def _analysed(manager: object, server: WeaviateServer, *, stays_away: bool) -> list[dict[str, object]]:
    updates: list[dict[str, object]] = []
    async for update in preprocess_async(NAME, manager, force=True):  # type: ignore[arg-type]
        updates.append(update)
        if len(updates) == 1:
            await asyncio.to_thread(server.kill)
            if not stays_away:
                await asyncio.to_thread(server.start)
    assert [one["type"] for one in updates[:-1]] == ["update"] * (len(updates) - 1)
    return updates


FAULTS = (
    Fault(
        "weaviate-killed-in-analysis",
        "Weaviate is killed during an analysis",
        "one last update says how it ended, nothing half is kept, the next analysis completes",
        in_analysis,
        seconds=150,
    ),
    Fault(
        "weaviate-killed-in-run",
        "Weaviate is killed during a run of a conversation and stays away",
        "the run ends in words, with exactly one “completed”, at the end",
        in_a_run,
        seconds=150,
    ),
)
