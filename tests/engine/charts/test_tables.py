import pytest
from engine.charts.found import GROUPS, SHOP, found, table

from elysia_desktop.core.environment import Environment
from elysia_desktop.engine.charts.tables import is_number, kind_of, moment, tables_of


def test_each_field_is_a_column_of_its_kind_with_a_reference_per_row():
    shop = table(*SHOP)
    assert {name: column.kind for name, column in shop.columns.items()} == {
        "name": "text",
        "category": "text",
        "price": "number",
        "rating": "number",
        "made": "date",
    }
    assert shop.columns["rating"].values == [4.5, 4.0, None]
    assert shop.ref_ids == ["query_Products_1_0", "query_Products_1_1", "query_Products_1_2"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "number"),
        ([True, False], "text"),
        ([1, "n/a"], "text"),
        (["2024-05-31", "2024-05-31T10:00:00+02:00"], "date"),
        (["2024-05-31", "soon"], "text"),
        (["2024-13-01"], "text"),
        ([["a", "b"], []], "text"),
        ([None, None], None),
        ([{"a": 1}], None),
        ([[{"a": 1}]], None),
        (["long " * 40], None),
        ([10**400], None),
        ([""], None),
    ],
)
def test_what_values_are(values, kind):
    assert kind_of(values) == kind


def test_a_truth_value_is_no_number():
    assert [is_number(value) for value in (True, 1, 1.5, float("nan"), 10**400, "1")] == [
        False, True, True, False, False, False
    ]  # fmt: skip


def test_moments_with_and_without_a_time_zone_can_be_compared():
    assert (
        moment("2024-05-31T10:00:00+02:00") < moment("2024-05-31T09:00:00") == moment("2024-05-31T09:00:00Z")
    )


def test_the_newest_result_comes_first_and_each_has_its_own_key():
    made = found(*SHOP)
    made.add_objects("query", "Products", [{"name": "Beck", "price": 1}])
    made.add_objects("aggregate", "Products", [GROUPS])
    made.add_objects("aggregate", "Products", [{"num_items": 0, "collections": []}])
    assert [each.key for each in tables_of(made)] == [
        "aggregate/Products/1",
        "query/Products/2",
        "query/Products/1",
    ]


def test_long_names_that_are_cut_alike_still_have_different_keys():
    made = Environment()
    for ending in "ab":
        made.add_objects("query", "x" * 60 + ending, SHOP)
    keys = [each.key for each in tables_of(made)]
    assert len(set(keys)) == 2
    assert max(map(len, keys)) < 60


def test_a_repeat_is_drawn_as_what_it_repeats():
    made = found(*SHOP)
    made.add_objects("query", "Products", SHOP[:1])
    newest = next(tables_of(made))
    assert newest.columns["price"].values == [150]
    assert newest.ref_ids == ["query_Products_1_0"]


def test_charts_are_not_drawn_again():
    made = found({"title": "Prices", "price": 3}, tool="visualise", chart_type="bar")
    assert list(tables_of(made)) == []


def test_what_matched_but_was_not_retrieved_is_known():
    assert table(*SHOP, total=10).more == 7
    assert table(*SHOP, total=3).more == 0
