import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.ui.tables.columns import Kind
from elysia_desktop.ui.tables.sorting import sort_keys


def ordered(values, kind, *, descending=False):
    order = list(range(len(values)))
    sort_keys(values, kind).sort(order, descending=descending)
    return [values[position] for position in order]


@pytest.mark.parametrize(
    ("kind", "values", "ascending"),
    [
        (Kind.NUMBER, [3, None, 1.5, 20], [1.5, 3, 20, None]),
        (Kind.TEXT, ["pear", "Éclair", None, "apple", "Fig"], ["apple", "Éclair", "Fig", "pear", None]),
        (Kind.DATE, ["2020-02-01", "2019-12-31", None], ["2019-12-31", "2020-02-01", None]),
        (
            Kind.DATE,
            ["2020-01-01T01:00:00+02:00", "2020-01-01T00:00:00Z", "2019-06-01"],
            ["2019-06-01", "2020-01-01T01:00:00+02:00", "2020-01-01T00:00:00Z"],
        ),
        (Kind.BOOLEAN, [True, None, False], [False, True, None]),
        (Kind.LIST, [["b"], None, ["a", 1]], [["a", 1], ["b"], None]),
        (Kind.OBJECT, [{"a": 2}, {"a": 1}], [{"a": 1}, {"a": 2}]),
        (Kind.TEXT, ["b", 1, True], [1, "b", True]),
    ],
)
def test_values_sort_as_their_kind_does_with_nulls_last(kind, values, ascending):
    assert ordered(values, kind) == ascending


def test_nulls_stay_last_when_descending():
    assert ordered([1, None, 2], Kind.NUMBER, descending=True) == [2, 1, None]


def test_values_of_another_kind_stand_between_the_rest_and_the_nulls():
    assert ordered(["n/a", None, 5, 3], Kind.NUMBER) == [3, 5, "n/a", None]
    assert ordered(["n/a", None, 5, 3], Kind.NUMBER, descending=True) == ["n/a", 5, 3, None]


def test_not_a_number_counts_as_null():
    result = ordered([math.nan, 2, None, 1], Kind.NUMBER)
    assert result[:2] == [1, 2]
    assert set(map(str, result[2:])) == {"nan", "None"}


@given(st.lists(st.none() | st.integers() | st.floats(allow_nan=False)), st.booleans())
def test_numbers_sort_as_python_does(values, descending):
    plain = sorted((v for v in values if v is not None), reverse=descending)
    assert ordered(values, Kind.NUMBER, descending=descending) == plain + [None] * values.count(None)


@given(st.lists(st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.lists(st.integers()))))
@pytest.mark.parametrize("kind", list(Kind))
def test_whatever_the_values_are_none_is_lost(kind, values):
    order = list(range(len(values)))
    sort_keys(values, kind).sort(order, descending=False)
    assert sorted(order) == list(range(len(values)))
