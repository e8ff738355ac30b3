"""What requests turn away, and the calls beside queries and aggregations, are the same on both stores."""

import asyncio
import json
import math
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conformance import oracle
from conformance.comparing import Tally, compare_one
from conformance.generated import Generated
from pydantic import TypeAdapter

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import (
    AggregateRequest,
    Metric,
    Not,
    PropertyFilter,
    QueryRequest,
    Request,
    Sort,
)
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"
REQUEST = TypeAdapter(Request)


@pytest.fixture
async def things(store):
    """A generated collection in a store: `store, schema, objects`."""
    given = Generated(random.Random(4), "Things", 40)
    await store.create(given.schema)
    assert (await store.insert("Things", given.objects)).rejected == []
    return store, given.schema, given.objects


def where(prop, operator, value, **more):
    return PropertyFilter(property=prop, operator=operator, value=value, **more)


def query(**asked):
    return QueryRequest(collection="Things", **asked)


def aggregate(**asked):
    return AggregateRequest(collection="Things", **asked)


REJECTED = [
    query(filters=where("the_txt", "=", "x")),
    query(filters=where("the_text", "<", "x")),
    query(filters=where("the_texts", "LIKE", "x")),
    query(filters=where("the_object", "=", "x")),
    query(filters=where("the_object", "IS_NULL", True)),
    query(filters=where("the_int", "=", "1")),
    query(filters=where("the_int", "=", 2.5)),
    query(filters=where("the_int", "=", (1, 2))),
    query(filters=where("the_boolean", ">", True)),
    query(filters=where("the_date", ">", "soon")),
    query(filters=where("the_text", "IS_NULL", "yes")),
    query(filters=where("the_text", "=", 1, length=True)),
    query(filters=where("the_ints", "CONTAINS_ANY", ())),
    query(filters=where("the_ints", "CONTAINS_ALL", (1, "2"))),
    query(filters=where("the_text", "=", "-")),
    query(filters=where("the_text", "!=", "")),
    query(filters=where("the_text", "LIKE", " - ")),
    query(filters=where("text_by_lowercase", "=", " ")),
    query(filters=where("text_by_trigram", "=", "ab")),
    query(filters=where("the_texts", "CONTAINS_ANY", ("red", "-"))),
    query(filters=where("_creation_time", "!=", "2024-01-01")),
    query(filters=where("_creation_time", "=", 10, length=True)),
    query(filters=where("the_ints", ">", -1, length=True)),
    query(search="keyword"),
    query(search="keyword", text="?!"),
    query(sort=(Sort(property="the_texts"),)),
    query(sort=(Sort(property="the_object"),)),
    query(sort=(Sort(property="nothing"),)),
    query(properties=("the_int", "nothing")),
    query(limit=10_000, offset=1),
    aggregate(group_by="the_ints"),
    aggregate(group_by="the_object"),
    aggregate(group_by="nothing"),
    aggregate(metrics=(Metric(property="the_text", function="MEAN"),)),
    aggregate(metrics=(Metric(property="the_ints", function="MAX"),)),
    aggregate(metrics=(Metric(property="nothing", function="COUNT"),)),
    QueryRequest(collection="Thing"),
]


async def test_both_turn_away_the_same_requests_with_the_same_words(things):
    store, _, _ = things
    for request in REJECTED:
        ask = store.query if isinstance(request, QueryRequest) else store.aggregate
        with pytest.raises(QueryRejected) as caught:
            await ask(request)
        assert len(caught.value.hint) > 10, request
        assert "weaviate" not in caught.value.sentence.lower()
    tree = where("the_int", "=", 1)
    for _ in range(21):
        tree = Not(filter=tree)
    with pytest.raises(QueryRejected, match="is nested more than 20 deep"):
        await store.query(query(filters=tree))


async def test_a_scan_gives_all_that_match_by_uuid(things):
    store, schema, objects = things
    rng = random.Random(1)
    for _ in range(40):
        tree = Generated(rng).tree() if rng.random() < 0.9 else None
        wanted = sorted(o["uuid"] for o in objects if oracle.matches(schema, tree, o))
        assert [o["uuid"] async for o in store.scan("Things", tree)] == wanted
        if wanted:
            after = rng.choice(wanted)
            rest = [uuid for uuid in wanted if uuid > after]
            assert [o["uuid"] async for o in store.scan("Things", tree, after)] == rest
    with pytest.raises(QueryRejected, match="“next” is not a UUID"):
        await anext(store.scan("Things", None, "next"))


async def test_a_filter_may_have_thousands_of_words(store):
    await store.create(CollectionSchema(name="Notes", properties=(Property(name="tags", type="text[]"),)))
    words = [f"w{n}" for n in range(1500)]
    uuid = "00000000-0000-0000-0000-000000000001"
    await store.insert("Notes", [{"uuid": uuid, "tags": words}, {"tags": words[1:]}])
    for tree in (
        where("tags", "=", " ".join(words)),
        where("tags", "CONTAINS_ALL", tuple(words)),
        where("tags", "CONTAINS_ANY", (" ".join(words), "other")),
    ):
        found = await store.query(QueryRequest(collection="Notes", filters=tree, properties=()))
        assert [o["uuid"] for o in found.objects] == [uuid]


async def test_hybrid_search_by_words_alone_needs_no_vectors(store):
    named = (VectorConfig(name="title"), VectorConfig(name="plot"))
    for name, vectors in (("Plain", ()), ("Named", named)):
        schema = CollectionSchema(
            name=name, properties=(Property(name="word", type="text"),), vectors=vectors
        )
        await store.create(schema)
        await store.insert(name, [{"word": "red fox"}, {"word": "blue"}, {"word": "red"}])
        request = QueryRequest(collection=name, search="hybrid", text="red", alpha=0)
        assert {o["word"] for o in (await store.query(request)).objects} == {"red fox", "red"}
        with pytest.raises(NotSupported):
            await store.query(request.model_copy(update={"alpha": 0.1}))


async def test_objects_are_got_in_the_order_asked_and_as_they_were_stored(things):
    store, schema, objects = things
    wanted = [objects[3], objects[1], objects[7]]
    unknown = "00000000-0000-0000-0000-000000000000"
    found = await store.get("Things", [wanted[0]["uuid"], unknown, wanted[1]["uuid"], wanted[2]["uuid"]])
    assert [o["uuid"] for o in found] == [o["uuid"] for o in wanted]
    for stored, got in zip(wanted, found, strict=True):
        for prop in schema.properties:
            assert oracle.same_value(prop, stored[prop.name], got[prop.name]), prop.name


async def test_a_sample_is_the_same_for_the_same_seed(things):
    store, _, objects = things
    first, again, other = [[o["uuid"] for o in await store.sample("Things", 5, seed)] for seed in (7, 7, 8)]
    assert first == again != other
    assert len(set(first)) == 5
    assert set(first) <= {o["uuid"] for o in objects}
    assert len(await store.sample("Things", 1000)) == len(objects)


async def test_what_was_changed_and_deleted_is_found_as_it_is_now(things):
    store, schema, objects = things
    changed, gone, *rest = objects
    await store.update("Things", changed["uuid"], {"the_text": "quite unheard of", "the_ints": [7]})
    assert await store.delete("Things", [gone["uuid"], gone["uuid"]]) == 1
    now = [{**changed, "the_text": "quite unheard of", "the_ints": [7]}, *rest]
    tally = Tally()
    requests = [
        query(filters=where("the_text", "=", "unheard"), limit=100),
        query(filters=where("the_ints", "=", (7,)), limit=100),
        query(search="keyword", text="unheard", limit=100),
        query(limit=100),
        *Generated(random.Random(9), "Things").requests(40),
    ]
    for request in requests:
        await compare_one("store", store, schema, now, request, tally)
    assert not tally.differences, str(tally)


async def test_many_objects_are_answered_like_few(store):
    given = Generated(random.Random(6), "Many", 1500)
    await store.create(given.schema)
    assert (await store.insert("Many", given.objects)).rejected == []
    tally = Tally()
    for request in given.requests(40):
        await compare_one("store", store, given.schema, given.objects, everything(request), tally)
    for sort in ((Sort(property="the_int"),), (Sort(property="the_date", direction="desc"),)):
        # Pages in which the objects without a value begin.
        for offset in range(0, 1500, 300):
            await compare_one("store", store, given.schema, given.objects, query_many(sort, offset), tally)
    assert not tally.differences, str(tally)


def everything(request):
    """A keyword search without a limit to speak of: which objects are best is nobody's promise."""
    return (
        request.model_copy(update={"limit": 2000}) if getattr(request, "search", "") == "keyword" else request
    )


def query_many(sort, offset):
    return QueryRequest(collection="Many", sort=sort, limit=300, offset=offset)


async def test_there_are_as_many_groups_as_values_and_a_hundred_top_occurrences(store):
    schema = CollectionSchema(name="Words", properties=(Property(name="word", type="text"),))
    await store.create(schema)
    rng = random.Random(2)
    objects = [
        {"uuid": f"00000000-0000-0000-0000-{n:012d}", "word": f"word {rng.randrange(250)}"}
        for n in range(900)
    ]
    assert (await store.insert("Words", objects)).rejected == []
    top = Metric(property="word", function="TOP_OCCURRENCES")
    tally = Tally()
    for asked in ({"metrics": (top,)}, {"group_by": "word"}, {"group_by": "word", "limit": 120}):
        request = AggregateRequest(collection="Words", **asked)
        await compare_one("store", store, schema, objects, request, tally)
    assert not tally.differences, str(tally)


async def test_objects_are_found_and_ordered_by_when_they_were_made(store):
    await store.create(CollectionSchema(name="Notes", properties=(Property(name="n", type="int"),)))
    uuids = [f"00000000-0000-0000-0000-{9 - n:012d}" for n in range(3)]
    times = []
    for n, uuid in enumerate(uuids):
        times.append(datetime.now(UTC).isoformat())
        await asyncio.sleep(0.02)
        await store.insert("Notes", [{"uuid": uuid, "n": n}])
    await store.update("Notes", uuids[1], {"n": 10})  # as old as it was
    await asyncio.sleep(0.02)
    await store.insert("Notes", [{"uuid": uuids[0], "n": 20}])  # replaced by a new one
    await store.insert("Notes", [{"uuid": uuids[2], "n": 2}])  # nothing new
    for direction, wanted in (("asc", [10, 2, 20]), ("desc", [20, 2, 10])):
        by_time = (Sort(property="_creation_time", direction=direction),)
        page = await store.query(QueryRequest(collection="Notes", sort=by_time))
        assert [o["n"] for o in page.objects] == wanted
    for operator, wanted in ((">", {20, 2}), ("<=", {10}), ("=", set())):
        tree = where("_creation_time", operator, times[2])
        page = await store.query(QueryRequest(collection="Notes", filters=tree))
        assert {o["n"] for o in page.objects} == wanted


async def test_the_nearest_vectors_are_those_with_the_largest_cosine(store):
    rng = random.Random(3)
    await store.create(CollectionSchema(name="Points", properties=(Property(name="n", type="int"),)))
    points = [
        {
            "uuid": f"00000000-0000-0000-0000-{n:012d}",
            "n": n,
            "_vector": [rng.uniform(-1, 1) for _ in range(8)],
        }
        for n in range(60)
    ]
    assert (await store.insert("Points", points)).rejected == []
    for _ in range(10):
        asked = [rng.uniform(-1, 1) for _ in range(8)]
        wanted = sorted(points, key=lambda point: -cosine(asked, point["_vector"]))[:7]
        found = await store.nearest("Points", asked, 7)
        assert [o["n"] for o in found] == [o["n"] for o in wanted]
        assert found[0]["_score"] >= found[-1]["_score"]


def cosine(left, right):
    dot = sum(a * b for a, b in zip(left, right, strict=True))
    return dot / math.hypot(*left) / math.hypot(*right)


async def test_the_sample_questions_requests_are_answered_as_by_plain_python(store):
    tally = Tally()
    described = json.loads((SAMPLE / "collections.json").read_text("utf-8"))
    questions = json.loads((SAMPLE / "questions.json").read_text("utf-8"))
    asked = [REQUEST.validate_python(request) for question in questions for request in question["requests"]]
    for one in described:
        schema = CollectionSchema.model_validate({"name": one["name"], "properties": one["properties"]})
        lines = (SAMPLE / f"{schema.name}.jsonl").read_text("utf-8").splitlines()
        objects = [json.loads(line) for line in lines]
        await store.create(schema)
        assert (await store.insert(schema.name, objects)).rejected == []
        for request in asked:
            if request.collection == schema.name:
                await compare_one("store", store, schema, objects, request, tally)
    assert sum(tally.asked.values()) == len(asked) > 120
    assert not tally.differences, str(tally)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ((VectorConfig(name="a"), VectorConfig(name="a")), "There are two vectors called “a”"),
        ((VectorConfig(name="a b"),), "“a b” cannot be the name of a vector"),
        ((VectorConfig(source_properties=("word", "words")),), "There is no property “words” in Notes"),
    ],
)
async def test_no_collection_is_made_with_vectors_that_do_not_fit_it(store, vectors, message):
    schema = CollectionSchema(name="Notes", properties=(Property(name="word", type="text"),), vectors=vectors)
    with pytest.raises(QueryRejected, match=message):
        await store.create(schema)
    assert await store.collections() == []


@pytest.mark.parametrize(
    ("vectors", "given", "reason"),
    [
        ((), {"other": [1.0]}, "There is no vector “other” in Notes. Use one of: default."),
        ((VectorConfig(name="a"),), {"b": [1.0]}, "There is no vector “b” in Notes. Use one of: a."),
        ((VectorConfig(name="a"),), [1.0], ""),
    ],
)
async def test_an_object_with_a_vector_of_an_unknown_name_is_turned_away(store, vectors, given, reason):
    schema = CollectionSchema(name="Notes", properties=(Property(name="n", type="int"),), vectors=vectors)
    await store.create(schema)
    report = await store.insert("Notes", [{"n": 1, "_vector": given}, {"n": 2}])
    assert [one.reason for one in report.rejected] == ([reason] if reason else [])
    assert report.inserted == (1 if reason else 2)
