import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from elysia_desktop.core.requests import (
    AggregateRequest,
    And,
    Metric,
    Not,
    Or,
    PropertyFilter,
    QueryRequest,
    Request,
    Sort,
    shown,
)

LEAF = st.builds(
    PropertyFilter,
    property=st.sampled_from("ab"),
    operator=st.sampled_from(["=", "!=", "LIKE", "CONTAINS_ANY"]),
    value=st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | st.lists(st.text(max_size=2), max_size=2).map(tuple),
    length=st.booleans(),
)
FILTER = st.recursive(
    LEAF,
    lambda inner: (
        st.builds(And, filters=st.lists(inner, min_size=1, max_size=2).map(tuple))
        | st.builds(Or, filters=st.lists(inner, min_size=1, max_size=2).map(tuple))
        | st.builds(Not, filter=inner)
    ),
    max_leaves=5,
)


@given(FILTER | st.none())
def test_a_request_survives_being_written_as_json(tree):
    adapter = TypeAdapter(Request)
    for request in (
        QueryRequest(collection="Films", filters=tree, sort=(Sort(property="a", direction="desc"),)),
        AggregateRequest(collection="Films", filters=tree, metrics=(Metric(property="a", function="COUNT"),)),
    ):
        assert adapter.validate_json(adapter.dump_json(request)) == request


def test_only_what_was_asked_is_shown():
    assert shown(QueryRequest(collection="Films", search="keyword", text="x")) == {
        "collection": "Films",
        "search": "keyword",
        "text": "x",
    }


@given(FILTER, FILTER)
def test_requests_that_differ_are_shown_differently(one, other):
    both = [shown(QueryRequest(collection="Films", filters=tree)) for tree in (one, other)]
    assert (json.dumps(both[0]) == json.dumps(both[1])) == (one.model_dump_json() == other.model_dump_json())


def test_all_and_any_are_told_apart():
    leaf = PropertyFilter(property="a", operator="=", value=1)
    told = shown(QueryRequest(collection="Films", filters=Or(filters=(leaf, Not(filter=leaf)))))
    assert told["filters"] == {
        "kind": "or",
        "filters": [
            {"property": "a", "operator": "=", "value": 1},
            {"kind": "not", "filter": {"property": "a", "operator": "=", "value": 1}},
        ],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"offset": -1},
        {"alpha": 1.5},
        {"search": "magic"},
        {"filters": {"kind": "and", "filters": []}},
        {"filters": {"kind": "property", "property": "a", "operator": "~", "value": 1}},
        {"typo": 1},
    ],
    ids=str,
)
def test_a_request_that_means_nothing_is_refused(wrong):
    with pytest.raises(ValidationError):
        QueryRequest.model_validate({"collection": "Films", **wrong})


def test_requests_are_frozen_and_can_be_keys():
    request = QueryRequest(collection="Films")
    assert hash(request) == hash(QueryRequest(collection="Films"))
    with pytest.raises(ValidationError):
        request.limit = 9
