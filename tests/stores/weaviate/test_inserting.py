"""A stream of objects goes in batch by batch; what does not fit is told one by one."""

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.requests import QueryRequest


@pytest.fixture
async def rows(store, make):
    await make(
        "Rows",
        {"text": "text", "n": "int", "x": "float", "b": "boolean", "d": "date", "ns": "int[]", "xs": "float[]",
         "ds": "date[]", "bs": "boolean[]", "texts": "text[]"},
    )  # fmt: skip
    return store


async def test_a_long_stream_goes_in_with_progress(rows):
    told = []
    stream = ({"n": index, "text": "x" * 100} for index in range(1_001))
    report = await rows.insert("Rows", stream, told.append)
    assert (report.inserted, report.rejected) == (1_001, [])
    assert told == sorted(told)
    assert told[-1] == 1_001
    assert len(told) > 3
    assert (await rows.query(QueryRequest(collection="Rows"))).total == 1_001


async def test_nothing_is_nothing(rows):
    assert (await rows.insert("Rows", iter(()))).inserted == 0


async def test_each_object_that_does_not_fit_is_told_and_the_others_go_in(rows):
    objects = [
        {"n": 1},
        {"n": "one"},
        {"m": 1},
        {"uuid": "7"},
        [1],
        {"n": 2**53 + 1},
        {"ns": [1, "two"]},
        {"d": "tomorrow"},
        {"d": "2024-01-01T00:00:00+00:00:30"},
        {"text": "half a pair \ud800"},
        {"_vector": ["a"]},
        {"uuid": uuid(5), "x": float("nan")},
        {"n": 2**53},
        {"n": 2},
    ]
    report = await rows.insert("Rows", objects)
    assert report.inserted == 3
    assert [one.index for one in report.rejected] == list(range(1, 12))
    assert all("Weaviate did not take it" not in one.reason for one in report.rejected)
    reasons = {one.index: one.reason for one in report.rejected}
    assert "2^53" in reasons[5]
    assert "“m”" in reasons[2]
    assert report.rejected[-1].uuid == uuid(5)
    page = await rows.query(QueryRequest(collection="Rows"))
    assert sorted(one["n"] for one in page.objects) == [1, 2, 2**53]


async def test_values_come_back_as_they_went_in(rows):
    given = {
        "uuid": uuid(1), "text": "  Ünïcode 🎉\n", "n": -(2**53), "x": 0.1, "b": False,
        "d": "2024-05-31T12:00:00.123456-05:30", "ns": [1, 2, 2], "xs": [1, 2.5],
        "ds": ["2024-01-01", "1999-12-31T23:59:59+14:00"], "bs": [True, False], "texts": ["", "a b", "ß"],
    }  # fmt: skip
    empty = {"uuid": uuid(2), "text": "", "ns": [], "texts": [], "xs": [], "ds": [], "bs": [], "x": 3}
    assert (await rows.insert("Rows", [given, empty])).rejected == []
    first, second = await rows.get("Rows", [uuid(1), uuid(2)])
    assert first == given | {"ds": ["2024-01-01T00:00:00+00:00", "1999-12-31T23:59:59+14:00"]}
    assert second == {"n": None, "b": None, "d": None} | empty
    assert isinstance(second["x"], float)
    assert isinstance(first["n"], int)


async def test_an_object_that_comes_again_replaces_the_one_before(rows):
    await rows.insert("Rows", [{"uuid": uuid(1), "n": 1, "text": "old"}])
    report = await rows.insert("Rows", [{"uuid": uuid(1), "n": 2}, {"uuid": uuid(1), "n": 3, "_score": 1}])
    assert report.inserted == 2
    page = await rows.query(QueryRequest(collection="Rows", properties=("n", "text")))
    assert page.objects == [{"uuid": uuid(1), "n": 3, "text": None}]


async def test_vectors_have_the_length_of_the_first(rows):
    assert (await rows.schema("Rows")).vectors == ()
    report = await rows.insert(
        "Rows",
        [
            {"n": 1, "_vector": [1, 2, 3]},
            {"n": 2, "_vector": [1, 2]},
            {"n": 3},
            {"n": 4, "_vector": {"default": [3, 2, 1]}},
        ],
    )
    assert (report.inserted, [one.index for one in report.rejected]) == (3, [1])
    assert "2 dimensions, those of the collection 3" in report.rejected[0].reason
    assert [(one.name, one.dimensions) for one in (await rows.schema("Rows")).vectors] == [("default", 3)]
    later = await rows.insert("Rows", [{"n": 5, "_vector": [1.0]}, {"n": 6, "_vector": {"other": [1.0]}}])
    assert (later.inserted, len(later.rejected)) == (0, 2)
    assert [one["n"] for one in await rows.nearest("Rows", [1, 2, 3], 5)] == [1, 4]


async def test_a_stream_that_breaks_leaves_what_was_told_and_the_error(rows):
    def stream():
        for index in range(450):
            yield {"n": index}
        raise OSError("the file ends here")

    told = []
    with pytest.raises(OSError, match="ends here"):
        await rows.insert("Rows", stream(), told.append)
    assert (await rows.query(QueryRequest(collection="Rows"))).total == told[-1]


async def test_when_all_of_a_batch_are_refused_each_has_its_reason(store, make):
    await make("Odd", {"crew": "object"})
    refused = await store.insert("Odd", [{"crew": {f"key {n}": 1}} for n in range(3)])
    assert (refused.inserted, len(refused.rejected)) == (0, 3)
    for index, one in enumerate(refused.rejected):
        assert one.index == index
        assert f"key {index}" in one.reason
        assert one.reason.startswith("Weaviate did not take it: ")
