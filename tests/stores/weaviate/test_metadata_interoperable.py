"""What analysis writes to a Weaviate is read by `elysia-ai` 0.2.8, and what that writes is read here."""

import asyncio
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from benchmarks import peer_environment
from engine.analysis.analysing import replies
from engine.asking import settings_for
from support.scripted_model import Say, ScriptedModel

from elysia_desktop.core.collection_data import CollectionData
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.analysis.editing import (
    edit_preprocessed_collection_async,
    preprocessed_collection_exists_async,
    view_preprocessed_collection_async,
)
from elysia_desktop.engine.analysis.preprocess import preprocess_async
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.stores.clients import ClientManager

_PEER = Path(__file__).parents[2] / "peer" / "analyse.py"
_PROPERTIES = {
    "label": "text", "text": "text", "price": "float", "maker": "text", "kind": "text", "stars": "int",
    "sold": "boolean", "since": "date", "tags": "text[]",
}  # fmt: skip
_VECTORS = (VectorConfig(name="of_label"), VectorConfig(name="of_text"))
_NUMBER = 40
OURS, THEIRS, GUESSED = "Wares", "Goods", "Odds"
SUMMARY = "Things that a shop sells."
MAPPING = {
    "name": "label",
    "description": "text",
    "price": "price",
    "category": "kind",
    "rating": "stars",
    "brand": "maker",
}
PEER_MAPPING = {**MAPPING, "id": "", "url": "", "image": "", "tags": "tags"}


def objects():
    return [
        {
            "label": f"Thing {number}",
            "text": f"It is thing number {number}.",
            "price": number + 0.5,
            "maker": ["Acme", "Umbrail", None, "Acme"][number % 4],
            "kind": "lamp",
            "stars": number % 5,
            "sold": number % 4 == 0,
            "since": f"2024-01-{1 + number % 28:02}T00:00:00Z",
            "tags": ["red", "small"][: 1 + number % 2],
        }
        for number in range(_NUMBER)
    ]


def said_to_peer(body):
    """What a model says to the questions of the peer, told by the outputs it is asked for."""
    asked = body["messages"][0]["content"]
    fields: dict[str, Any] = {"reasoning": "So it is."}
    if "overall_summary" in asked:
        parts = {"relationships": "None.", "structure": "Rows.", "irregularities": "None."}
        fields |= {"overall_summary": SUMMARY, **parts, "field_descriptions": {"price": "In pounds"}}
    elif "field_mapping" in asked:
        fields |= {"field_mapping": PEER_MAPPING}
    elif "prompt_suggestions" in asked:
        fields |= {"prompt_suggestions": ["What is cheapest?"]}
    elif "query_outputs" in asked:
        query = {"target_collections": [OURS], "search_type": "keyword", "search_query": "7", "limit": 3}
        fields |= {
            "advanced_reasoning": "", "message_update": "I look.", "impossible": "False",
            "fields_to_search": {OURS: None},
            "data_display": {OURS: {"display_type": "product", "summarise_items": False}},
            "query_outputs": [query],
        }  # fmt: skip
    elif "return_types" in asked:
        fields |= {"return_types": ["product"]}
    written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
    parts = [f"[[ ## {name} ## ]]\n{value}" for name, value in written.items()]
    return Say("\n\n".join([*parts, "[[ ## completed ## ]]"]))


def said_to_us(body):
    return replies(product=MAPPING)(body)


def peer_asked(node, **work):
    """What the peer tells of this work, see peer/analyse.py."""
    python = peer_environment.folder() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    with ScriptedModel(said_to_peer) as model:
        request = {"http": node.port, "grpc": node.grpc_port, "model": model.address, **work}
        ended = subprocess.run(
            [python, _PEER],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


@dataclass(frozen=True)
class Exchanged:
    """What either program told of what the other had written."""

    peer: dict[str, Any]
    peer_updates: list[dict[str, Any]]
    written: dict[str, dict[str, Any]]
    """By collection, as it is read here."""
    in_use: dict[str, dict[str, Any]]
    existed: dict[str, bool]
    edited: dict[str, Any]


async def exchange(node):
    ports = {"local_weaviate_port": node.port, "local_weaviate_grpc_port": node.grpc_port}
    clients = ClientManager(settings=Settings(data_source="local", **ports))
    try:
        return await _exchange(node, clients)
    finally:
        async with clients.connect_to_async_client() as client:
            await client.collections.delete_all()
        await clients.close_clients()


async def _exchange(node, clients):
    store = clients.store()
    properties = tuple(Property(name=name, type=kind) for name, kind in _PROPERTIES.items())
    for name, vectors in ((OURS, _VECTORS), (THEIRS, _VECTORS), (GUESSED, ())):
        await store.create(CollectionSchema(name=name, properties=properties, vectors=vectors))
        assert (await store.insert(name, objects())).rejected == []
    first = await asyncio.to_thread(peer_asked, node, analyse=[THEIRS])
    existed = {name: await preprocessed_collection_exists_async(name, clients) for name in (THEIRS, OURS)}
    with ScriptedModel(said_to_us) as model:
        for name, settings in ((OURS, settings_for(model)), (GUESSED, Settings())):
            updates = [update async for update in preprocess_async(name, clients, settings=settings)]
            assert (updates[-1]["type"], updates[-1]["error"]) == ("completed", ""), updates[-1]
    names = (OURS, THEIRS, GUESSED)
    written = {name: await view_preprocessed_collection_async(name, clients) for name in names}
    known = CollectionData([], statistics=statistics)
    assert await known.set_collection_names(names, clients) == [*names]
    edited = await edit_preprocessed_collection_async(
        THEIRS, clients, summary="Edited.", fields=[{"name": "text", "description": "What it is"}]
    )
    second = await asyncio.to_thread(peer_asked, node, read=[*names], find=OURS)
    in_use = known.output_full_metadata(with_mappings=True)
    return Exchanged(second, first["updates"][THEIRS], written, in_use, existed, edited)


@pytest.fixture(scope="module")
def exchanged(weaviate_node):
    """Three collections, one analysed by the peer, one here, one here without a model; then each reads them all."""
    if not (peer_environment.folder() / ".ready").exists():
        pytest.skip("elysia-ai 0.2.8 is not installed: run tests/benchmarks/peer_environment.py once.")
    return asyncio.run(exchange(weaviate_node))


def fields(metadata):
    return {field["name"]: field for field in metadata["fields"]}


def enabled(metadata):
    return {vector["name"]: vector["enabled"] for vector in metadata["named_vectors"] or ()}


def test_vectors_are_told_in_the_same_way(exchanged):
    theirs, ours = exchanged.written[THEIRS], exchanged.written[OURS]
    assert theirs["vectorizer"] == ours["vectorizer"]
    told = [
        sorted(
            (v["name"], v["vectorizer"].lower(), v.get("model") or "", v["enabled"])
            for v in m["named_vectors"]
        )
        for m in (theirs, ours)
    ]
    assert told[0] == told[1] == [(vector.name, "none", "", True) for vector in _VECTORS]
    assert enabled(exchanged.written[GUESSED]) == {}


def test_what_the_peer_wrote_is_read_here(exchanged):
    assert exchanged.peer_updates[-1]["type"] == "completed", exchanged.peer_updates[-1]
    assert exchanged.existed == {THEIRS: True, OURS: False}
    metadata = exchanged.written[THEIRS]
    json.dumps(metadata, allow_nan=False)
    assert metadata["summary"].startswith(SUMMARY)
    assert (metadata["name"], metadata["length"]) == (THEIRS, 40.0)
    assert metadata["prompts"] == ["What is cheapest?"]
    assert {field["name"]: field["type"] for field in metadata["fields"]} == _PROPERTIES
    assert metadata["mappings"]["product"] == PEER_MAPPING
    known = fields(metadata)
    assert known["price"]["range"] == [0.5, 39.5]
    assert known["price"]["description"] == "In pounds"
    assert [date[:10] for date in known["since"]["date_range"]] == ["2024-01-01", "2024-01-28"]
    assert {g["value"]: g["count"] for g in known["stars"]["groups"]} == {f"{n}.0": 8 for n in range(5)}
    assert metadata["index_properties"].keys() == {"isNullIndexed", "isLengthIndexed", "isTimestampIndexed"}


def test_what_the_peer_wrote_is_used_here_without_what_it_writes_for_nothing(exchanged):
    metadata = exchanged.in_use[THEIRS]
    assert metadata["mappings"]["product"] == {shown: prop for shown, prop in PEER_MAPPING.items() if prop}
    assert [g["value"] for g in fields(exchanged.written[THEIRS])["maker"]["groups"]][-1].startswith("<")
    assert {g["value"]: g["count"] for g in fields(metadata)["maker"]["groups"]} == {
        "Acme": 20,
        "Umbrail": 10,
    }


def test_what_is_written_here_comes_back_as_it_was(exchanged):
    metadata = exchanged.written[OURS]
    assert exchanged.in_use[OURS] == metadata
    assert metadata["mappings"] == {"product": MAPPING, "table": {name: name for name in _PROPERTIES}}
    assert metadata["summary"] == SUMMARY
    assert "guessed" not in metadata or not metadata["guessed"]
    assert exchanged.written[GUESSED]["guessed"] is True
    assert fields(metadata)["maker"]["groups"] == [
        {"value": "Acme", "count": 20},
        {"value": "Umbrail", "count": 10},
    ]


def test_the_peer_reads_what_is_written_here(exchanged):
    for name in (OURS, GUESSED):
        told, metadata = exchanged.peer["read"][name], exchanged.written[name]
        assert told["exists"] is True
        assert told["left_out"] == []
        assert sorted(told["displays"][name]) == sorted(metadata["mappings"])
        for read in (told["viewed"], told["in_use"][name]):
            for key in ("name", "length", "summary", "mappings", "index_properties"):
                assert read[key] == metadata[key], key
            assert read["vectorizer"] is None
            assert enabled(read) == enabled(metadata)
            assert (read.get("prompts") or []) == metadata["prompts"]
            for field in read["fields"]:
                ours = fields(metadata)[field["name"]]
                assert field["type"] == ours["type"]
                for key in ("range", "mean", "groups"):
                    assert field.get(key) == ours[key], (field["name"], key)


def test_the_peer_finds_and_shows_objects_by_what_is_written_here(exchanged):
    found = [sent for sent in exchanged.peer["found"] if sent and sent["type"] == "result"]
    assert [sent["payload"]["type"] for sent in found] == ["product"], json.dumps(exchanged.peer["found"])
    (item,) = found[0]["payload"]["objects"]
    assert {shown: item[shown] for shown in MAPPING} == {
        "name": "Thing 7", "description": "It is thing number 7.", "price": 7.5, "category": "lamp", "rating": 2,
        "brand": "Acme",
    }  # fmt: skip


def test_the_peer_reads_its_own_analysis_when_it_was_edited_here(exchanged):
    told = exchanged.peer["read"][THEIRS]
    assert exchanged.edited["summary"] == told["viewed"]["summary"] == "Edited."
    assert fields(told["viewed"])["text"]["description"] == "What it is"
    assert told["viewed"]["mappings"] == exchanged.written[THEIRS]["mappings"]
