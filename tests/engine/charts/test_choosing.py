import pytest
from engine.charts.found import GROUPS, SHOP, table

from elysia_desktop.engine.charts.aggregated import COUNTED
from elysia_desktop.engine.charts.choosing import MAX_FIELDS, choosable


def test_bars_take_any_field_as_labels_and_count_or_draw_numbers():
    shop = choosable(table(*SHOP), "bar")
    assert shop.across == ["name", "category", "made"]
    assert shop.up == ["price", "rating", COUNTED]
    assert "combine" in shop.extra


def test_bars_stand_over_whole_numbers_but_not_over_measures():
    films = table(*({"title": "t", "year": 1970 + number, "rating": number / 2} for number in range(4)))
    assert choosable(films, "bar").across == ["title", "year"]
    many = table(*({"title": "t", "number": number} for number in range(60)))
    assert choosable(many, "bar").across == ["title"]


def test_groups_are_neither_counted_again_nor_combined():
    groups = choosable(table(GROUPS, tool="aggregate"), "bar")
    assert groups.across == ["category"]
    assert groups.up == [COUNTED, "mean of price"]
    assert groups.extra == {}


def test_points_need_a_number_or_date_to_stand_over():
    assert choosable(table(*SHOP), "scatter_or_line").across == ["made", "price", "rating"]
    assert choosable(table({"name": "a", "price": 1}, {"name": "b", "price": 2}), "scatter_or_line") is None


@pytest.mark.parametrize("chart_type", ["histogram", "scatter_or_line"])
def test_one_object_is_no_distribution(chart_type):
    assert choosable(table({"price": 1, "rating": 2}), chart_type) is None


def test_texts_alone_can_be_counted_but_not_spread():
    words = table({"name": "a"}, {"name": "b"})
    assert choosable(words, "bar").up == [COUNTED]
    assert choosable(words, "histogram") is None


def test_a_result_with_many_fields_offers_the_first_of_them():
    wide = table(*({f"n{number}": number for number in range(40)} for _ in range(2)))
    chosen = choosable(wide, "scatter_or_line")
    assert len(chosen.across) == len(chosen.up) == MAX_FIELDS
