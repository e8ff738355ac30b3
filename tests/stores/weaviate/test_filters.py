"""Filters that were checked, as Weaviate is sent them."""

import pytest

from elysia_desktop.core.requests import And, Not, Or, PropertyFilter
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores.comparisons import checked

SCHEMA = CollectionSchema(
    name="Rows",
    properties=tuple(
        Property(name=name, type=kind)
        for name, kind in {"n": "int", "x": "float", "text": "text", "ns": "int[]", "day": "date"}.items()
    ),
)


@pytest.fixture(autouse=True)
def loaded(client_library):
    """The library whose filters are made."""


def sent(tree):
    from elysia_desktop.stores.weaviate.filters import translated

    return described(translated(checked(SCHEMA, tree)))


def described(node):
    """A filter of the client library as nested tuples."""
    if hasattr(node, "filters"):
        return (str(node.operator.value), *map(described, node.filters))
    return (str(node.operator.value), node.target, node.value)


def where(name, operator, value, **more):
    return PropertyFilter(property=name, operator=operator, value=value, **more)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (where("n", "=", 2.0), ("Equal", "n", 2)),
        (where("x", "<=", 1), ("LessThanEqual", "x", 1.0)),
        (where("n", "!=", 2), ("NotEqual", "n", 2)),
        (where("text", "!=", "a b"), ("Not", ("Equal", "text", "a b"))),
        (where("text", "LIKE", "a*"), ("Like", "text", "a*")),
        (where("n", "IS_NULL", value=True), ("IsNull", "n", True)),
        (where("ns", "CONTAINS_ALL", (1, 2)), ("ContainsAll", "ns", [1, 2])),
        (Not(filter=where("n", "<", 1)), ("Not", ("LessThan", "n", 1))),
        (
            Or(filters=(where("n", "<", 1), where("n", ">", 2))),
            ("Or", ("LessThan", "n", 1), ("GreaterThan", "n", 2)),
        ),
        (And(filters=(where("n", "<", 1),)), ("LessThan", "n", 1)),
    ],
)
def test_every_comparison_has_its_counterpart(tree, expected):
    assert sent(tree) == expected


def test_lengths_and_the_time_of_creation_have_targets_of_their_own():
    operator, target, value = sent(where("ns", ">", 1, length=True))
    assert (operator, target, value) == ("GreaterThan", "len(ns)", 1)
    operator, target, value = sent(where("_creation_time", ">=", "2024-01-01"))
    assert (operator, target) == ("GreaterThanEqual", "_creationTimeUnix")
    assert "2024-01-01" in str(value) or "1704067200000" in str(value)


def test_the_filter_of_a_page_never_stands_alone():
    from elysia_desktop.stores.weaviate.filters import translated, whole

    assert whole(None) is None
    found = described(whole(translated(checked(SCHEMA, where("n", "<", 1)))))
    assert found == ("And", ("LessThan", "n", 1), ("LessThan", "n", 1))
