import asyncio

import pytest
from engine.asking import Clients, decision, errors, prompts, told, tree_for
from engine.kept import library_with
from support.scripted_model import Json, ScriptedModel

from elysia_desktop.core.errors import StoreUnreachable
from elysia_desktop.core.requests import AggregateRequest, Metric
from elysia_desktop.engine.computing import aggregation
from elysia_desktop.stores.base import Aggregates

pytestmark = pytest.mark.usefixtures("nothing_left")

SHOP = {"name": "text", "kind": "text", "price": "float", "sold": "boolean", "day": "date"}
ARTICLES = [
    {"name": "Cap", "kind": "Hats", "price": 5.0, "sold": True, "day": "2024-01-01T00:00:00Z"},
    {"name": "Fez", "kind": "Hats", "price": 7.0, "sold": False, "day": "2024-01-02T00:00:00Z"},
    {"name": "Boot", "kind": "Shoes", "price": 20.0, "sold": True, "day": "2024-01-03T00:00:00Z"},
]
DONE = decision("text_response", text="Done.")


@pytest.fixture
async def library(tmp_path):
    library = await library_with(tmp_path, Shop=(SHOP, ARTICLES), Empty=(SHOP, []))
    yield library
    await library.close()


def request(collection="Shop", group_by=None, metrics=(), **changes):
    return {
        "collection": collection,
        "group_by": group_by,
        "metrics": [{"property": name, "function": function} for name, function in metrics],
        "filters": [],
        "match": "all",
        **changes,
    }


async def asked(store, *made):
    script = [decision("aggregate", collection_names=[]), Json({"requests": list(made)}), DONE]
    with ScriptedModel(script) as model:
        payloads = await told(tree_for(model, preset="default"), "How many?", Clients(store))
        return payloads, prompts(model)


def results(payloads):
    return [p["payload"] for p in payloads if p["type"] == "result"]


def number(value, field, function):
    return {"value": value, "field": field, "aggregation": function}


async def test_numbers_come_by_collection_and_field(library):
    made = request(metrics=[("price", "MEAN"), ("price", "MAX"), ("sold", "TOTAL_TRUE"), ("day", "MIN")])
    payloads, _ = await asked(library, made)
    (found,) = results(payloads)
    assert found["type"] == "aggregation"
    (item,) = found["objects"]
    assert {key: value for key, value in item.items() if key != "_REF_ID"} == {
        "num_items": 3,
        "collections": [
            {
                "Shop": {
                    "price": {
                        "type": "number",
                        "values": [number(32 / 3, "price", "MEAN"), number(20.0, "price", "MAX")],
                    },
                    "sold": {"type": "boolean", "values": [number(2, "sold", "TOTAL_TRUE")]},
                    "day": {"type": "date", "values": [number(item_day(item), "day", "MIN")]},
                }
            }
        ],
    }
    assert item_day(item).startswith("2024-01-01T00:00:00")


def item_day(item):
    return item["collections"][0]["Shop"]["day"]["values"][0]["value"]


async def test_groups_stand_under_the_field_they_are_made_by_largest_first(library):
    payloads, said = await asked(library, request(group_by="kind", metrics=[("price", "SUM")]))
    (found,) = results(payloads)
    kind = found["objects"][0]["collections"][0]["Shop"]["kind"]
    assert kind["values"] == []
    assert list(kind["groups"]) == ["Hats", "Shoes"]
    assert kind["groups"]["Hats"] == {"values": [number(2, "kind", "COUNT"), number(12.0, "price", "SUM")]}
    assert found["metadata"]["num_groups"] == 2
    assert "Hats: 2, sum of price 12" in said[2][1]


async def test_a_group_may_be_called_none_and_objects_without_a_value_are_in_no_group(tmp_path):
    rows = [{"name": "Cap", "kind": "(none)"}, {"name": "Fez", "kind": "None"}, {"name": "Boot"}]
    store = await library_with(tmp_path / "named", Shop=(SHOP, rows))
    payloads, _ = await asked(store, request(group_by="kind"))
    await store.close()
    (item,) = results(payloads)[0]["objects"]
    groups = item["collections"][0]["Shop"]["kind"]["groups"]
    assert {name: content["values"][0]["value"] for name, content in groups.items()} == {
        "(none)": 1,
        "None": 1,
    }
    assert item["num_items"] == 3


async def test_the_values_that_occur_most_come_with_their_numbers(library):
    payloads, _ = await asked(library, request(metrics=[("kind", "TOP_OCCURRENCES")]))
    (item,) = results(payloads)[0]["objects"]
    (top,) = item["collections"][0]["Shop"]["kind"]["values"]
    assert top == number(
        [{"value": "Hats", "count": 2}, {"value": "Shoes", "count": 1}], "kind", "TOP_OCCURRENCES"
    )


async def test_a_plain_number_of_objects_needs_no_field(library):
    payloads, said = await asked(library, request())
    (item,) = results(payloads)[0]["objects"]
    assert (item["num_items"], item["collections"]) == (3, [{"Shop": {}}])
    assert "3 objects match" in said[2][1]


async def test_of_nothing_there_are_no_numbers_and_the_model_is_told(library):
    payloads, said = await asked(library, request("Empty", metrics=[("price", "MEAN"), ("price", "SUM")]))
    (item,) = results(payloads)[0]["objects"]
    values = item["collections"][0]["Empty"]["price"]["values"]
    assert item["num_items"] == 0
    assert values[0] == number(None, "price", "MEAN")
    assert "Judge this request" in said[2][1]


async def test_several_run_at_the_same_time_and_one_that_fails_stops_no_other(library):
    both = asyncio.Barrier(2)

    class Picky:
        def __getattr__(self, name):
            return getattr(library, name)

        async def aggregate(self, request):
            if request.metrics == (Metric(property="price", function="MAX"),):
                await asyncio.wait_for(both.wait(), 5)
                if request.collection == "Empty":
                    raise StoreUnreachable("Nothing answers.")
            return await library.aggregate(request)

    metrics = [("price", "MAX")]
    payloads, _ = await asked(Picky(), request("Empty", metrics=metrics), request(metrics=metrics))
    assert [r["metadata"]["collection_name"] for r in results(payloads)] == ["Shop"]
    assert errors(payloads) == ["Nothing answers."]


async def test_the_same_request_twice_is_made_once(library):
    payloads, _ = await asked(library, request(), request())
    assert len(results(payloads)) == 1


async def test_a_field_grouped_by_and_computed_has_both(library):
    schema = await library.schema("Shop")
    asked_for = AggregateRequest(
        collection="Shop", group_by="kind", metrics=(Metric(property="kind", function="COUNT"),)
    )
    found = await library.aggregate(asked_for)
    fields = aggregation(asked_for, found, schema).objects[0]["collections"][0]["Shop"]
    assert list(fields) == ["kind"]
    assert list(fields["kind"]["groups"]) == ["Hats", "Shoes"]


async def test_no_group_at_all_is_told_as_none(library):
    schema = await library.schema("Shop")
    made = aggregation(
        AggregateRequest(collection="Shop", group_by="kind"), Aggregates(0, (), (), 1.0), schema
    )
    assert made.objects[0]["collections"] == [
        {"Shop": {"kind": {"type": "text", "values": [], "groups": {}}}}
    ]
    assert made.metadata["num_groups"] == 0
