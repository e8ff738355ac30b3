"""Filters become comparisons whose values have the types of their properties, or say what does not fit."""

from datetime import UTC, datetime

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import And, Not, Or, PropertyFilter
from elysia_desktop.core.schema import CollectionSchema, IndexedProperties, Property
from elysia_desktop.stores.comparisons import Comparison, Complement, Every, Some, checked

PROPERTIES = (
    Property(name="title", type="text"),
    Property(name="code", type="text", tokenization="field"),
    Property(name="signs", type="text", tokenization="whitespace"),
    Property(name="grams", type="text", tokenization="trigram"),
    Property(name="year", type="int"),
    Property(name="rating", type="float"),
    Property(name="made", type="date"),
    Property(name="tags", type="text[]"),
    Property(name="years", type="int[]"),
    Property(name="unindexed", type="int", filterable=False),
    Property(name="only_searched", type="text", filterable=False),
    Property(name="neither", type="text", filterable=False, searchable=False),
)
SCHEMA = CollectionSchema(name="Films", properties=PROPERTIES)
PLAIN = CollectionSchema(
    name="Plain",
    properties=PROPERTIES,
    indexed=IndexedProperties(is_null=False, is_length=False, is_timestamp=False),
)


def where(prop, operator, value, **more):
    return PropertyFilter(property=prop, operator=operator, value=value, **more)


def test_values_take_the_type_of_their_property():
    assert repr(checked(SCHEMA, where("year", "=", 2.0)).value) == "2"
    assert repr(checked(SCHEMA, where("rating", ">", 2)).value) == "2.0"
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    assert checked(SCHEMA, where("made", "<", "2024-01-02")) == Comparison("made", "date", "<", moment)
    created = checked(SCHEMA, where("_creation_time", ">", "2024-01-02"))
    assert created == Comparison("_creation_time", "date", ">", moment)


def test_trees_keep_their_shape():
    one, two = where("year", "=", 1), where("year", "=", 2)
    first, second = Comparison("year", "int", "=", 1), Comparison("year", "int", "=", 2)
    assert checked(SCHEMA, And(filters=(one, two))) == Every((first, second))
    assert checked(SCHEMA, Or(filters=(one, two))) == Some((first, second))
    assert checked(SCHEMA, Not(filter=one)) == Complement(first)
    assert checked(SCHEMA, None) is None


def test_unequal_is_the_complement_of_equal():
    assert checked(SCHEMA, where("year", "!=", 1)) == Complement(Comparison("year", "int", "=", 1))


def test_a_list_is_compared_by_what_it_contains_and_how_long_it_is():
    any_of = Comparison("years", "int[]", "CONTAINS_ANY", (1,))
    all_of = Comparison("years", "int[]", "CONTAINS_ALL", (1, 2))
    two_long = Comparison("years", "int[]", "=", 2, length=True)
    assert checked(SCHEMA, where("years", "=", 1)) == any_of
    assert checked(SCHEMA, where("years", "=", (1, 2))) == Every((two_long, all_of))
    assert checked(SCHEMA, where("years", "!=", (1, 2))) == Complement(Every((two_long, all_of)))
    assert checked(SCHEMA, where("years", "=", ())) == Comparison("years", "int[]", "=", 0, length=True)
    assert checked(SCHEMA, where("years", "CONTAINS_ALL", (1, 2))) == all_of


def test_texts_say_how_they_are_cut():
    assert checked(SCHEMA, where("signs", "=", "-")).tokenization == "whitespace"
    assert checked(SCHEMA, where("code", "=", "")) == Comparison(
        "code", "text", "=", "", tokenization="field"
    )


@pytest.mark.parametrize(
    "tree",
    [
        where("title", "=", "-"),
        where("title", "!=", ""),
        where("title", "LIKE", " "),
        where("signs", "=", " "),
        where("grams", "=", "ab"),
        where("tags", "=", ""),
        where("tags", "CONTAINS_ALL", ("a", "?")),
    ],
)
def test_a_text_without_a_word_cannot_be_compared(tree):
    with pytest.raises(QueryRejected, match="there is no word in") as caught:
        checked(SCHEMA, tree)
    assert "IS_NULL" in caught.value.hint


def test_a_pattern_for_trigrams_is_of_plain_letters():
    assert checked(SCHEMA, where("grams", "LIKE", "caf*"))
    with pytest.raises(QueryRejected, match="letters A to Z"):
        checked(SCHEMA, where("grams", "LIKE", "café*"))


def test_what_is_not_indexed_is_not_filtered_by():
    assert checked(SCHEMA, where("only_searched", "=", "x"))
    for name in ("unindexed", "neither"):
        with pytest.raises(QueryRejected, match=f"“{name}” was not indexed for filters") as caught:
            checked(SCHEMA, where(name, "IS_NULL", True))
        assert caught.value.hint.startswith("Filter by one of: title, code,")
    for tree, message in (
        (where("year", "IS_NULL", True), "does not keep which values are missing"),
        (where("years", ">", 1, length=True), "does not keep the lengths of lists"),
        (where("years", "=", (1,)), "does not keep the lengths of lists"),
        (where("_creation_time", ">", "2024-01-01"), "does not keep the time of creation"),
    ):
        assert checked(SCHEMA, tree)
        with pytest.raises(QueryRejected, match=message):
            checked(PLAIN, tree)
