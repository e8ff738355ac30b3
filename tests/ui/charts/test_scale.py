from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.ui.charts.scale import Axis, date_scale, nice_step, number_scale
from elysia_desktop.ui.charts.values import AxisKind, seconds_of

NUMBERS = st.floats(-1e300, 1e300, allow_subnormal=False)


def texts(scale):
    return [tick.text for tick in scale.ticks]


@given(NUMBERS, NUMBERS, st.integers(1, 12))
def test_a_scale_covers_its_values_with_ticks_in_order(one, other, most):
    low, high = sorted((one, other))
    scale = number_scale(low, high, most)
    margin = (scale.high - scale.low) * 1e-6
    assert scale.low <= low + margin
    assert high - margin <= scale.high
    assert 0 <= len(scale.ticks) <= most + 3
    assert all(first.at < second.at for first, second in pairwise(scale.ticks))
    assert -1e-6 <= scale.share(low) <= scale.share(high) <= 1 + 1e-6


@given(st.floats(1e-250, 1e250))
def test_steps_are_1_2_or_5_times_a_power_of_ten(least):
    step = nice_step(least)
    assert least * (1 - 1e-6) <= step <= least * 2.6
    assert f"{step:.6e}"[:8] in {"1.000000", "2.000000", "5.000000"}


def test_ticks_have_the_separators_and_as_many_decimals_as_they_need():
    assert texts(number_scale(0, 160e6, 4)) == [
        "0",
        "50,000,000",
        "100,000,000",
        "150,000,000",
        "200,000,000",
    ]
    assert texts(number_scale(0, 0.3, 3)) == ["0", "0.1", "0.2", "0.3"]
    assert texts(number_scale(1990, 2010, 4, grouped=False)) == ["1990", "1995", "2000", "2005", "2010"]


def test_ticks_of_counts_and_bins_stand_at_multiples_of_their_unit():
    assert texts(number_scale(0, 2, 9, unit=1)) == ["0", "1", "2"]
    assert texts(number_scale(40, 320, 9, unit=20, fixed=True)) == [
        "40", "80", "120", "160", "200", "240", "280", "320",
    ]  # fmt: skip
    assert texts(number_scale(0, 1, 5, unit=0.05)) == ["0", "0.25", "0.50", "0.75", "1.00"]


def test_one_value_stands_in_the_middle():
    for value in (0, 7, -1e12):
        scale = number_scale(value, value, 5)
        assert 0.2 < scale.share(value) < 0.8


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2024-05-30T10:00:00Z", "2024-05-30T13:00:00Z", ["10:00", "11:00", "12:00", "13:00"]),
        ("2024-05-30", "2024-06-01", ["2024-05-30", "12:00", "2024-05-31", "12:00", "2024-06-01"]),
        ("2024-05-30", "2024-06-03", ["2024-05-30", "2024-05-31", "2024-06-01", "2024-06-02", "2024-06-03"]),
        ("2024-01-01", "2024-05-01", ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]),
        ("1990-01-01", "2010-01-01", ["1990", "1995", "2000", "2005", "2010"]),
    ],
)
def test_dates_have_ticks_where_people_have_them(first, last, shown):
    assert texts(date_scale(seconds_of(first), seconds_of(last), 5)) == shown


def test_hours_without_a_midnight_among_them_say_their_day():
    assert date_scale(seconds_of("2024-05-30T10:00"), seconds_of("2024-05-30T13:00"), 5).note == "2024-05-30"
    assert date_scale(seconds_of("2024-05-30"), seconds_of("2024-06-01"), 5).note == ""


@given(st.datetimes(), st.datetimes(), st.integers(1, 10))
def test_any_dates_have_a_scale(one, other, most):
    low, high = sorted((seconds_of(one), seconds_of(other)))
    scale = date_scale(low, high, most)
    assert scale.low <= low
    assert high <= scale.high
    assert len(scale.ticks) <= most + 3
    assert all(first.at < second.at for first, second in pairwise(scale.ticks))


def test_every_name_has_a_slot():
    scale = Axis(AxisKind.NAME, 0, 0, names=("a", "b")).scale(1)
    assert (texts(scale), scale.share(0), scale.share(1)) == (["a", "b"], 0.25, 0.75)
