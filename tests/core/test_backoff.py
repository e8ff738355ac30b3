import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.backoff import Backoff, in_a_while


def test_waits_double_and_come_to_an_end():
    backoff = Backoff(tries=5, first=0.5, chance=lambda: 0)
    assert [backoff.seconds_before(n) for n in range(2, 7)] == [0.5, 1.0, 2.0, 4.0, None]


def test_one_try_is_never_followed_by_another():
    assert Backoff(tries=1).seconds_before(2) is None
    assert Backoff(tries=1).seconds_before(2, wanted=0) is None


@given(st.integers(2, 60), st.floats(0, 1, exclude_max=True))
def test_chance_takes_at_most_half_and_no_wait_is_longer_than_the_longest(number, chance):
    whole = Backoff(tries=60, longest=30, chance=lambda: 0).seconds_before(number)
    some = Backoff(tries=60, longest=30, chance=lambda: chance).seconds_before(number)
    assert whole is not None
    assert whole / 2 <= some <= whole <= 30


@pytest.mark.parametrize(("wanted", "wait"), [(0, 0), (7.5, 7.5), (30, 30), (31, None)])
def test_the_servers_own_wait_is_taken_unless_it_is_too_long(wanted, wait):
    assert Backoff(longest=30).seconds_before(2, wanted) == wait


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.2, "in 1 second"),
        (40, "in 40 seconds"),
        (90.5, "in 2 minutes"),
        (600, "in 10 minutes"),
        (7200, "in 2 hours"),
    ],
)
def test_a_wait_is_told_in_its_own_unit(seconds, told):
    assert in_a_while(seconds) == told
