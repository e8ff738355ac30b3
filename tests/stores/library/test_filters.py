import math

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import And, Not, Or, PropertyFilter, QueryRequest


def where(prop, operator, value, **more):
    return PropertyFilter(property=prop, operator=operator, value=value, **more)


async def found(library, tree, name="Films"):
    page = await library.query(QueryRequest(collection=name, filters=tree, limit=100))
    assert page.total == len(page.objects)
    return [o["title"] for o in page.objects]


async def test_like_takes_percent_and_underscore_as_they_are_and_ignores_case(films):
    assert await found(films, where("title", "LIKE", "a*")) == ["Alien", "Amélie"]
    assert await found(films, where("title", "LIKE", "?LIEN")) == ["Alien"]
    assert await found(films, where("title", "LIKE", "AMÉL*")) == ["Amélie"]
    assert await found(films, where("title", "LIKE", "A%")) == []
    assert await found(films, where("title", "LIKE", "_lien")) == []


async def test_not_equal_and_not_match_objects_without_a_value(films):
    assert await found(films, where("year", "!=", 1979)) == ["Amélie", "Solaris", "Untitled"]
    assert await found(films, Not(filter=where("year", ">", 1972))) == ["Solaris", "Untitled"]


async def test_dates_are_compared_as_points_in_time_and_keep_their_offset(films):
    uuid = "00000000-0000-0000-0000-000000000009"
    await films.update("Films", uuid, {"premiere": "1979-05-25T01:00:00+02:00"})
    assert await found(films, where("premiere", "=", "1979-05-24T23:00:00Z")) == ["Alien"]
    assert await found(films, where("premiere", "<", "1979-05-25")) == ["Alien"]
    assert await found(films, where("premiere", "<", "1979-05-24")) == []
    assert (await films.get("Films", [uuid]))[0]["premiere"] == "1979-05-25T01:00:00+02:00"


async def test_a_whole_float_is_an_int_and_an_int_a_float(films):
    assert await found(films, where("year", "=", 1979.0)) == ["Alien"]
    assert await found(films, where("rating", ">", 3)) == []


async def test_objects_are_found_by_creation_time(films):
    assert len(await found(films, where("_creation_time", ">", "2024-01-01"))) == 4
    assert await found(films, where("_creation_time", "<", "2024-01-01")) == []


async def test_deep_and_wide_filters_within_the_limits_are_answered(films):
    wide = Or(filters=tuple(where("year", "=", year) for year in range(1600, 2000)))
    assert await found(films, wide) == ["Alien", "Solaris"]
    deep = where("year", "=", 1979)
    for _ in range(9):
        deep = And(filters=(Not(filter=deep), where("year", ">", 0)))
    assert await found(films, deep)


def _deep():
    tree = where("year", "=", 1)
    for _ in range(30):
        tree = Not(filter=tree)
    return tree


@pytest.mark.parametrize(
    ("tree", "message", "hint"),
    [
        (where("titel", "=", "x"), "no property “titel” in Films", "Use one of: title,"),
        (where("title", "<", "x"), "“title” is text and cannot be compared with <", "=, !=, LIKE, IS_NULL"),
        (where("seen", ">", True), "“seen” is boolean and cannot be compared with >", "Use one of: =, !="),
        (where("tags", "LIKE", "x"), "“tags” is text[] and cannot be compared with LIKE", "CONTAINS_ANY"),
        (where("_creation_time", "!=", "2024-01-01"), "cannot be compared with !=", "Use one of: =, <"),
        (where("crew", "=", "x"), "objects cannot be filtered on", "another property"),
        (where("year", "=", "1979"), "“year” takes a whole number, not “1979”.", "of that type"),
        (where("year", "=", True), "“year” takes a whole number, not true.", "of that type"),
        (where("year", "=", 3.5), "“year” takes a whole number, not 3.5.", "of that type"),
        (where("year", "=", 2**70), "it does not fit into 64 bits", "of that type"),
        (where("rating", "=", math.inf), "it is not finite", "of that type"),
        (where("rating", "=", False), "“rating” takes a number, not false.", "of that type"),
        (where("title", "=", 3), "“title” takes text, not 3.", "of that type"),
        (where("title", "=", "a\0b"), "it contains a NUL character", "of that type"),
        (where("seen", "=", 1), "“seen” takes true or false, not 1.", "of that type"),
        (where("premiere", "=", "soon"), "“premiere” takes a date in ISO 8601", "of that type"),
        (where("premiere", "=", 1979), "“premiere” takes a date in ISO 8601", "of that type"),
        (where("tags", "CONTAINS_ANY", ("a", 1)), "“tags[1]” takes text, not 1.", "of that type"),
        (where("tags", "CONTAINS_ALL", ()), "CONTAINS_ALL on “tags” needs at least one value", "IS_NULL"),
        (where("year", "=", (1, 2)), "to one value, not to a list", "Or"),
        (where("year", "IS_NULL", 1), "IS_NULL takes true or false, not 1", "without a value"),
        (where("year", "=", 1, length=True), "“year” is int and has no length", "value itself"),
        (where("tags", "IS_NULL", 1, length=True), "The length of “tags” cannot be compared", "Use one of"),
        (where("tags", "=", 1.5, length=True), "takes a whole number, not 1.5", "of that type"),
        (_deep(), "nested more than 20 deep", "flatter"),
        (Or(filters=(where("year", "=", 1),) * 501), "more than 500 conditions", "CONTAINS_ANY"),
    ],
)
async def test_a_filter_that_does_not_fit_says_why_and_what_does(films, tree, message, hint):
    with pytest.raises(QueryRejected) as caught:
        await found(films, tree)
    assert message in str(caught.value)
    assert hint in caught.value.hint
