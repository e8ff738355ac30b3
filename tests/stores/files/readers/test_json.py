import json

import pytest

from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.limits import Limits
from elysia_desktop.stores.files.reading import read_text


def read(value, name="a.json"):
    return read_text(name, value if isinstance(value, str) else json.dumps(value))


def test_values_are_told_with_their_path():
    value = {
        "a": {"b": 1, "c": [1, "x"], "d": None, "e": {}},
        "f": [{"g": True, "h": {"i": 2.5}}, {"g": False, "j": [[1], [2]]}],
    }
    assert read(value).text == (
        "a.b: 1\na.c: 1, x\na.d: null\nf 1: g: true; h.i: 2.5\nf 2: g: false; j[1]: 1; j[2]: 2"
    )


@pytest.mark.parametrize(
    ("value", "text"), [("x", "x"), (3, "3"), ([1, 2], "1, 2"), ([{"a": "b\n c"}], "a: b c")]
)
def test_whatever_the_outermost_value_is_it_is_read(value, text):
    assert read(value).text == text


def test_lines_are_records_and_a_bad_one_is_named():
    table = read('{"a": 1}\n\n{"a": 2}\n{"a": \n{"a": 4}\n', "a.jsonl")
    assert table.text == 'a: 1\na: 2\n{"a":\na: 4'
    assert table.note == "Not valid JSON and taken as it stands: line 4."
    assert table.kind == "json"


def test_what_is_no_json_is_read_as_text_and_said_so():
    table = read('{\n  "a": "The bridge",\n  "b": [1, 2')
    assert table.kind == "text"
    assert "The bridge" in table.text
    assert table.note.startswith("It is not valid JSON (line 3: ")


@pytest.mark.parametrize("depth", [150, 100_000])
def test_values_nested_too_deep_are_refused(depth):
    for text in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
        with pytest.raises(FileRefused, match="nested more than 100 levels deep"):
            read_text("a.json", text, Limits(depth=100))


def test_a_number_of_many_digits_is_no_reason_to_fail():
    assert "9" * 5_000 in read("[" + "9" * 5_000 + "]").text
