import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.ui.inspector.prompts_json import LONGEST, in_plain_letters, indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES), st.booleans())
def test_it_is_indented_as_json_is_elsewhere(value: Any, ascii_only: bool) -> None:
    dense = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    assert indented(dense) == json.dumps(value, ensure_ascii=ascii_only, indent=2)


def test_numbers_escapes_and_repeated_keys_stay_as_they_were_written() -> None:
    text = r' {"n":1.50e2, "n" : 10000000000000000000000.0,"t":"a\u00e9 \" , {x}"} '
    assert indented(text) == (
        '{\n  "n": 1.50e2,\n  "n": 10000000000000000000000.0,\n  "t": "a\\u00e9 \\" , {x}"\n}'
    )


def test_for_reading_letters_stand_in_place_of_their_escapes() -> None:
    text = r'{"n":1.50e2,"t":"\u00a3200 \ud83d\ude00 \ud83d \u0000 \" \\u00e9"}'
    assert in_plain_letters(text) == '{\n  "n": 1.50e2,\n  "t": "£200 😀 \\ud83d \\u0000 \\" \\\\u00e9"\n}'
    assert in_plain_letters(r"no \u00e9 object") == r"no \u00e9 object"


@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES))
def test_what_is_read_means_the_same(value: Any) -> None:
    assert json.loads(in_plain_letters(json.dumps(value))) == value


@pytest.mark.parametrize("text", ["", "Hello {you}", '{"cut": "of', "12", "[" * 100_000, "{} and more"])
def test_what_is_no_json_stays_as_it_is(text: str) -> None:
    assert indented(text) == text


def test_what_is_very_long_stays_as_it_is() -> None:
    text = json.dumps(["x" * LONGEST])
    assert indented(text) == text
