import numpy as np
import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.stores.library import Library

POINTS = CollectionSchema(name="Points", properties=(Property(name="n", type="int"),))


@pytest.fixture
async def points(library):
    await library.create(POINTS)
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(200, 8)).astype(np.float32)
    await library.insert("Points", ({"n": n, "_vector": row.tolist()} for n, row in enumerate(matrix)))
    return library, matrix


async def test_the_nearest_are_those_of_an_exact_search(points):
    library, matrix = points
    query = np.arange(8, dtype=np.float32)
    scores = matrix @ query / np.linalg.norm(matrix, axis=1) / np.linalg.norm(query)
    wanted = np.argsort(-scores)[:10]
    found = await library.nearest("Points", query.tolist(), 10)
    assert [o["n"] for o in found] == wanted.tolist()
    assert [o["_score"] for o in found] == pytest.approx(scores[wanted].tolist(), abs=1e-5)
    assert len(await library.nearest("Points", query.tolist(), 1000)) == 200
    assert await library.nearest("Points", query.tolist(), 0) == []


async def test_the_schema_tells_the_vectors_there_are(points):
    library, _ = points
    assert (await library.schema("Points")).vectors == (VectorConfig(name="default", dimensions=8),)


async def test_a_replaced_or_removed_object_takes_its_vector_along(library):
    await library.create(POINTS)
    uuids = [f"00000000-0000-0000-0000-00000000000{n}" for n in range(3)]
    vectors = ([1, 0], [0, 1], [0, 0])
    await library.insert(
        "Points",
        [{"uuid": u, "n": n, "_vector": v} for n, (u, v) in enumerate(zip(uuids, vectors, strict=True))],
    )

    async def near():
        return [(o["n"], o["_score"]) for o in await library.nearest("Points", [1, 0], 5)]

    assert await near() == [(0, 1), (1, 0), (2, 0)]
    await library.insert("Points", [{"uuid": uuids[1], "n": 10}])
    assert await near() == [(0, 1), (2, 0)]
    await library.update("Points", uuids[2], {"_vector": [-1, 0]})
    assert await near() == [(0, 1), (2, -1)]
    await library.delete("Points", [uuids[0]])
    assert await near() == [(2, -1)]


async def test_another_library_on_the_folder_sees_new_vectors(points, tmp_path):
    library, _ = points
    other = Library(tmp_path / "library")
    assert len(await other.nearest("Points", [1] * 8, 300)) == 200
    await library.insert("Points", [{"n": 1000, "_vector": [1] * 8}])
    assert (await other.nearest("Points", [1] * 8, 1))[0]["n"] == 1000
    await other.close()


async def test_vectors_have_names(library):
    named = (VectorConfig(name="title"), VectorConfig(name="body"))
    await library.create(POINTS.model_copy(update={"vectors": named}))
    report = await library.insert("Points", [{"n": 1, "_vector": {"title": [1, 0], "body": [1, 0, 0]}}])
    assert report.inserted == 1
    assert (await library.nearest("Points", [1, 0, 0], 1, "body"))[0]["n"] == 1
    with pytest.raises(QueryRejected, match="no vector “titel” in Points") as caught:
        await library.nearest("Points", [1, 0], 1, "titel")
    assert caught.value.hint == "Use one of: title, body."


@pytest.mark.parametrize(
    ("vectors", "given", "listed"),
    [
        ((), {"titel": [1]}, "default"),
        ((), {"\ud800": [1]}, "default"),
        ((VectorConfig(name="title"),), {"titel": [1]}, "title"),
        ((VectorConfig(name="title"), VectorConfig(name="body")), [1], "title, body"),
    ],
)
async def test_a_vector_of_a_name_that_there_is_not_turns_its_object_away(library, vectors, given, listed):
    await library.create(POINTS.model_copy(update={"vectors": vectors}))
    report = await library.insert("Points", [{"n": 1, "_vector": given}, {"n": 2}])
    name = next(iter(given)) if isinstance(given, dict) else "default"
    assert [r.reason for r in report.rejected] == [
        f"There is no vector “{name}” in Points. Use one of: {listed}.".replace("\ud800", "?")
    ]
    stored = await library.sample("Points", 5)
    assert [o["n"] for o in stored] == [2]
    with pytest.raises(QueryRejected, match="There is no vector"):
        await library.update("Points", stored[0]["uuid"], {"_vector": given})
    assert (await library.schema("Points")).vectors == vectors


async def test_a_list_alone_is_the_only_vector_there_is(library):
    await library.create(POINTS.model_copy(update={"vectors": (VectorConfig(name="title"),)}))
    assert (await library.insert("Points", [{"n": 1, "_vector": [1, 0]}])).rejected == []
    assert (await library.nearest("Points", [1, 0], 1, "title"))[0]["n"] == 1


async def test_vectors_that_do_not_fit_are_turned_away_one_by_one(library):
    await library.create(POINTS)
    given = [[1, 0], [1, 0, 0], "no", [], [[1]], [float("nan"), 1], [1e39, 1]]
    report = await library.insert("Points", [{"n": n, "_vector": v} for n, v in enumerate(given)])
    assert report.inserted == 1
    reasons = [r.reason for r in report.rejected]
    assert reasons[0] == "The vector “default” has 3 dimensions, those of the collection 2."
    assert set(reasons[1:4]) == {"The vector “default” is not a list of numbers."}
    assert set(reasons[4:]) == {"The vector “default” has numbers that are not finite."}
    uuid = (await library.sample("Points", 1))[0]["uuid"]
    with pytest.raises(QueryRejected, match="3 dimensions"):
        await library.update("Points", uuid, {"_vector": [1, 2, 3]})


@pytest.mark.parametrize(("vector", "message"), [([1, 2], "2 dimensions"), (["a"], "not a list of numbers")])
async def test_a_query_vector_that_does_not_fit_is_rejected(points, vector, message):
    with pytest.raises(QueryRejected, match=message):
        await points[0].nearest("Points", vector, 1)


async def test_dropping_a_collection_forgets_its_vectors(points):
    library, _ = points
    await library.nearest("Points", [1] * 8, 1)
    await library.drop("Points")
    assert library._vectors._upkeep.loaded()._states._kept == {}
