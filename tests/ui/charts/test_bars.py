from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.ui.charts.bars import MOST_BINS, binned

VALUES = st.lists(st.floats(-1e300, 1e300, allow_subnormal=False), min_size=1, max_size=60)


@given(VALUES, VALUES)
def test_every_value_is_counted_once(one, other):
    bars = binned({"one": one, "other": other})
    assert [sum(series.values) for series in bars.series] == [len(one), len(other)]
    assert all(low < high for low, high in pairwise(bars.edges))
    assert 1 <= len(bars.names) <= 2 * MOST_BINS


@given(st.lists(st.integers(-500, 500), min_size=2, max_size=80))
def test_a_value_is_counted_between_its_edges_and_on_an_edge_above_it(values):
    bars = binned({"n": values})
    for slot, (low, high) in enumerate(pairwise(bars.edges)):
        is_last = slot == len(bars.names) - 1
        there = [value for value in values if low <= value < high or (is_last and value == high)]
        assert bars.value(slot, 0) == len(there)


def test_edges_are_round_numbers_and_whole_for_whole_values():
    assert binned({"n": [99.0, 120, 149.5, 180, 240, 350]}).edges == (0, 100, 200, 300, 400)
    assert binned({"n": [0.11, 0.32]}).edges == pytest.approx((0.1, 0.15, 0.2, 0.25, 0.3, 0.35))
    assert binned({"n": [1, 2, 3]}).edges == (1, 2, 3)
    assert binned({"n": [7, 7, 7]}).edges == (6.5, 7.5)


def test_nothing_has_no_bins():
    assert binned({}).names == ()
