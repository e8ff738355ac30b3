import math

import pytest
from engine.charts.found import GROUPS, SHOP, found, table
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.engine.charts.aggregated import COUNTED
from elysia_desktop.engine.charts.drawing import (
    MAX_BARS,
    MAX_POINTS,
    Undrawable,
    draw_bars,
    draw_histogram,
    draw_points,
)
from elysia_desktop.engine.charts.tables import tables_of

NUMBERS = st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6, allow_nan=False))
OBJECTS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.one_of(st.none(), st.text("abc", min_size=1, max_size=2)),
            "price": st.one_of(st.none(), NUMBERS),
            "rating": st.one_of(st.none(), NUMBERS),
        }
    ),
    min_size=1,
    max_size=70,
)


def first_table(objects):
    made = found(*objects)
    return made, next(tables_of(made), None)


def total_left_out(drawn):
    return sum(int(told.split()[0].replace(",", "")) for told in drawn.left_out if " without " in told)


@given(OBJECTS)
def test_every_point_has_the_values_of_the_object_it_refers_to(objects):
    made, shop = first_table(objects)
    if shop is None or {"price", "rating"} - shop.columns.keys():
        return
    try:
        drawn = draw_points(shop, "price", ["rating"])
    except Undrawable:
        assert sum(o["price"] is not None and o["rating"] is not None for o in objects) < 2
        return
    (series,) = drawn.data.y_axis
    (source,) = drawn.sources
    for x, y, (ref_id,) in zip(drawn.data.x_axis, series.data_points, source["ref_ids"], strict=True):
        item = made.object(ref_id)
        assert (x.value, y.value) == (item["price"], item["rating"])
        assert type(x.value) is type(item["price"])
    values = [point.value for point in drawn.data.x_axis]
    assert values == sorted(values)
    assert len(values) + total_left_out(drawn) == len(objects)


@given(OBJECTS)
def test_every_value_of_a_histogram_is_that_of_its_object(objects):
    made, shop = first_table(objects)
    if shop is None or "price" not in shop.columns:
        return
    try:
        drawn = draw_histogram(shop, ["price"])
    except Undrawable:
        assert sum(o["price"] is not None for o in objects) < 2
        return
    values = drawn.data["price"].distribution
    assert values == [made.object(ref_id)["price"] for (ref_id,) in drawn.sources[0]["ref_ids"]]
    assert len(values) + total_left_out(drawn) == len(objects)


@given(OBJECTS, st.sampled_from(["mean", "sum"]))
def test_every_bar_combines_the_values_of_the_objects_it_refers_to(objects, combine):
    made, shop = first_table(objects)
    if shop is None or {"name", "price"} - shop.columns.keys():
        return
    try:
        drawn = draw_bars(shop, "name", ["price", COUNTED], combine)
    except Undrawable:
        assert not any(o["name"] and o["price"] is not None for o in objects)
        return
    assert len(set(drawn.data.x_labels)) == len(drawn.data.x_labels) <= MAX_BARS
    assert [source["series"] for source in drawn.sources] == ["price", COUNTED]
    for at, (label, refs) in enumerate(zip(drawn.data.x_labels, drawn.sources[0]["ref_ids"], strict=True)):
        items = [made.object(ref_id) for ref_id in refs]
        assert {item["name"] for item in items} == {label}
        prices = [item["price"] for item in items]
        wanted = math.fsum(prices) / (len(prices) if combine == "mean" else 1)
        assert drawn.data.y_values["price"][at] == pytest.approx(wanted)
        assert drawn.data.y_values[COUNTED][at] == len(items)


def test_a_value_of_one_object_stands_as_it_is():
    drawn = draw_bars(table(*SHOP), "name", ["price"])
    assert drawn.data.model_dump() == {
        "x_labels": ["Ridge", "Fell", "Tarn"],
        "y_values": {"price": [150, 90.5, 120]},
    }
    assert type(drawn.data.y_values["price"][0]) is int
    assert drawn.left_out == []


def test_objects_of_one_label_are_counted_and_combined():
    drawn = draw_bars(table(*SHOP), "category", [COUNTED, "price"], "sum")
    assert drawn.data.y_values == {COUNTED: [2, 1], "price": [240.5, 120]}
    assert drawn.sources[0]["ref_ids"] == [
        ["query_Products_1_0", "query_Products_1_1"],
        ["query_Products_1_2"],
    ]


def test_groups_of_an_aggregation_are_bars_that_refer_to_it():
    drawn = draw_bars(table(GROUPS, tool="aggregate"), "category", [COUNTED, "mean of price"])
    assert drawn.data.x_labels == ["Jackets", "Boots"]
    assert drawn.data.y_values == {COUNTED: [2, 1], "mean of price": [120.25, 120]}
    assert drawn.sources[1]["ref_ids"] == [["aggregate_Products_1_0"]] * 2


def test_what_has_no_value_is_left_out_and_said():
    drawn = draw_bars(table(*SHOP), "name", ["rating"])
    assert drawn.data.x_labels == ["Ridge", "Fell"]
    assert drawn.left_out == ["1 without rating"]


def test_what_was_not_retrieved_is_said():
    assert draw_bars(table(*SHOP, total=1003), "name", ["price"]).left_out == [
        "1,000 more objects that match but were not retrieved"
    ]


def test_the_largest_bars_are_kept_in_their_order():
    objects = [{"name": f"n{number}", "price": number} for number in range(60)]
    drawn = draw_bars(table(*objects), "name", ["price"])
    assert drawn.data.y_values["price"] == list(range(10, 60))
    assert drawn.left_out == ["the 10 smallest of 60 bars"]
    assert len(drawn.sources[0]["ref_ids"]) == MAX_BARS


def test_bars_over_numbers_and_dates_ascend():
    assert draw_bars(table(*SHOP), "made", ["price"]).data.y_values["price"] == [90.5, 120, 150]
    assert draw_bars(table(*SHOP), "price", [COUNTED]).data.x_labels == [90.5, 120, 150]


def test_each_item_of_a_list_and_each_truth_is_a_label():
    objects = [{"tags": ["a", "b", "a"], "seen": True}, {"tags": ["b"], "seen": False}, {"tags": []}]
    drawn = draw_bars(table(*objects), "tags", [COUNTED])
    assert (drawn.data.x_labels, drawn.data.y_values[COUNTED]) == (["a", "b"], [1, 2])
    assert drawn.left_out == ["1 without tags"]
    assert draw_bars(table(*objects), "seen", [COUNTED]).data.x_labels == ["true", "false"]


def test_points_are_called_by_their_names_rather_than_other_texts():
    objects = [{"sku": f"S{n}", "Name": f"n{n}", "x": n, "y": n} for n in range(2)]
    assert [point.label for point in draw_points(table(*objects), "x", ["y"]).data.x_axis] == ["n0", "n1"]
    same = [{**item, "Name": "same"} for item in objects]
    assert [point.label for point in draw_points(table(*same), "x", ["y"]).data.x_axis] == ["S0", "S1"]


def test_points_ascend_over_dates_and_are_called_by_the_first_text_that_tells_them_apart():
    drawn = draw_points(table(*SHOP), "made", ["price"], "line")
    assert [(p.value[:7], p.label) for p in drawn.data.x_axis] == [
        ("2024-01", "Fell"), ("2024-02", "Tarn"), ("2024-03", "Ridge")
    ]  # fmt: skip
    (series,) = drawn.data.y_axis
    assert (series.label, series.kind) == ("price", "line")
    assert [point.value for point in series.data_points] == [90.5, 120, 150]


def test_series_of_different_sizes_are_marked_for_scales_of_their_own():
    assert draw_points(table(*SHOP), "made", ["price", "rating"]).data.normalize_y_axis is False
    far = [{"t": n, "small": n / 1000, "large": n * 1000} for n in range(1, 4)]
    assert draw_points(table(*far), "t", ["small", "large"]).data.normalize_y_axis is True
    assert draw_points(table(*far), "t", ["large"]).data.normalize_y_axis is False


def test_points_beyond_the_limit_are_left_out_and_said():
    many = table(*({"x": n, "y": n} for n in range(MAX_POINTS + 5)))
    assert len(draw_points(many, "x", ["y"]).data.x_axis) == MAX_POINTS
    assert draw_points(many, "x", ["y"]).left_out == ["5 of 2,005 values"]
    assert draw_histogram(many, ["y"]).left_out == ["5 of 2,005 values"]


@pytest.mark.parametrize(
    ("draw", "reason"),
    [
        (lambda shop: draw_bars(shop, "price", ["price"]), "both the labels and the values"),
        (lambda shop: draw_bars(shop, "name", ["weight"]), "no field “weight”. It has: name, category"),
        (lambda shop: draw_points(shop, "price", ["price"]), "on both axes"),
        (lambda shop: draw_histogram(shop, ["lonely"]), "too few numbers"),
        (lambda shop: draw_bars(shop, "rest", ["lonely"]), "No object has a value in “rest” and “lonely”"),
        (lambda shop: draw_points(shop, "lonely", ["price"]), "It takes two objects"),
        (lambda shop: draw_bars(shop, "same", ["huge"], "sum"), "too large"),
    ],
)
def test_what_cannot_be_drawn_says_why_and_what_can(draw, reason):
    more = [
        {"lonely": 1, "rest": None, "same": "s", "huge": 1.7e308},
        {"rest": "r", "same": "s", "huge": 1.7e308},
        {},
    ]
    shop = table(*({**item, **extra} for item, extra in zip(SHOP, more, strict=True)))
    with pytest.raises(Undrawable) as refused:
        draw(shop)
    assert reason in refused.value.sentence
