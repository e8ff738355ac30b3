"""Metrics over all objects or per group, as exact as the library's."""

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter
from elysia_desktop.core.schema import metrics_of

ROWS = [
    {"n": 4, "x": 1.5, "flag": True, "day": "2024-01-02T05:00:00+02:00", "text": "b", "tags": ["x", "y", "x"],
     "crew": {"a": 1}},
    {"n": 1, "x": 0.5, "flag": False, "day": "2024-01-02T03:00:00Z", "text": "a b", "tags": ["y"], "crew": None},
    {"n": 4, "x": None, "flag": True, "day": "2024-01-01", "text": "b", "tags": [], "crew": {"a": 2}},
    {"n": 1, "x": 2.0, "flag": None, "day": "2024-01-01T00:00:00+00:00", "text": "", "tags": None, "crew": None},
    {"n": None, "x": None, "flag": None, "day": None, "text": None, "tags": None, "crew": None},
]  # fmt: skip


@pytest.fixture
async def rows(store, make):
    await make(
        "Rows",
        {
            "n": "int",
            "x": "float",
            "flag": "boolean",
            "day": "date",
            "text": "text",
            "tags": "text[]",
            "crew": "object",
        },
    )
    report = await store.insert("Rows", [{"uuid": uuid(index), **row} for index, row in enumerate(ROWS)])
    assert report.rejected == []
    return store


async def measured(store, *wanted, **more):
    metrics = tuple(Metric(property=name, function=function) for name, function in wanted)
    return await store.aggregate(AggregateRequest(collection="Rows", metrics=metrics, **more))


def values(metrics):
    return {f"{one.property} {one.function}": one.value for one in metrics}


async def test_every_metric_of_every_type(rows):
    schema = await rows.schema("Rows")
    wanted = [(prop.name, function) for prop in schema.properties for function in metrics_of(prop.type)]
    answer = await measured(rows, *wanted)
    assert answer.count == 5
    assert answer.groups is None
    assert [(one.property, one.function) for one in answer.metrics] == wanted
    assert values(answer.metrics) == {
        "n COUNT": 4, "n MIN": 1, "n MAX": 4, "n MEAN": 2.5, "n MEDIAN": 2.5, "n MODE": 1, "n SUM": 10,
        "x COUNT": 3, "x MIN": 0.5, "x MAX": 2.0, "x MEAN": pytest.approx(4 / 3), "x MEDIAN": 1.5,
        "x MODE": 0.5, "x SUM": 4.0,
        "flag COUNT": 3, "flag TOTAL_TRUE": 2, "flag TOTAL_FALSE": 1,
        "flag PERCENTAGE_TRUE": pytest.approx(2 / 3), "flag PERCENTAGE_FALSE": pytest.approx(1 / 3),
        "day COUNT": 4, "day MIN": "2024-01-01T00:00:00+00:00", "day MAX": "2024-01-02T03:00:00+00:00",
        "day MEDIAN": "2024-01-01T13:30:00+00:00", "day MODE": "2024-01-01T00:00:00+00:00",
        "text COUNT": 4,
        "text TOP_OCCURRENCES": [{"value": "b", "count": 2}, {"value": "", "count": 1}, {"value": "a b", "count": 1}],
        "tags COUNT": 4,
        "crew COUNT": 2,
    }  # fmt: skip
    assert isinstance(values(answer.metrics)["n MODE"], int)


async def test_of_nothing_sums_are_nought_and_the_rest_is_none(rows):
    nothing = PropertyFilter(property="n", operator=">", value=100)
    wanted = [
        ("n", "SUM"), ("n", "MEAN"), ("n", "MODE"), ("flag", "TOTAL_TRUE"), ("flag", "PERCENTAGE_TRUE"),
        ("day", "MAX"), ("day", "MODE"), ("text", "TOP_OCCURRENCES"), ("crew", "COUNT"), ("n", "COUNT"),
    ]  # fmt: skip
    answer = await measured(rows, *wanted, filters=nothing)
    assert answer.count == 0
    assert [one.value for one in answer.metrics] == [0, None, None, 0, None, None, None, [], 0, 0]
    grouped = await measured(rows, *wanted, filters=nothing, group_by="text")
    assert (grouped.count, grouped.groups) == (0, ())


async def test_groups_come_largest_first_without_one_for_the_missing(rows):
    async def groups(name, **more):
        answer = await measured(rows, group_by=name, **more)
        assert answer.count == 5
        assert answer.metrics == ()
        return [(group.value, group.count) for group in answer.groups]

    assert await groups("n") == [(1, 2), (4, 2)]
    assert isinstance((await groups("n"))[0][0], int)
    assert await groups("x") == [(0.5, 1), (1.5, 1), (2.0, 1)]
    assert await groups("flag") == [(True, 2), (False, 1)]
    assert await groups("text") == [("b", 2), ("", 1), ("a b", 1)]
    assert await groups("tags") == [("y", 2), ("x", 1)]
    assert await groups("text", limit=2) == [("b", 2), ("", 1)]


async def test_dates_are_grouped_by_moment_whatever_their_offset(rows):
    answer = await measured(rows, ("n", "SUM"), ("day", "MODE"), ("crew", "COUNT"), group_by="day")
    assert [(group.value, group.count, [one.value for one in group.metrics]) for group in answer.groups] == [
        ("2024-01-01T00:00:00+00:00", 2, [5, "2024-01-01T00:00:00+00:00", 1]),
        ("2024-01-02T03:00:00+00:00", 2, [5, "2024-01-02T03:00:00+00:00", 1]),
    ]


async def test_every_group_has_its_metrics(rows):
    answer = await measured(
        rows, ("n", "MEDIAN"), ("day", "MODE"), ("crew", "COUNT"), ("x", "MAX"), group_by="text"
    )
    found = {group.value: [one.value for one in group.metrics] for group in answer.groups}
    assert found == {
        "b": [4, "2024-01-01T00:00:00+00:00", 2, 1.5],
        "": [1, "2024-01-01T00:00:00+00:00", 0, 2.0],
        "a b": [1, "2024-01-02T03:00:00+00:00", 0, 0.5],
    }
    by_tag = await measured(rows, ("day", "MODE"), ("n", "SUM"), group_by="tags")
    assert {group.value: [one.value for one in group.metrics] for group in by_tag.groups} == {
        "y": ["2024-01-02T03:00:00+00:00", 5],
        "x": ["2024-01-02T03:00:00+00:00", 4],
    }


async def test_frequent_values_are_at_least_so_frequent_and_at_most_a_hundred(store, make):
    await make("Rows", {"text": "text"})
    await store.insert("Rows", ({"text": f"t{n % 150:03}"} for n in range(155)))

    async def top(least):
        metric = Metric(property="text", function="TOP_OCCURRENCES", min_occurrences=least)
        answer = await store.aggregate(AggregateRequest(collection="Rows", metrics=(metric,)))
        return answer.metrics[0].value

    assert [one["value"] for one in await top(None)] == [f"t{n:03}" for n in range(100)]
    assert await top(2) == [{"value": f"t00{n}", "count": 2} for n in range(5)]


async def test_texts_come_as_they_are_with_a_filter_and_without(store, make):
    await make("Rows", {"text": "text", "n": "int"})
    odd = 'a\\b "c"\n\td\u00e9'
    await store.insert("Rows", [{"text": odd, "n": 1}])
    below = PropertyFilter(property="n", operator="<", value=2)
    for filters in (None, below):
        answer = await measured(store, ("text", "TOP_OCCURRENCES"), filters=filters)
        assert answer.metrics[0].value == [{"value": odd, "count": 1}]
    assert [group.value for group in (await measured(store, group_by="text")).groups] == [odd]


async def test_the_latest_of_dates_long_ago(store, make):
    await make("Rows", {"day": "date", "tags": "text[]"})
    await store.insert(
        "Rows",
        [
            {"day": "1950-01-01", "tags": ["a", "b"]},
            {"day": "1969-12-31T23:00:00-02:00", "tags": ["b"]},
            {"day": "1960-01-01", "tags": ["a"]},
        ],
    )
    below = PropertyFilter(property="day", operator="<", value="1965-01-01")
    assert (await measured(store, ("day", "MAX"), filters=below)).metrics[
        0
    ].value == "1960-01-01T00:00:00+00:00"
    grouped = await measured(store, ("day", "MAX"), group_by="tags")
    assert {group.value: group.metrics[0].value for group in grouped.groups} == {
        "a": "1960-01-01T00:00:00+00:00",
        "b": "1970-01-01T01:00:00+00:00",
    }
    assert (await measured(store, ("day", "MAX"))).metrics[0].value == "1970-01-01T01:00:00+00:00"


async def test_more_groups_than_weaviate_gives_by_itself(store, make):
    await make("Rows", {"n": "int"})
    await store.insert("Rows", ({"n": n} for n in range(250)))
    answer = await measured(store, group_by="n")
    assert [group.value for group in answer.groups] == list(range(250))


async def test_what_cannot_be_aggregated_is_refused(rows):
    with pytest.raises(QueryRejected, match="MEAN"):
        await measured(rows, ("text", "MEAN"))
    with pytest.raises(QueryRejected, match="cannot be grouped by"):
        await measured(rows, group_by="crew")
