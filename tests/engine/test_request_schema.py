import asyncio
import json
import re
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import And, Or, PropertyFilter
from elysia_desktop.core.schema import (
    CollectionSchema,
    DataType,
    IndexedProperties,
    Property,
    Tokenization,
    VectorConfig,
)
from elysia_desktop.engine.analysis.statistics import statistics
from elysia_desktop.engine.reply_schema import reply_schema
from elysia_desktop.engine.request_schema import (
    aggregate_model,
    impossible_model,
    impossible_reason,
    query_model,
    to_aggregate,
    to_query,
)
from elysia_desktop.engine.signatures import any_of
from elysia_desktop.stores import checks
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
BARE = CollectionSchema(name="Bare", properties=(Property(name="x", type="object"),))
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
        case "string" if "pattern" in part:
            return st.from_regex(part["pattern"], fullmatch=True)
        case "string":
            sizes = {"min_size": part.get("minLength", 0), "max_size": min(part["maxLength"], 12)}
            return st.text(LETTERS, **sizes) | st.datetimes(
                timezones=st.just(UTC),
                min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
            ).map(lambda d: d.isoformat(timespec="seconds"))
        case "integer":
            if "exclusiveMinimum" in part:
                return st.integers(part["exclusiveMinimum"] + 1, part["exclusiveMaximum"] - 1)
            return st.integers(part["minimum"], part["maximum"])
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case other:
            raise AssertionError(other)


def check_refused(error):
    """Nothing that fits is refused but texts: those without a word to compare with, and half a character."""
    texts = [
        one["loc"][:2]
        for one in error.errors()
        if "there is no word in" in one["msg"] or one["type"] == "string_unicode"
    ]
    assert {one["loc"][:2] for one in error.errors()} == set(texts)


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
        reply = model.model_validate(json.loads(json.dumps(written)))
    except ValidationError as error:
        check_refused(error)
        return
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
        reply = model.model_validate(json.loads(json.dumps(written)))
    except ValidationError as error:
        check_refused(error)
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
        model.model_validate(with_filters(filters))


@pytest.mark.parametrize(
    "text", ["2024-05-31", "2000-02-29T23:59", "2024-05-31T12:00:00.5+02:00", "9999-12-31"]
)
def test_a_model_is_held_to_dates_that_there_are(text):
    (day,) = [
        kind["properties"]["value"]
        for kind in reply_schema(query_model(SCHEMA, {}, ["table"]))["properties"]["filters"]["items"][
            "anyOf"
        ]
        if kind["properties"]["property"]["enum"] == ["premiere"]
    ]
    assert re.fullmatch(day["pattern"], text)
    for wrong in ("last year", "1900-02-29", "2023-02-29", "2024-04-31", "2024-5-1", f"{text}?"):
        assert not re.fullmatch(day["pattern"], wrong)


def test_dates_in_other_forms_are_understood_too(asked):
    filters = [
        {"property": "premiere", "operator": "=", "value": text} for text in ("20240531", "2024-W22-5")
    ]
    query_model(SCHEMA, asked[1], ["table"]).model_validate(with_filters(filters))


@pytest.mark.parametrize("joined", ["all", "any"])
@pytest.mark.parametrize(
    ("operator", "found"),
    [
        ("=", ["first", "last"]),
        ("!=", ["before", "after", "never"]),
        ("<", ["before"]),
        ("<=", ["before", "first", "last"]),
        (">", ["after"]),
        (">=", ["first", "last", "after"]),
    ],
)
async def test_a_date_without_a_time_is_the_whole_day(tmp_path, operator, found, joined):
    moments = {
        "before": "2024-02-28T23:59:59.999Z",
        "first": "2024-02-29T00:00:00Z",
        "last": "2024-02-29T23:59:59.999Z",
        "after": "2024-03-01T00:00:00Z",
        "never": None,
    }
    properties = (Property(name="name", type=DataType.TEXT), Property(name="at", type=DataType.DATE))
    schema = CollectionSchema(name="Days", properties=properties)
    library = Library(tmp_path)
    await library.create(schema)
    await library.insert("Days", [{"name": name, "at": at} for name, at in moments.items()])
    named = {"property": "name", "operator": "!=" if joined == "all" else "=", "value": "nobody"}
    on = {"property": "at", "operator": operator, "value": "2024-02-29"}
    said = {"collection": "Days", "search_words": None, "filters": [named, on], "match": joined}
    form = query_model(schema, {}, ["table"])
    reply = form.model_validate({**said, "sort_by": None, "order": "lowest first", "limit": None})
    page = await library.query(to_query(reply))
    assert [one["name"] for one in page.objects] == found
    await library.close()


def test_a_moment_is_compared_as_it_is_and_the_last_day_has_no_next():
    form = query_model(SCHEMA, {}, ["table"])
    for moment in ("2024-05-31T12:00:00Z", "9999-12-31"):
        reply = form.model_validate(
            with_filters([{"property": "premiere", "operator": "<=", "value": moment}])
        )
        assert to_query(reply).filters == PropertyFilter(property="premiere", operator="<=", value=moment)


@pytest.mark.parametrize(
    ("words", "limit", "meant"), [(None, None, 200), (None, 3, 3), ("space", None, 10), ("space", 40, 40)]
)
def test_without_a_number_all_that_match_are_asked_for_but_few_by_words(words, limit, meant):
    form = query_model(SCHEMA, {}, ["table"])
    reply = form.model_validate({**with_filters([]), "search_words": words, "limit": limit})
    assert to_query(reply).limit == meant


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
            "order": "highest first",
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


def every_kind(rng):
    """A schema of any shape, its metadata with some known values."""
    properties = tuple(
        Property(
            name=f"p{number}",
            type=rng.choice(list(DataType)),
            filterable=rng.random() < 0.8,
            searchable=rng.random() < 0.7,
            tokenization=rng.choice(get_args(Tokenization)),
        )
        for number in range(rng.randint(1, 8))
    )
    schema = CollectionSchema(
        name="Any",
        properties=properties,
        vectors=rng.choice(
            [
                (),
                (VectorConfig(),),
                (VectorConfig(vectorizer="text2vec-openai"),),
                (
                    VectorConfig(name="a", vectorizer="x"),
                    VectorConfig(name="b", vectorizer="y"),
                    VectorConfig(name="c"),
                ),
            ]
        ),
        indexed=IndexedProperties(is_null=rng.random() < 0.5),
    )
    groups = [{"value": value, "count": 1} for value in ("", "-", "a", "a b", " red ", "日本", "x_y")]
    return schema, {"fields": [{"name": p.name, "groups": rng.choice([None, groups])} for p in properties]}


def test_no_pattern_is_asked_for_where_words_are_compared_by_trigrams():
    code = Property(name="code", type=DataType.TEXT, tokenization="trigram")
    schema = CollectionSchema(name="Any", properties=(code,))
    offered = json.dumps(query_model(schema, {}, ["table"]).model_json_schema())
    assert '"!="' in offered
    assert "LIKE" not in offered


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.data())
def test_every_reply_that_fits_a_collection_of_any_kind_is_a_request_that_fits_it(rng, data):
    schema, metadata = every_kind(rng)
    detailed = rng.random() < 0.5
    for made, told, check in (
        (query_model(schema, metadata, ["table"], detailed=detailed), to_query, checks.query),
        (aggregate_model(schema, metadata, detailed=detailed), to_aggregate, checks.aggregate),
    ):
        written = data.draw(replies(reply_schema(made)))
        try:
            reply = made.model_validate(json.loads(json.dumps(written)))
        except ValidationError as error:
            check_refused(error)
            continue
        check(schema, told(reply))


def test_several_values_that_one_property_is_to_equal_mean_any_of_them():
    by_genre = {
        "fields": [{"name": "title", "groups": [{"value": v, "count": 1} for v in ("Alien", "Solaris")]}]
    }
    either = [
        {"property": "title", "operator": "=", "value": "Alien"},
        {"property": "seen", "operator": "=", "value": True},
        {"property": "title", "operator": "=", "value": "Solaris"},
        {"property": "plot", "operator": "=", "value": "space"},
        {"property": "plot", "operator": "=", "value": "ship"},
        {"property": "title", "operator": "!=", "value": "Solaris"},
    ]
    asked_for = to_query(query_model(SCHEMA, by_genre, ["table"]).model_validate(with_filters(either)))
    alien, seen, solaris, space, ship, other = (PropertyFilter(**one) for one in either)
    assert asked_for.filters == And(filters=(Or(filters=(alien, solaris)), seen, space, ship, other))


def test_a_model_that_is_not_small_may_order_what_is_equal_skip_and_compare_lengths():
    plain, detailed = (query_model(SCHEMA, {}, ["table"], detailed=which) for which in (False, True))
    assert set(detailed.model_fields) - set(plain.model_fields) == {"then_by", "then_order", "skip"}
    many = [{"property": "tags", "operator": "LENGTH >=", "value": 4}]
    said = with_filters(many, sort_by="rating", order="highest first", then_by="year", skip=5)
    asked_for = to_query(detailed.model_validate(said))
    assert asked_for.filters == PropertyFilter(property="tags", operator=">=", value=4, length=True)
    assert [(one.property, one.direction) for one in asked_for.sort] == [("rating", "desc"), ("year", "asc")]
    assert asked_for.offset == 5
    checks.query(SCHEMA, asked_for)
    same = to_query(detailed.model_validate({**said, "then_by": "rating"}))
    assert [(one.property, one.direction) for one in same.sort] == [("rating", "desc")]
    with pytest.raises(ValidationError):
        plain.model_validate(with_filters(many))
    unmeasured = SCHEMA.model_copy(update={"indexed": IndexedProperties(is_length=False)})
    with pytest.raises(ValidationError):
        query_model(unmeasured, {}, ["table"], detailed=True).model_validate(said)


@pytest.mark.parametrize("value", ["", "-", "\ud800"])
def test_a_text_without_a_word_is_not_compared_with(asked, value):
    model = query_model(SCHEMA, known(asked[1], values=False), ["table"])
    with pytest.raises(ValidationError):
        model.model_validate(with_filters([{"property": "plot", "operator": "=", "value": value}]))


def test_missing_values_are_asked_for_only_where_they_are_indexed():
    missing = [{"property": "year", "operator": "IS_NULL", "value": True}]
    not_indexed = SCHEMA.model_copy(update={"indexed": IndexedProperties(is_null=False)})
    asked_for = query_model(SCHEMA, {}, ["table"]).model_validate(with_filters(missing))
    assert to_query(asked_for).filters == PropertyFilter(property="year", operator="IS_NULL", value=True)
    with pytest.raises(ValidationError):
        query_model(not_indexed, {}, ["table"]).model_validate(with_filters(missing))


def test_a_least_count_is_asked_for_only_where_it_is_more_than_one():
    model = aggregate_model(SCHEMA, {})
    for written, least in ((1, None), (3, 3)):
        metric = {"property": "title", "function": "TOP_OCCURRENCES", "min_occurrences": written}
        reply = model.model_validate(
            {"collection": "Films", "group_by": None, "metrics": [metric], "filters": [], "match": "all"}
        )
        assert to_aggregate(reply).metrics[0].min_occurrences == least


def test_a_reply_can_say_that_nothing_can_answer():
    models = [query_model(SCHEMA, {}, ["table"]), query_model(BARE, {}, ["table"])]
    impossible = impossible_model(models)
    one: TypeAdapter = TypeAdapter(any_of([*models, impossible]))
    said = one.validate_python({"collection": "Bare", "impossible_reason": "It holds no prices."})
    assert impossible_reason(said) == "It holds no prices."
    assert impossible_reason(one.validate_python({"collection": "Bare", "limit": 3})) is None
    with pytest.raises(ValidationError):
        one.validate_python({"collection": "Other", "impossible_reason": "It is not there."})


def test_searches_by_meaning_are_offered_where_there_are_vectors_for_them(asked):
    def offered(*vectors):
        return reply_schema(query_model(SCHEMA.model_copy(update={"vectors": vectors}), {}, ["table"]))[
            "properties"
        ]

    assert "search_by" not in offered()
    assert "search_by" not in offered(VectorConfig(dimensions=3))
    assert set(offered(VectorConfig(vectorizer="x"))["search_by"]["enum"]) == {"words", "meaning", "both"}
    assert "search_in" not in offered(VectorConfig(vectorizer="x"))
    two = offered(VectorConfig(name="a", vectorizer="x"), VectorConfig(name="b", vectorizer="y"))
    assert two["search_in"]["items"]["enum"] == ["a", "b"]


def test_without_vectors_words_are_looked_for(asked):
    reply = query_model(SCHEMA, {}, ["table"]).model_validate(with_filters([], search_words="space"))
    assert to_query(reply).search == "keyword"
    with_vectors = SCHEMA.model_copy(update={"vectors": (VectorConfig(vectorizer="x"),)})
    for chosen, search in (("words", "keyword"), ("meaning", "vector"), ("both", "hybrid")):
        reply = query_model(with_vectors, {}, ["table"]).model_validate(
            with_filters([], search_words="space", search_by=chosen)
        )
        assert (to_query(reply).search, to_query(reply).text) == (search, "space")


def switched(**enabled):
    return {"named_vectors": [{"name": name, "enabled": is_on} for name, is_on in enabled.items()]}


def test_a_vector_that_is_switched_off_is_offered_to_no_model_and_searched_by_no_request(asked):
    vectors = tuple(VectorConfig(name=name, vectorizer="x") for name in "abc")
    schema = SCHEMA.model_copy(update={"vectors": vectors})

    def searched(metadata, **said):
        form = query_model(schema, metadata, ["table"])
        said = {"search_words": "space", "search_by": "meaning", **said}
        return to_query(form.model_validate(with_filters([], **said)))

    assert searched(switched(a=True, b=True, c=True)).target_vectors is None
    two = switched(a=True, b=False, c=True)
    offered = reply_schema(query_model(schema, two, ["table"]))["properties"]
    assert offered["search_in"]["items"]["enum"] == ["a", "c"]
    assert searched(two).target_vectors == searched(two, search_in=[]).target_vectors == ("a", "c")
    assert searched(two, search_in=["c"]).target_vectors == ("c",)
    assert searched(two, search_by="words").target_vectors is None
    assert searched(switched(a=False, b=False, c=True), search_by="both").target_vectors == ("c",)
    none = query_model(schema, switched(a=False, b=False, c=False), ["table"])
    assert not {"search_by", "search_in"} & none.model_fields.keys()


def with_filters(filters, **more):
    """A filled-in query of films."""
    return {
        "collection": "Films",
        "search_words": None,
        "filters": filters,
        "match": "all",
        "sort_by": None,
        "order": "lowest first",
        "limit": 5,
        **more,
    }


def test_a_collection_of_objects_only_can_still_be_asked_for():
    assert set(query_model(BARE, {}, ["table"]).model_fields) == {"collection", "limit"}
    assert set(aggregate_model(BARE, {}).model_fields) == {"collection"}
    assert to_aggregate(aggregate_model(BARE, {})(collection="Bare")).metrics == ()


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
