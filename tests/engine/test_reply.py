import json
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from elysia_desktop.engine.reply import read_reply


class Filter(BaseModel):
    property: Literal["price", "name"]
    value: float


class Order(BaseModel):
    collection: str
    filters: list[Filter]


class Orders(BaseModel):
    requests: list[Order]
    note: str = ""


WHOLE = {
    "requests": [
        {"collection": "A", "filters": [{"property": "price", "value": 1}, {"property": "name", "value": 2}]},
        {"collection": "B", "filters": []},
    ],
    "note": "done",
}


@given(st.integers(1, len(json.dumps(WHOLE))))
def test_a_reply_that_was_cut_off_anywhere_is_read_as_far_as_it_was_finished(length):
    reply, why = read_reply(Orders, json.dumps(WHOLE)[:length], cut_short=True)
    if reply is None:
        assert "cut off" in why
    else:
        whole = Orders.model_validate(WHOLE)
        for read, sent in zip(reply.requests, whole.requests, strict=False):
            assert read.filters == sent.filters[: len(read.filters)]


def test_the_item_that_a_list_was_cut_off_in_is_left_out():
    begun = json.dumps(WHOLE)[: json.dumps(WHOLE).index('"name"') + 3]
    reply, _ = read_reply(Orders, begun, cut_short=True)
    assert [f.property for f in reply.requests[0].filters] == ["price"]


def test_nothing_is_left_out_of_a_reply_that_was_not_cut_off():
    wrong = {"requests": [*WHOLE["requests"], {"collection": "C"}]}
    reply, why = read_reply(Orders, json.dumps(wrong), cut_short=False)
    assert reply is None
    assert "requests.2.filters" in why


def test_the_only_item_of_a_list_is_not_left_out():
    reply, why = read_reply(Orders, '{"requests": [{"collection": "A", "filters": [{"property": "pr', True)
    assert reply is None
    assert "cut off" in why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("Certainly!", "not a JSON object"),
        ('{"requests": 3}', "requests: "),
        ("[" * 5000, "not a JSON object"),
        ('{"requests": ' * 5000, "not a JSON object"),
    ],
)
def test_what_cannot_be_read_is_told_why(text, why):
    assert why in read_reply(Orders, text, cut_short=False)[1]


def test_a_better_explanation_comes_first():
    told = read_reply(Orders, '{"requests": 3}', False, lambda data: f"{data['requests']} is no list.")
    assert told == (None, "3 is no list.")
    assert "requests: " in read_reply(Orders, '{"requests": 3}', False, lambda _: None)[1]


def test_brackets_within_texts_are_no_nesting():
    reply, _ = read_reply(Orders, json.dumps({"requests": [], "note": "[" * 500}), cut_short=False)
    assert reply.note == "[" * 500
