import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.requests import shown
from elysia_desktop.core.schema import CollectionSchema, VectorConfig
from elysia_desktop.engine.feedback.as_written import as_written
from elysia_desktop.engine.request_schema import aggregate_model, query_model, to_aggregate, to_query

SCHEMA = CollectionSchema.model_validate(
    {
        "name": "Boats",
        "properties": [
            {"name": "name", "type": "text"},
            {"name": "masts", "type": "int"},
            {"name": "tags", "type": "text[]"},
        ],
    }
)
VECTORS = SCHEMA.model_copy(
    update={"vectors": tuple(VectorConfig(name=name, vectorizer="text2vec") for name in ("title", "body"))}
)
QUERY = query_model(SCHEMA, {}, ["table", "document"])
BY_MEANING = query_model(VECTORS, {}, ["table"])
AGGREGATE = aggregate_model(SCHEMA, {})

CONDITION = st.one_of(
    st.fixed_dictionaries(
        {
            "property": st.just("masts"),
            "operator": st.sampled_from(["=", "<", ">="]),
            "value": st.integers(0, 9),
        }
    ),
    st.fixed_dictionaries(
        {"property": st.just("tags"), "operator": st.just("CONTAINS_ANY"), "value": st.just("old")}
    ),
    st.fixed_dictionaries(
        {"property": st.just("name"), "operator": st.just("IS_NULL"), "value": st.booleans()}
    ),
)
FILTERS = {"filters": st.lists(CONDITION, max_size=4), "match": st.sampled_from(["all", "any"])}
QUERIES = st.fixed_dictionaries(
    {
        "collection": st.just("Boats"),
        "search_words": st.sampled_from([None, "sea otter"]),
        **FILTERS,
        "sort_by": st.sampled_from([None, "masts"]),
        "order": st.sampled_from(["lowest first", "highest first"]),
        "limit": st.integers(1, 200),
        "display": st.just("table"),
    }
)
AGGREGATES = st.fixed_dictionaries(
    {
        "collection": st.just("Boats"),
        "group_by": st.sampled_from([None, "name"]),
        "metrics": st.lists(
            st.one_of(
                st.fixed_dictionaries(
                    {"property": st.just("masts"), "function": st.sampled_from(["MEAN", "MAX"])}
                ),
                st.fixed_dictionaries(
                    {
                        "property": st.just("name"),
                        "function": st.just("TOP_OCCURRENCES"),
                        "min_occurrences": st.integers(1, 9),
                    }
                ),
            ),
            max_size=2,
        ),
        **FILTERS,
    }
)


@given(QUERIES)
def test_a_query_stands_for_the_same_request_when_it_is_written_again(said):
    request = to_query(QUERY.model_validate(said))
    written = as_written(shown(request), QUERY)
    assert written is not None
    assert to_query(QUERY.model_validate_json(written)) == request


@given(
    st.sampled_from(["words", "meaning", "both"]),
    st.lists(st.sampled_from(["title", "body"]), max_size=2, unique=True),
    st.sampled_from([None, "sea otter"]),
)
def test_how_is_searched_is_written_again(way, vectors, words):
    said = {
        "collection": "Boats",
        "search_words": words,
        "search_by": way,
        "search_in": vectors,
        "filters": [],
        "match": "all",
        "sort_by": None,
        "order": "lowest first",
        "limit": 5,
    }
    request = to_query(BY_MEANING.model_validate(said))
    written = as_written(shown(request), BY_MEANING)
    assert written is not None
    assert to_query(BY_MEANING.model_validate_json(written)) == request


@given(AGGREGATES)
def test_an_aggregation_stands_for_the_same_request_when_it_is_written_again(said):
    request = to_aggregate(AGGREGATE.model_validate(said))
    written = as_written(shown(request), AGGREGATE)
    assert written is not None
    assert to_aggregate(AGGREGATE.model_validate_json(written)) == request


@pytest.mark.parametrize(
    "asked",
    [
        {"collection": "Boats", "offset": 20},
        {"collection": "Boats", "search": "vector", "text": "ship"},
        {"collection": "Boats", "filters": {"kind": "not", "filter": {"property": "masts"}}},
        {"collection": "Boats", "filters": {"property": "sails", "operator": "=", "value": 1}},
        {"collection": "Cars"},
        {"collection": "Boats", "sort": [{"property": "masts"}, {"property": "name"}]},
        {
            "collection": "Boats",
            "filters": {"property": "tags", "operator": "CONTAINS_ALL", "value": ["a", "b"]},
        },
        {
            "collection": "Boats",
            "filters": {"kind": "and", "filters": [{"kind": "or", "filters": []}]},
        },
    ],
)
def test_what_the_form_cannot_say_is_not_written(asked):
    assert as_written(asked, QUERY) is None


@pytest.mark.parametrize(
    "asked",
    [
        {"group_by": "name", "limit": 3},
        {"metrics": [{"property": "name", "function": "TOP_OCCURRENCES", "weight": 2}]},
        {"search": "hybrid", "text": "ship"},
    ],
)
def test_what_the_form_of_aggregations_cannot_say_is_not_written(asked):
    assert as_written({"collection": "Boats", **asked}, AGGREGATE) is None


def test_a_form_with_nothing_but_a_collection_says_no_more():
    form = aggregate_model(SCHEMA.model_copy(update={"properties": ()}), {})
    assert as_written({"collection": "Boats"}, form) == '{"collection": "Boats"}'
    condition = {"property": "masts", "operator": "=", "value": 1}
    assert as_written({"collection": "Boats", "filters": condition}, form) is None


def test_a_request_is_written_in_the_order_of_its_form():
    written = as_written({"collection": "Boats", "limit": 3}, QUERY)
    assert list(json.loads(written)) == [name for name in QUERY.model_fields if name in json.loads(written)]
