import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.defaults import configure
from elysia_desktop.engine.managers.idle import Idle, TimedOut, timeout_of

NAMES = ["tree_timeout", "user_timeout", "client_timeout"]


@given(st.floats(0, 1e6))
def test_minutes_and_a_timedelta_are_the_same(minutes):
    as_time = timedelta(minutes=minutes)
    assert timeout_of("tree_timeout", minutes) == timeout_of("tree_timeout", as_time) == as_time


@pytest.mark.parametrize("name", NAMES)
def test_without_one_the_environment_names_it_else_ten_minutes(monkeypatch, name):
    monkeypatch.delenv(name.upper(), raising=False)
    assert timeout_of(name, None) == timedelta(minutes=10)
    monkeypatch.setenv(name.upper(), "0")
    assert timeout_of(name, None) == timedelta()
    monkeypatch.setenv(name.upper(), "7")
    assert timeout_of(name, None) == timedelta(minutes=7)
    assert timeout_of(name, 0) == timedelta()
    configure(**{name: 3})
    assert timeout_of(name, None) == timedelta(minutes=3)


@pytest.mark.parametrize("given", [-1, -0.001, math.nan, math.inf, -math.inf, 1e300, timedelta(seconds=-1)])
def test_a_time_out_that_cannot_be_is_refused(given):
    with pytest.raises(ValueError, match="tree_timeout is a timedelta or a number of minutes"):
        timeout_of("tree_timeout", given)


@pytest.mark.parametrize("given", ["10", True, [10]])
def test_what_is_no_time_is_refused(given):
    with pytest.raises(TypeError, match="number of minutes"):
        timeout_of("user_timeout", given)


@given(
    st.lists(st.tuples(st.sampled_from(["touch", "enter", "leave", "wait"]), st.integers(1, 400))),
    st.integers(0, 500),
)
def test_something_is_over_when_it_is_unused_for_longer_than_the_limit(steps, limit):
    now, since, open_uses = 0.0, 0.0, []
    idle = Idle(lambda: now)
    for step, seconds in steps:
        match step:
            case "touch":
                idle.touch()
                since = now
            case "enter":
                open_uses.append(idle.use())
                open_uses[-1].__enter__()
            case "leave" if open_uses:
                open_uses.pop().__exit__(None, None, None)
                since = now
            case _:
                now += seconds
        expected = not open_uses and limit > 0 and now - since > limit
        assert idle.is_over(timedelta(seconds=limit)) == expected
        assert idle.in_use == bool(open_uses)


def test_what_was_put_away_is_listed_the_oldest_first():
    remembered = TimedOut()
    for identifier in "abca":
        remembered.add(identifier, None)
    assert list(remembered) == ["b", "c", "a"]


def test_only_the_last_that_were_put_away_are_remembered():
    gone = TimedOut[int](most=3)
    for number in range(5):
        gone.add(str(number), number)
    assert [str(number) in gone for number in range(5)] == [False, False, True, True, True]
    assert gone.get("4") == 4
    assert gone.forget("4")
    assert not gone.forget("4")
