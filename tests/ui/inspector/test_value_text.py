from typing import Any

import pytest

from elysia_desktop.ui.inspector.value_text import metadata_text, one_line, seconds_text, title_of, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (9.1, "9.1"),
        ("Inception", '"Inception"'),
        ("2010-07-16", "2010-07-16"),
        ("2010-07-16T10:00:00Z", "2010-07-16T10:00:00Z"),
        ([1], "1 item"),
        ({"a": 1, "b": 2}, "2 fields"),
        ("two\nlines", '"two lines"'),
    ],
)
def test_values_are_told_in_a_few_words(value: Any, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("item", "title"),
    [
        ({"price": 1, "name": "Tent"}, "Tent"),
        ({"brandName": "Peak", "name": ""}, "Peak"),
        ({"uuid": "x", "_REF_ID": "y", "body": "Short note"}, "Short note"),
        ({"price": 1}, ""),
    ],
)
def test_an_object_is_called_by_its_title_like_field(item: dict[str, Any], title: str) -> None:
    assert title_of(item) == title


def test_metadata_tells_query_and_time() -> None:
    asked = {"query_type": "hybrid", "query_output": {"filters": {"a": 1}, "sort": [1]}, "time": 1.44}
    assert metadata_text(asked) == "hybrid · filters · sorted · 1.4 s"
    assert metadata_text({"a": 1}) == "1 field"


def test_long_durations_are_told_in_minutes() -> None:
    assert seconds_text(125) == "2 min 05 s"


def test_long_texts_are_cut() -> None:
    assert one_line("x" * 1000).endswith("…")
    assert len(one_line("x" * 1000)) == 161
