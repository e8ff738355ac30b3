"""Searches by keyword, by vector and by both, with filters and in an order."""

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.errors import NotSupported, QueryRejected, StoreError
from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import VectorConfig

TEXTS = ["red apple", "green pear", "red car", "blue sky"]


@pytest.fixture
async def things(store, clients, make, embeddings):
    """A collection with a vectoriser, one with three vectors, and one without any."""
    clients.settings.configure(
        embedder="ollama", embedder_api_base=embeddings.openai_address, embedder_model="scripted-embedding"
    )
    properties = {"text": "text", "other": "text", "n": "int"}
    await make("Single", properties, vectors=(VectorConfig(vectorizer="text2vec-ollama"),))
    named = (
        VectorConfig(name="text", vectorizer="text2vec-ollama", source_properties=("text",)),
        VectorConfig(name="other", vectorizer="text2vec-ollama", model="two", source_properties=("other",)),
        VectorConfig(name="own"),
    )
    await make("Named", properties, vectors=named)
    await make("Plain", properties)
    for name in ("Single", "Named", "Plain"):
        report = await store.insert(
            name,
            [
                {
                    "uuid": uuid(n),
                    "text": text,
                    **({"other": TEXTS[-1 - n]} if name == "Named" else {}),
                    "n": n,
                    **({"_vector": {"own": [1.0, float(n)]}} if name == "Named" else {}),
                }
                for n, text in enumerate(TEXTS)
            ],
        )
        assert report.rejected == []
    return store


async def found(store, collection, search, text="red apple", **more):
    request = QueryRequest(collection=collection, search=search, text=text, **{"limit": 2, **more})
    return await store.query(request)


def numbers(page):
    return [one["n"] for one in page.objects]


async def test_keyword_search_finds_words_and_scores_them(things):
    page = await found(things, "Plain", "keyword", limit=10)
    assert numbers(page) == [0, 2]
    assert page.objects[0]["_score"] > page.objects[1]["_score"] > 0
    assert page.total == 2
    assert (await found(things, "Plain", "keyword", limit=1)).total is None
    assert numbers(await found(things, "Plain", "keyword", limit=1, offset=1)) == [2]
    none = await found(things, "Plain", "keyword", text="yellow")
    assert (none.objects, none.total) == ([], 0)


async def test_keyword_hits_are_sorted_all_of_them(things):
    newest = (Sort(property="n", direction="desc"),)
    page = await found(things, "Plain", "keyword", limit=1, sort=newest, properties=("n",))
    assert numbers(page) == [2]
    assert set(page.objects[0]) == {"uuid", "n", "_score"}
    assert page.objects[0]["_score"] > 0
    assert page.total == 2
    nothing = await found(things, "Plain", "keyword", text="yellow", sort=newest)
    assert (nothing.objects, nothing.total) == ([], 0)


@pytest.mark.parametrize("search", ["vector", "hybrid"])
async def test_what_is_nearest_in_meaning_comes_first(things, search):
    page = await found(things, "Single", search, limit=4)
    assert numbers(page)[0] == 0
    scores = [one["_score"] for one in page.objects]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(1)
    assert page.total is None
    below = PropertyFilter(property="n", operator=">", value=0)
    assert numbers(await found(things, "Single", search, limit=1, filters=below)) == [2]
    assert numbers(await found(things, "Single", search, limit=1, offset=1)) == numbers(page)[1:2]


@pytest.mark.parametrize("search", ["vector", "hybrid"])
async def test_the_nearest_are_sorted_not_the_far(things, search):
    nearest = numbers(await found(things, "Single", search))
    page = await found(things, "Single", search, sort=(Sort(property="n", direction="desc"),))
    assert numbers(page) == sorted(nearest, reverse=True)
    assert all(one["_score"] is not None for one in page.objects)


async def test_the_weight_of_keywords_and_vectors_is_chosen(things):
    by_word = await found(things, "Single", "hybrid", text="apple", alpha=0.0, limit=4)
    assert numbers(by_word)[0] == 0
    assert [one["_score"] for one in by_word.objects][1:] == [0] * (len(by_word.objects) - 1)


async def test_vectors_are_chosen_by_name(things, embeddings):
    assert numbers(await found(things, "Named", "vector", target_vectors=("text",), limit=1)) == [0]
    assert numbers(await found(things, "Named", "vector", target_vectors=("other",), limit=1)) == [3]
    both = await found(things, "Named", "hybrid", target_vectors=("text", "other"))
    assert sorted(numbers(both)) == [0, 3]
    assert sorted(numbers(await found(things, "Named", "vector"))) == [0, 3]
    assert {asked.model for asked in embeddings.asked} == {"scripted-embedding", "two"}
    with pytest.raises(QueryRejected, match="“texts”") as raised:
        await found(things, "Named", "vector", target_vectors=("texts",))
    assert raised.value.hint.startswith("Use one of: text")


async def test_without_a_vectoriser_that_is_said(things):
    for collection, more in (("Plain", {}), ("Named", {"target_vectors": ("own",)})):
        with pytest.raises(NotSupported, match="vectoriser") as raised:
            await found(things, collection, "hybrid", **more)
        assert "keyword" in raised.value.hint
    with pytest.raises(NotSupported):
        await things.aggregate(AggregateRequest(collection="Plain", search="vector", text="red", limit=2))


@pytest.mark.parametrize("search", ["vector", "hybrid"])
async def test_what_is_found_is_aggregated(things, search):
    request = {
        "collection": "Single",
        "search": search,
        "text": "red apple",
        "metrics": (Metric(property="n", function="SUM"),),
    }
    wanted = sum(numbers(await found(things, "Single", search)))
    answer = await things.aggregate(AggregateRequest(**request, limit=2))
    assert (answer.count, answer.metrics[0].value) == (2, wanted)
    below = PropertyFilter(property="n", operator="<", value=0)
    nothing = await things.aggregate(AggregateRequest(**request, filters=below, limit=2))
    assert (nothing.count, nothing.metrics[0].value) == (0, 0)
    grouped = await things.aggregate(AggregateRequest(**request, limit=2, group_by="n"))
    assert sum(group.count for group in grouped.groups) == grouped.count == 2


async def test_a_given_vector_finds_its_nearest(things):
    hits = await things.nearest("Named", [1.0, 2.0], 2, "own")
    assert [one["n"] for one in hits] == [2, 3]
    assert hits[0]["_score"] == pytest.approx(1)
    mixed = await things.mixed("Named", "green", [1.0, 2.0], 4, "own", alpha=0.5)
    assert {mixed[0]["n"], mixed[1]["n"]} == {1, 2}
    with pytest.raises(QueryRejected, match="“owns”"):
        await things.nearest("Named", [1.0, 2.0], 2, "owns")
    with pytest.raises(QueryRejected, match="3 dimensions, those of the collection 2"):
        await things.nearest("Named", [1.0, 2.0, 3.0], 2, "own")


async def test_a_vectoriser_that_does_not_answer_is_told(things, embeddings):
    from support.embedding_server import Fail

    embeddings.always = Fail(500, "overloaded")
    try:
        with pytest.raises(StoreError, match="vectoriser did not make a vector") as raised:
            await found(things, "Single", "vector")
        assert "Settings" in raised.value.hint
        report = await things.insert("Single", [{"text": "new"}])
        assert (report.inserted, len(report.rejected)) == (0, 1)
        assert "overloaded" in report.rejected[0].reason
    finally:
        embeddings.always = None
