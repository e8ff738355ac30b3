import math

import pytest

from elysia_desktop.ui.charts.values import AxisKind, caption, name_of, number_of, places_of


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0), ("2.5", 2.5), (" 7 ", 7.0), (True, None), (None, None), ("n/a", None), (math.nan, None),
        ("nan", None), (math.inf, None), (10**400, None), (1e301, None), ([1], None), ({}, None),
    ],
)  # fmt: skip
def test_only_finite_numbers_and_texts_that_spell_one_are_numbers(value, number):
    assert number_of(value) == number


def test_values_are_numbers_or_dates_if_at_least_half_of_them_are():
    numbers = places_of([1, "2", "n/a", None])
    assert (numbers.kind, numbers.at, numbers.left_out) == (AxisKind.NUMBER, (1, 2, None, None), 2)
    dates = places_of(["2024-05-30T12:00:00Z", "2024-05-31", None, "soon"])
    assert dates.kind is AxisKind.DATE
    assert [dates.text(place) for place in dates.known] == ["2024-05-30 12:00", "2024-05-31"]
    names = places_of(["Tents", "Boots", "Tents", None, 3])
    assert (names.kind, names.at, names.names) == (AxisKind.NAME, (0, 1, 0, None, 2), ("Tents", "Boots", "3"))


def test_what_is_neither_number_date_nor_text_has_no_place():
    assert places_of([math.nan, None, {"a": 1}, [2], math.inf]).at == (None,) * 5


def test_a_date_that_no_calendar_has_is_left_out():
    places = places_of(["2024-02-30", "2024-02-29"])
    assert (places.kind, places.at[0]) == (AxisKind.DATE, None)


def test_years_have_no_separators_but_other_numbers_have():
    assert places_of([1999, 2010]).text(2010) == "2010"
    assert places_of([1999, 20100]).text(1999) == "1,999"
    assert [name_of(value) for value in (2010, 12000, 0.5, None)] == ["2010", "12,000", "0.5", "null"]


def test_names_of_fields_become_captions_and_text_stays_as_it_is():
    assert caption("created_at") == "Created at"
    assert caption("number of objects") == "Number of objects"
    assert caption("Price (USD)") == "Price (USD)"
    assert caption("价格") == "价格"
    assert caption(None) == ""
