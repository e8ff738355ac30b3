"""Small models write requests as SQL; what cannot be understood is sent back, then asked for in a form."""

import json

import pytest
from engine.asking import decision, errors, prompts, settings_for, told
from support.scripted_model import Json, ScriptedModel

from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.engine.tree import Tree
from elysia_desktop.stores.clients import ClientManager

BOATS = CollectionSchema(
    name="Boats",
    properties=(Property(name="name", type=DataType.TEXT), Property(name="masts", type=DataType.INT)),
)
FORM = {"collection": "Boats", "search_words": None, "filters": [], "match": "all", "sort_by": "masts",
        "order": "highest first", "limit": 1, "display": "table", "summarise_each": False}  # fmt: skip


@pytest.fixture
async def clients(tmp_path):
    made = ClientManager(library_folder=tmp_path)
    await made.store().create(BOATS)
    await made.store().insert("Boats", [{"name": name, "masts": n} for n, name in enumerate(["a", "b", "c"])])
    yield made
    await made.close_clients()


async def asked(clients, tool, *replies, **changes):
    """The results, what was sent, and the payloads of a run in which the model writes this."""
    script = [
        decision(tool, collection_names=[]),
        *map(Json, replies),
        decision("text_response", text="Done."),
    ]
    with ScriptedModel(script) as model:
        tree = Tree("default", settings=settings_for(model, **{"queries_as_sql": None, **changes}))
        payloads = await told(tree, "Which boats named b have two masts?", clients)
        assert len(model.requests) == len(script)
        return [p["payload"] for p in payloads if p["type"] == "result"], prompts(model), payloads


@pytest.mark.parametrize("tool", ["query", "aggregate"])
async def test_what_is_written_is_carried_out_whichever_tool_was_chosen(clients, tool):
    (found,), sent, payloads = await asked(clients, tool, {"sql": "SELECT name FROM Boats WHERE masts >= 1"})
    assert [item["name"] for item in found["objects"]] == ["b", "c"]
    assert found["metadata"]["display_type"] == "table"
    assert "SQL" in sent[1][0]
    assert "# Values the question names\nBoats: name “b”" not in sent[1][1], "one letter names nothing"
    (counted,), _, _ = await asked(clients, tool, {"sql": "SELECT COUNT(*) FROM Boats WHERE masts >= 1"})
    assert counted["objects"][0]["num_items"] == 2
    assert errors(payloads) == []


async def test_what_cannot_be_understood_is_sent_back_with_the_reason(clients):
    (found,), sent, payloads = await asked(
        clients, "query", {"sql": "SELECT sails FROM Ships"}, {"sql": "SELECT name FROM Boats LIMIT 1"}
    )
    assert len(found["objects"]) == 1
    assert "There is no table “Ships”. Use one of: Boats." in sent[2][1]
    (used,) = [
        p["payload"] for p in payloads if p["type"] == "model_used" and p["payload"]["purpose"] == "query"
    ]
    assert used["attempts"] == 2


async def test_after_two_tries_the_form_is_filled_in_in_which_every_reply_is_valid(clients):
    wrong = {"sql": "SELECT name FROM Boats JOIN Crews"}
    (found,), sent, payloads = await asked(clients, "query", wrong, wrong, {"requests": [FORM]})
    assert [item["name"] for item in found["objects"]] == ["c"]
    assert "requests: [{" in sent[3][0]
    used = [
        p["payload"] for p in payloads if p["type"] == "model_used" and p["payload"]["purpose"] == "query"
    ]
    assert [one["attempts"] for one in used] == [2, 1]
    assert errors(payloads) == []


@pytest.mark.parametrize(
    ("provider", "setting", "in_sql"),
    [
        ("llama_cpp", None, True),
        ("llama_cpp", False, False),
        ("openai_compatible", None, False),
        ("openai_compatible", True, True),
    ],
)
async def test_models_on_this_computer_write_sql_others_where_that_is_set(clients, provider, setting, in_sql):
    reply = {"sql": "SELECT name FROM Boats WHERE masts = 2"} if in_sql else {"requests": [FORM]}
    changes = {"base_provider": provider, "queries_as_sql": setting}
    (found,), sent, _ = await asked(clients, "query", reply, **changes)
    assert [item["name"] for item in found["objects"]] == ["c"]
    assert ("SQL" in sent[1][0]) is in_sql
    assert ("# Today" in sent[1][1]) is not in_sql
    assert json.dumps(found["metadata"]["query_output"])


async def test_a_selection_is_no_repeat_of_the_count_of_the_same_objects_but_one_by_another_tool_is(clients):
    count, few = "SELECT COUNT(*) FROM Boats WHERE masts > 0", "SELECT * FROM Boats WHERE masts > 0 LIMIT 5"
    said = [{"sql": count}, {"sql": few}, {"sql": count}]
    script = []
    for tool, reply in zip(["query", "query", "aggregate"], said, strict=True):
        script += [decision(tool, collection_names=[]), Json(reply)]
    script.append(decision("text_response", text="Done."))
    with ScriptedModel(script) as model:
        tree = Tree("default", settings=settings_for(model, queries_as_sql=True))
        payloads = await told(tree, "Which boats?", clients)
    results = [p["payload"] for p in payloads if p["type"] == "result"]
    assert [result["type"] for result in results] == ["aggregation", "table"]
    (refused,) = errors(payloads)
    assert refused.startswith("This request was made for this question already")
