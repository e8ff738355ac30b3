"""Which requests fit a collection; the filters' own checks are in test_comparisons."""

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Metric, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, Property, Reference, VectorConfig
from elysia_desktop.stores import checks
from elysia_desktop.stores.comparisons import Comparison

SCHEMA = CollectionSchema(
    name="Films",
    properties=(
        Property(name="title", type="text"),
        Property(name="year", type="int"),
        Property(name="tags", type="text[]"),
        Property(name="years", type="int[]"),
        Property(name="crew", type="object"),
    ),
    vectors=(VectorConfig(name="plot"), VectorConfig(name="poster")),
    references=(Reference(name="sequel", target="Films"),),
)
BARE = CollectionSchema(name="Bare", properties=(Property(name="crew", type="object"),))


def test_a_request_that_fits_gives_its_filter():
    tree = PropertyFilter(property="year", operator="=", value=1979.0)
    assert checks.query(SCHEMA, QueryRequest(collection="Films")) is None
    found = checks.query(SCHEMA, QueryRequest(collection="Films", filters=tree))
    assert found == Comparison("year", "int", "=", 1979)
    assert isinstance(found.value, int)
    assert checks.aggregate(SCHEMA, AggregateRequest(collection="Films", filters=tree)) == found


def test_ids_references_and_the_time_of_creation_can_be_named():
    sort = (Sort(property="uuid"), Sort(property="_creation_time"))
    request = QueryRequest(collection="Films", properties=("uuid", "sequel", "title"), sort=sort)
    assert checks.query(SCHEMA, request) is None


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"properties": ("titel",)}, "no property “titel” in Films", "Use one of: title,"),
        ({"sort": (Sort(property="jear"),)}, "no property “jear”", "Use one of: year,"),
        ({"sort": (Sort(property="tags"),)}, "“tags” holds lists", "Sort by one of: title, year."),
        ({"sort": (Sort(property="crew"),)}, "“crew” holds objects", "Sort by one of: title, year."),
        ({"limit": 10_001}, "offset + limit is 10001, the most is 10000", "export"),
        ({"limit": 9_999, "offset": 2}, "offset + limit is 10001, the most is 10000", "export"),
        ({"search": "keyword"}, "no words to look for", "Give a text"),
        ({"search": "keyword", "text": "?!"}, "no words to look for", "Give a text"),
        ({"search": "vector", "text": " "}, "no words to look for", "Give a text"),
        (
            {"search": "vector", "text": "x", "target_vectors": ("plto",)},
            "no vector “plto” in Films",
            "Use one of: plot, poster.",
        ),
        ({"filters": PropertyFilter(property="x", operator="=", value=1)}, "no property “x”", "title"),
    ],
)
def test_a_query_that_does_not_fit_says_why(changed, message, hint):
    with pytest.raises(QueryRejected) as caught:
        checks.query(SCHEMA, QueryRequest(collection="Films", **changed))
    assert message in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("changed", "message", "hint"),
    [
        ({"group_by": "jear"}, "no property “jear”", "Use one of: year,"),
        ({"group_by": "years"}, "“years” is int[] and cannot be grouped by", "title, year, tags."),
        ({"metrics": (Metric(property="x", function="COUNT"),)}, "no property “x”", "title"),
        (
            {"metrics": (Metric(property="tags", function="MODE"),)},
            "“tags” is text[] and has no MODE",
            "Use one of: COUNT.",
        ),
        ({"search": "hybrid"}, "no words to look for", "Give a text"),
        ({"limit": 10_001}, "limit is 10001, the most is 10000", "Ask for fewer"),
        ({"filters": PropertyFilter(property="x", operator="=", value=1)}, "no property “x”", "title"),
    ],
)
def test_an_aggregation_that_does_not_fit_says_why(changed, message, hint):
    with pytest.raises(QueryRejected) as caught:
        checks.aggregate(SCHEMA, AggregateRequest(collection="Films", **changed))
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_where_nothing_can_be_chosen_the_hint_says_what_else_to_do():
    with pytest.raises(QueryRejected) as caught:
        checks.query(BARE, QueryRequest(collection="Bare", search="keyword", text="x"))
    assert "no text that can be searched" in str(caught.value)
    with pytest.raises(QueryRejected) as caught:
        checks.query(BARE, QueryRequest(collection="Bare", sort=(Sort(property="crew"),)))
    assert caught.value.hint == "Leave out the sort."
    with pytest.raises(QueryRejected) as caught:
        checks.aggregate(BARE, AggregateRequest(collection="Bare", group_by="crew"))
    assert caught.value.hint == "Ask without groups."
