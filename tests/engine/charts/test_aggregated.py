import pytest
from engine.charts.found import GROUPS, table

from elysia_desktop.core.requests import AggregateRequest, Metric
from elysia_desktop.engine.charts.aggregated import COUNTED, aggregated
from elysia_desktop.engine.charts.tables import tables_of
from elysia_desktop.engine.computing import aggregation


def field(kind="text", values=(), groups=None):
    told = {"type": kind, "values": list(values)}
    return told if groups is None else {**told, "groups": groups}


def item(**fields):
    return {"num_items": 5, "collections": [{"Products": fields}]}


def counts(name, **groups):
    return {
        group: {"values": [{"value": count, "field": name, "aggregation": "COUNT"}]}
        for group, count in groups.items()
    }


def test_a_group_is_a_row_with_its_label_and_its_metrics():
    assert list(aggregated(GROUPS)) == [
        [
            {"category": "Jackets", COUNTED: 2, "mean of price": 120.25},
            {"category": "Boots", COUNTED: 1, "mean of price": 120},
        ]
    ]
    made = table(GROUPS, tool="aggregate")
    assert not made.can_count
    assert made.ref_ids == ["aggregate_Products_1_0"] * 2


def test_groups_of_numbers_are_numbers_and_the_group_without_a_value_has_none():
    groups = {**counts("year", **{"1979": 2, "(none)": 1}), **counts("year", **{"1980.5": 3})}
    (rows,) = aggregated(item(year=field("number", groups=groups)))
    assert [row["year"] for row in rows] == [1979, None, 1980.5]


def test_a_group_of_texts_may_be_called_none():
    (rows,) = aggregated(item(brand=field("text", groups=counts("brand", **{"(none)": 1}))))
    assert rows[0]["brand"] == "(none)"


def test_several_metrics_over_everything_are_a_row_each():
    values = [
        {"value": 3, "field": "price", "aggregation": "MIN"},
        {"value": 9.5, "field": "price", "aggregation": "MAX"},
        {"value": "2024-01-01", "field": "made", "aggregation": "MAX"},
    ]
    (rows,) = aggregated(item(price=field("number", values)))
    assert rows == [{"metric": "min of price", "value": 3}, {"metric": "max of price", "value": 9.5}]


def test_a_single_number_is_no_chart():
    assert list(aggregated(item(price=field("number", [{"value": 3, "field": "price"}])))) == []


def test_the_values_that_occur_most_are_a_row_each():
    top = {
        "field": "brand",
        "aggregation": "TOP_OCCURRENCES",
        "value": [{"value": "Tor", "count": 4}, {"value": "Ben", "count": 2}],
    }
    (rows,) = aggregated(item(brand=field(values=[top])))
    assert rows == [{"brand": "Tor", COUNTED: 4}, {"brand": "Ben", COUNTED: 2}]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"collections": 5},
        {"collections": [7, {"A": 3}, {"A": {"f": None}}]},
        {"collections": [{"A": {"f": {"groups": {"g": []}, "values": "x"}}}]},
    ],
)
def test_what_is_shaped_otherwise_gives_nothing(odd):
    assert list(aggregated(odd)) == []


async def test_what_a_store_computes_becomes_a_table(clients):
    from elysia_desktop.core.environment import Environment

    store = clients.store()
    request = AggregateRequest(
        collection="Films", group_by="seen", metrics=(Metric(property="rating", function="MEAN"),)
    )
    result = aggregation(request, await store.aggregate(request), await store.schema("Films"))
    made = Environment()
    made.add("aggregate", result)
    (drawn,) = tables_of(made)
    rows = dict(zip(drawn.columns["seen"].values, drawn.columns["mean of rating"].values, strict=True))
    assert rows == {"True": 8.25, "False": pytest.approx(4.65)}
    assert drawn.columns[COUNTED].values == [2, 2]
