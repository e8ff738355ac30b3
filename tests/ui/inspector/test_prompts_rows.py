from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from ui.inspector.prompts_samples import at, call, exchange

from elysia_desktop.ui.inspector.prompts_rows import rows_of


def test_each_request_of_a_call_is_a_row_with_its_attempt() -> None:
    kept = [exchange(1), exchange(2, error="No answer."), exchange(3, purpose="query"), exchange(4)]
    rows = rows_of([call("e1"), call("e2", "e3")], kept)
    assert [(row.key, row.call, row.attempt, row.attempts) for row in rows] == [
        ("e1", 0, 1, 1),
        ("e2", 1, 1, 2),
        ("e3", 1, 2, 2),
    ]
    assert [row.failed for row in rows] == [False, True, False]


def test_an_answered_attempt_before_another_one_was_asked_again() -> None:
    kept = [exchange(1), exchange(2, error="Busy."), exchange(3)]
    rows = rows_of([call("e1", "e2", "e3")], kept)
    assert [row.was_asked_again for row in rows] == [True, False, False]


def test_a_call_whose_requests_are_gone_is_told_by_its_totals() -> None:
    (row,) = rows_of([call("e1", "e2", attempts=2)], [])
    assert row.exchange is None
    assert (row.purpose, row.input_tokens, row.seconds, row.attempts) == ("decision", 100, 1.5, 2)


def test_what_is_left_of_a_call_keeps_its_number() -> None:
    (row,) = rows_of([call("e1", "e2")], [exchange(2)])
    assert (row.attempt, row.attempts) == (2, 2)


def test_what_no_call_tells_of_belongs_to_the_run_in_whose_time_it_was_sent() -> None:
    kept = [exchange(1), exchange(5, error="Stopped."), exchange(9)]
    assert [row.key for row in rows_of([], kept, at(5), at(9))] == ["e5"]
    assert [row.key for row in rows_of([], kept, at(5))] == ["e5", "e9"]
    assert rows_of([], kept) == []


def test_a_failed_request_stands_where_it_was_sent() -> None:
    kept = [exchange(1), exchange(2, error="Busy.", purpose="query"), exchange(3)]
    rows = rows_of([call("e1"), call("e3")], kept, at(0))
    assert [(row.key, row.call) for row in rows] == [("e1", 0), ("e2", None), ("e3", 1)]


def test_requests_with_the_same_instructions_are_attempts_before_their_call_is_told_of() -> None:
    kept = [exchange(1, error="Busy."), exchange(2), exchange(3, system="Write.")]
    rows = rows_of([], kept, at(0))
    assert [(row.attempt, row.attempts) for row in rows] == [(1, 2), (2, 2), (1, 1)]


@given(st.lists(st.integers(0, 8), unique=True), st.integers(0, 8))
def test_every_kept_request_in_the_time_of_a_run_is_shown_once_and_in_order(
    linked: list[int], began: int
) -> None:
    kept = [exchange(number) for number in range(9)]
    calls = [call(f"e{number}") for number in sorted(linked)]
    rows = rows_of(calls, kept, at(began))
    expected = [number for number in range(9) if number in linked or number >= began]
    assert [row.key for row in rows] == [f"e{number}" for number in expected]


def test_a_call_that_is_gone_stays_between_those_that_are_not() -> None:
    late = exchange(3, at=at(3) + timedelta(hours=1))
    rows = rows_of([call("e1"), call("lost"), call("e3")], [exchange(1), late])
    assert [row.key for row in rows] == ["e1", "call-1", "e3"]
