import pytest
from stores.library.embedders import WordEmbedder

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.stores.library import Library

PETS = CollectionSchema(
    name="Pets",
    properties=(
        Property(name="text", type="text"),
        Property(name="kind", type="text"),
        Property(name="age", type="int"),
    ),
    vectors=(VectorConfig(vectorizer="test", source_properties=("text",)),),
)
STORED = [
    ("red cat sleeps", "cat", 3),
    ("red cat plays", "cat", 1),
    ("blue dog sleeps", "dog", 7),
    ("blue dog plays", "dog", 5),
    ("green bird sings", "bird", None),
]


@pytest.fixture
async def pets(tmp_path):
    embedder = WordEmbedder(dimensions=64)
    library = Library(tmp_path / "library", lambda: embedder)
    await library.create(PETS)
    await library.insert("Pets", [{"text": t, "kind": k, "age": a} for t, k, a in STORED])
    await library.embed_pending()
    yield library
    await library.close()


async def texts(library, search="vector", **more):
    request = QueryRequest(**{"collection": "Pets", "search": search, "text": "red cat sleeps", **more})
    page = await library.query(request)
    assert page.total is None
    return [o["text"] for o in page.objects]


async def test_a_vector_search_finds_the_nearest_with_their_scores(pets):
    request = QueryRequest(collection="Pets", search="vector", text="red cat sleeps", limit=2)
    found = (await pets.query(request)).objects
    assert [o["text"] for o in found] == ["red cat sleeps", "red cat plays"]
    assert found[0]["_score"] == pytest.approx(1, abs=1e-5)
    assert 0.3 < found[1]["_score"] < 0.9


async def test_pages_of_a_search_follow_each_other(pets):
    for search in ("vector", "hybrid"):
        whole = await texts(pets, search, limit=5)
        pages = [await texts(pets, search, limit=2, offset=offset) for offset in (0, 2, 4)]
        assert [text for page in pages for text in page] == whole
        assert len(set(whole)) == 5


async def test_a_filter_leaves_the_nearest_of_those_that_match(pets):
    dogs = PropertyFilter(property="kind", operator="=", value="dog")
    for search in ("vector", "hybrid"):
        assert await texts(pets, search, filters=dogs, limit=1) == ["blue dog sleeps"]
        assert sorted(await texts(pets, search, filters=dogs)) == ["blue dog plays", "blue dog sleeps"]
    nothing = PropertyFilter(property="kind", operator="=", value="fish")
    for search in ("vector", "hybrid"):
        assert await texts(pets, search, filters=nothing) == []


async def test_the_nearest_are_chosen_first_and_then_sorted(pets):
    by_age = (Sort(property="age", direction="desc"),)
    for search in ("vector", "hybrid"):
        assert await texts(pets, search, limit=3, sort=by_age) == [
            "blue dog sleeps",
            "red cat sleeps",
            "red cat plays",
        ]
        assert await texts(pets, search, limit=1, offset=1, sort=by_age) == ["red cat plays"]


async def test_a_hybrid_search_weighs_words_and_meaning(pets):
    async def scores(alpha):
        request = QueryRequest(collection="Pets", search="hybrid", text="red cat sleeps", alpha=alpha)
        return {o["text"]: o["_score"] for o in (await pets.query(request)).objects}

    both, meaning, words = await scores(0.5), await scores(1), await scores(0)
    assert both["red cat sleeps"] == meaning["red cat sleeps"] == words["red cat sleeps"] == pytest.approx(1)
    assert set(words) == {"red cat sleeps", "red cat plays", "blue dog sleeps"}
    assert set(both) == set(meaning) == {text for text, _, _ in STORED}
    for text in both:
        assert both[text] == pytest.approx(0.5 * meaning[text] + 0.5 * words.get(text, 0))


async def test_a_hybrid_search_by_words_alone_needs_no_vectors(library):
    await library.create(PETS)
    await library.insert("Pets", [{"text": "red cat"}])
    assert await texts(library, "hybrid", alpha=0) == ["red cat"]
    with pytest.raises(NotSupported, match="those of test, which is not the embedder in use"):
        await texts(library, "hybrid", alpha=0.5)


async def test_a_hybrid_search_for_signs_alone_goes_by_meaning(pets):
    assert len(await texts(pets, "hybrid", text="?!")) == 5


async def test_an_empty_collection_is_searched_and_nothing_found(tmp_path):
    embedder = WordEmbedder()
    library = Library(tmp_path, lambda: embedder)
    await library.create(PETS)
    for search in ("vector", "hybrid"):
        assert await texts(library, search) == []
    await library.close()


async def test_an_unknown_vector_is_named_with_those_there_are(pets):
    with pytest.raises(QueryRejected, match="no vector “titel” in Pets") as caught:
        await texts(pets, target_vectors=("titel",))
    assert caught.value.hint == "Use one of: default."


async def test_a_search_without_words_is_rejected_before_anything_is_embedded(pets):
    with pytest.raises(QueryRejected, match="no words to look for"):
        await texts(pets, text=" ")


async def test_the_vector_of_the_question_can_be_given(pets):
    embedder = WordEmbedder(dimensions=64)
    vector = await embedder.embed_query("blue dog sleeps")
    found = await pets.mixed("Pets", "red cat", vector, 2, alpha=0.5)
    asked = await pets.mixed("Pets", "red cat", vector, 5, alpha=1)
    assert asked[0]["text"] == "blue dog sleeps"
    assert {o["text"] for o in found} <= {"red cat sleeps", "blue dog sleeps", "red cat plays"}
    with pytest.raises(QueryRejected, match="no vector “titel”"):
        await pets.mixed("Pets", "red cat", vector, 2, "titel")


@pytest.mark.parametrize("search", ["vector", "hybrid"])
async def test_an_aggregation_can_go_over_the_nearest(pets, search):
    request = AggregateRequest(
        collection="Pets",
        search=search,
        text="red cat sleeps",
        limit=3,
        metrics=(Metric(property="age", function="MAX"), Metric(property="age", function="COUNT")),
    )
    answer = await pets.aggregate(request)
    assert answer.count == 3
    assert [metric.value for metric in answer.metrics] == [7, 3]
    grouped = await pets.aggregate(request.model_copy(update={"group_by": "kind", "metrics": ()}))
    assert [(group.value, group.count) for group in grouped.groups] == [("cat", 2), ("dog", 1)]
    dogs = PropertyFilter(property="kind", operator="=", value="dog")
    assert (await pets.aggregate(request.model_copy(update={"filters": dogs}))).count == 2


async def test_an_aggregation_over_the_nearest_says_that_it_needs_their_number(pets):
    request = AggregateRequest(collection="Pets", search="vector", text="red")
    with pytest.raises(QueryRejected, match="needs a limit") as caught:
        await pets.aggregate(request)
    assert "Give as limit" in caught.value.hint
