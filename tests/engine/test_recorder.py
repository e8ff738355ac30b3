import dataclasses
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.engine.recorder import HIDDEN, Exchange, Recorder, new_exchange_id, without

KEY = "sk-canary-0123456789"


def exchange(number=0, **changes):
    made = Exchange(
        id=f"exc-{number}",
        at=datetime(2026, 1, 2, tzinfo=UTC),
        purpose="decision",
        model="m",
        system="s",
        user="u",
        schema=None,
        reply="r",
        error="",
        input_tokens=1,
        output_tokens=2,
        seconds=0.5,
        cost=None,
    )
    return dataclasses.replace(made, **changes)


def test_exchanges_are_kept_in_order_and_found_by_their_ids():
    recorder = Recorder()
    for number in range(3):
        recorder.record(exchange(number))
    assert [kept.id for kept in recorder] == ["exc-0", "exc-1", "exc-2"]
    assert recorder.find("exc-1") == exchange(1)
    assert recorder.find("exc-9") is None
    recorder.clear()
    assert len(recorder) == 0


def test_only_the_last_ones_are_kept():
    recorder = Recorder(most=3)
    for number in range(10):
        recorder.record(exchange(number))
    assert [kept.id for kept in recorder] == ["exc-7", "exc-8", "exc-9"]


@given(st.lists(st.integers(0, 900), max_size=40))
def test_what_is_kept_never_takes_more_than_its_room(lengths):
    recorder = Recorder(most_characters=2000)
    for number, length in enumerate(lengths):
        recorder.record(exchange(number, user="u" * length, schema={"x": "y" * (length // 4)}))
    kept = list(recorder)
    assert [one.id for one in kept] == [f"exc-{n}" for n in range(len(lengths) - len(kept), len(lengths))]
    size = sum(len(one.user) + len(one.schema["x"]) for one in kept)
    assert len(kept) <= 1 or size <= 2000
    assert bool(kept) == bool(lengths)


def test_a_text_too_long_for_the_room_is_cut_and_says_so():
    recorder = Recorder(most_characters=400)
    recorder.record(exchange(reply="x" * 1000))
    (kept,) = recorder
    assert kept.reply.startswith("x" * 100 + "… [900 ")


def test_a_schema_too_long_for_the_room_is_cut_and_says_so():
    recorder = Recorder(most_characters=1000)
    kept = {"enum": ["short"]}
    recorder.record(exchange(schema=kept))
    recorder.record(exchange(schema={"enum": ["x" * 5000]}))
    assert [one.schema for one in recorder] == [kept, {"cut": "5,014 characters"}]


def test_it_can_be_read_while_a_run_in_another_thread_records():
    recorder = Recorder(most=50)
    done = threading.Event()

    def record():
        for _ in range(2000):
            recorder.record(exchange())
        done.set()

    thread = threading.Thread(target=record)
    thread.start()
    try:
        while not done.is_set():
            assert recorder.find("nowhere") is None
    finally:
        thread.join()
    assert len(list(recorder)) == 50


@pytest.mark.parametrize("field", ["purpose", "model", "system", "user", "reply", "error"])
def test_no_key_is_in_any_text(field):
    recorder = Recorder(secrets=["other-key"])
    recorder.hide("a-third-key")
    recorder.record(exchange(**{field: f"<{KEY}> other-key a-third-key"}), KEY)
    (kept,) = recorder
    assert getattr(kept, field) == f"<{HIDDEN}> {HIDDEN} {HIDDEN}"
    assert KEY not in repr(kept) + repr(recorder)


def test_no_key_is_in_a_schema_and_the_callers_own_is_left_as_it_is():
    schema = {"properties": {KEY: {"enum": [f"x{KEY}"]}}}
    recorder = Recorder()
    recorder.record(exchange(schema=schema), KEY)
    (kept,) = recorder
    assert kept.schema == {"properties": {HIDDEN: {"enum": [f"x{HIDDEN}"]}}}
    assert KEY in schema["properties"]


def test_a_key_within_a_longer_one_leaves_nothing_of_it():
    assert without("key-abcd-efg key-abcd", ["key-abcd", "key-abcd-efg"]) == f"{HIDDEN} {HIDDEN}"


def test_what_stands_in_for_a_key_is_left_in_texts():
    assert without("a local model", ["", "  ", "local"]) == "a local model"


def test_an_exchange_cannot_be_changed_and_its_id_is_its_own():
    with pytest.raises(dataclasses.FrozenInstanceError):
        exchange().reply = "other"
    assert new_exchange_id() != new_exchange_id()
