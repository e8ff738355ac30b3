import asyncio
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.engine.reply_schema import reply_schema
from elysia_desktop.engine.request_schema import aggregate_model, query_model, to_aggregate, to_query
from elysia_desktop.stores.library import Library

SCHEMA = CollectionSchema(
    name="Films",
    properties=tuple(
        Property(name=name, type=kind)
        for name, kind in [
            ("title", "text"), ("plot", "text"), ("year", "int"), ("rating", "float"), ("seen", "boolean"),
            ("premiere", "date"), ("tags", "text[]"), ("numbers", "int[]"), ("marks", "float[]"),
            ("flags", "boolean[]"), ("days", "date[]"), ("crew", "object"),
        ]
    ),
)  # fmt: skip
OBJECTS = [
    {
        "title": ["Alien", "Solaris"][n % 2],
        "plot": f"Plot {n}",
        "year": 1970 + n,
        "rating": n / 2,
        "seen": n % 2 == 0,
        "premiere": f"{1970 + n}-01-01T00:00:00Z",
        "tags": ["space", f"t{n % 3}"],
        "numbers": [n],
        "marks": [n / 2],
        "flags": [True],
        "days": ["2024-01-01T00:00:00Z"],
        "crew": {"n": n},
    }
    for n in range(40)
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A library with one collection, its metadata, and a way to ask it."""
    with asyncio.Runner() as runner:
        library = Library(tmp_path_factory.mktemp("films"))
        runner.run(library.create(SCHEMA))
        assert runner.run(library.insert("Films", OBJECTS)).rejected == []
        yield library, runner.run(statistics(library, "Films")), runner.run
        runner.run(library.close())


LETTERS = st.characters(codec="latin-1") | st.sampled_from("жΩ日\U0001f600\ud800*?%_\"'")


def replies(part):
    """Values that fit a JSON schema of the kind that replies have."""
    if "anyOf" in part:
        return st.one_of([replies(each) for each in part["anyOf"]])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    match part.get("type"):
        case "object":
            return st.fixed_dictionaries({name: replies(each) for name, each in part["properties"].items()})
        case "array":
            return st.lists(
                replies(part["items"]), min_size=part.get("minItems", 0), max_size=part["maxItems"]
            )
        case "string":
            return st.text(LETTERS, max_size=min(part["maxLength"], 12)) | st.datetimes(
                timezones=st.just(UTC),
                min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
            ).map(lambda d: d.isoformat(timespec="seconds"))
        case "integer":
            return st.integers(part.get("minimum"), part.get("maximum"))
        case "number":
            return st.floats()
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case other:
            raise AssertionError(other)


MODELS = {}


def with_replies(model):
    return model, replies(reply_schema(model))


def known(metadata, values):
    return {
        **metadata,
        "fields": [{**f, "groups": f["groups"] if values else None} for f in metadata["fields"]],
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.booleans())
def test_every_query_that_fits_is_one_the_library_accepts(asked, data, values):
    library, metadata, run = asked
    if ("query", values) not in MODELS:
        MODELS["query", values] = with_replies(
            query_model(SCHEMA, known(metadata, values), ["table", "cards"])
        )
    model, fitting = MODELS["query", values]
    written = data.draw(fitting)
    try:
        reply = model.model_validate_json(json.dumps(written, allow_nan=True))
    except ValidationError:
        return  # told to the model, which writes it again
    run(library.query(to_query(reply)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.booleans())
def test_every_aggregation_that_fits_is_one_the_library_accepts(asked, data, values):
    library, metadata, run = asked
    if ("aggregate", values) not in MODELS:
        MODELS["aggregate", values] = with_replies(aggregate_model(SCHEMA, known(metadata, values)))
    model, fitting = MODELS["aggregate", values]
    written = data.draw(fitting)
    try:
        reply = model.model_validate_json(json.dumps(written, allow_nan=True))
    except ValidationError:
        return
    run(library.aggregate(to_aggregate(reply)))


@pytest.mark.parametrize(
    "filters",
    [
        [{"property": "premiere", "operator": ">", "value": "next week"}],
        [{"property": "year", "operator": ">", "value": 10**30}],
        [{"property": "year", "operator": "LIKE", "value": 5}],
        [{"property": "yeer", "operator": "=", "value": 5}],
        [{"property": "crew", "operator": "=", "value": "x"}],
    ],
)
def test_a_condition_that_cannot_hold_is_refused_before_it_reaches_the_library(asked, filters):
    model = query_model(SCHEMA, asked[1], ["table"])
    with pytest.raises(ValidationError):
        model.model_validate(
            {
                "collection": "Films",
                "search_words": None,
                "filters": filters,
                "match": "all",
                "sort_by": None,
                "descending": False,
                "limit": 5,
            }
        )


def test_a_query_means_what_it_says(asked):
    library, metadata, run = asked
    model = query_model(SCHEMA, metadata, ["table", "cards"])
    reply = model.model_validate(
        {
            "collection": "Films",
            "search_words": "  ",
            "filters": [
                {"property": "title", "operator": "=", "value": "Alien"},
                {"property": "year", "operator": ">=", "value": 2000},
                {"property": "tags", "operator": "CONTAINS_ANY", "value": "t0"},
            ],
            "match": "all",
            "sort_by": "year",
            "descending": True,
            "limit": 3,
            "display": "cards",
        }
    )
    page = run(library.query(to_query(reply)))
    expected = [
        o["year"] for o in OBJECTS if o["title"] == "Alien" and o["year"] >= 2000 and "t0" in o["tags"]
    ]
    assert [item["year"] for item in page.objects] == sorted(expected, reverse=True)[:3]
    assert page.total == len(expected)


def test_an_aggregation_means_what_it_says(asked):
    library, metadata, run = asked
    model = aggregate_model(SCHEMA, metadata)
    mean = {"property": "year", "function": "MEAN"}
    reply = model.model_validate(
        {
            "collection": "Films",
            "filters": [
                {"property": "seen", "operator": "=", "value": True},
                {"property": "year", "operator": "<", "value": 1972},
            ],
            "match": "any",
            "group_by": "title",
            "metrics": [mean, mean],
        }
    )
    request = to_aggregate(reply)
    assert len(request.metrics) == 1
    found = run(library.aggregate(request))
    assert found.count == 21
    assert {group.value: group.count for group in found.groups} == {"Alien": 20, "Solaris": 1}


def test_a_collection_of_objects_only_can_still_be_asked_for():
    schema = CollectionSchema(name="Bare", properties=(Property(name="x", type="object"),))
    assert set(query_model(schema, {}, ["table"]).model_fields) == {"collection", "limit"}
    assert set(aggregate_model(schema, {}).model_fields) == {"collection"}
    assert to_aggregate(aggregate_model(schema, {})(collection="Bare")).metrics == ()


def test_statistics_are_exact_and_need_no_model(asked):
    metadata = asked[1]
    fields = {field["name"]: field for field in metadata["fields"]}
    assert metadata["length"] == 40.0
    assert fields["year"]["range"] == [1970, 2009]
    assert fields["year"]["mean"] == pytest.approx(1989.5)
    assert fields["title"]["groups"] == [{"value": "Alien", "count": 20}, {"value": "Solaris", "count": 20}]
    assert fields["plot"]["groups"] is None
    assert str(fields["premiere"]["date_range"][0]).startswith("1970-01-01")
    with pytest.raises(QueryRejected):
        asked[2](statistics(asked[0], "No"))
