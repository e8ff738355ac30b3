import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.resources import resource
from elysia_desktop.core.schema import CollectionSchema, DataType, IndexedProperties, Property, VectorConfig
from elysia_desktop.engine.analysis.reading import LONGEST_GROUP, MAX_GROUPS, Reading, read_all
from elysia_desktop.engine.analysis.statistics import listed_groups, statistics, statistics_of
from elysia_desktop.services.sample import load_sample
from elysia_desktop.stores.base import Aggregates, Group
from elysia_desktop.stores.library import Library

PROPERTIES = tuple(
    Property(name=name, type=kind)
    for name, kind in [
        ("title", "text"), ("year", "int"), ("rating", "float"), ("seen", "boolean"), ("premiere", "date"),
        ("tags", "text[]"), ("marks", "float[]"), ("crew", "object"),
    ]
)  # fmt: skip


@pytest.fixture
async def library(tmp_path):
    opened = Library(tmp_path / "library")
    yield opened
    await opened.close()


async def exact(library, name):
    """The metadata from every object, and how many objects were told to be read on the way."""
    schema = await library.schema(name)
    reading = Reading(schema)
    read = [count async for count in read_all(library, name, reading)]
    return await statistics_of(library, schema, reading), read


async def made(library, objects, properties=PROPERTIES):
    """The fields' statistics of a collection of these objects."""
    await library.create(CollectionSchema(name="Films", properties=properties))
    assert (await library.insert("Films", objects)).rejected == []
    metadata, _ = await exact(library, "Films")
    return {field["name"]: field for field in metadata["fields"]}


def comparable(field):
    """A field with its dates as points in time, medians to the second, and its groups in any order."""
    dates = [datetime.fromisoformat(date) for date in field["date_range"] or ()]
    median = field["date_median"] and round(datetime.fromisoformat(field["date_median"]).timestamp())
    groups = field["groups"] and {group["value"]: group["count"] for group in field["groups"]}
    mean = field["mean"] and pytest.approx(field["mean"], abs=1e-6)
    return {**field, "date_range": dates, "date_median": median, "groups": groups, "mean": mean}


async def test_the_statistics_of_the_sample_collections_are_those_shipped_with_them(library):
    await load_sample(library)
    for described in json.loads(resource("sample", "collections.json").read_text("utf-8")):
        wanted = described["metadata"]
        metadata, _ = await exact(library, wanted["name"])
        assert metadata.keys() == wanted.keys()
        assert metadata["length"] == wanted["length"]
        assert metadata["index_properties"] == wanted["index_properties"]
        assert metadata["mappings"]["table"] == wanted["mappings"]["table"]
        for found, field in zip(metadata["fields"], wanted["fields"], strict=True):
            assert comparable(found) == comparable(field)


async def test_an_empty_collection_has_fields_without_values(library):
    fields = await made(library, [])
    metadata, _ = await exact(library, "Films")
    assert metadata["length"] == 0.0
    assert isinstance(metadata["length"], float)
    for field in fields.values():
        values = {key: value for key, value in field.items() if key not in {"name", "type", "description"}}
        assert set(values.values()) == {None}


async def test_a_property_that_no_object_has_leaves_no_trace_in_the_others(library):
    fields = await made(library, [{"year": 1979}, {"year": 1979, "premiere": "1979-05-25T00:00:00Z"}])
    assert (fields["year"]["range"], fields["year"]["mean"]) == ([1979, 1979], 1979)
    assert fields["year"]["groups"] == [{"value": "1979", "count": 2}]
    for name in ("title", "rating", "seen", "tags", "marks", "crew"):
        assert fields[name]["range"] is fields[name]["mean"] is fields[name]["groups"] is None


async def test_dates_have_a_range_and_a_median_of_their_own(library):
    dates = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+02:00", "2024-05-01T00:00:00Z", None]
    field = (await made(library, [{"premiere": date} for date in dates]))["premiere"]
    moments = [datetime.fromisoformat(date) for date in field["date_range"]]
    assert moments == [datetime.fromisoformat(dates[1]), datetime.fromisoformat(dates[2])]
    assert datetime.fromisoformat(field["date_median"]) == datetime.fromisoformat(dates[0])
    assert field["range"] is field["mean"] is None


async def test_huge_numbers_stay_json(library):
    fields = await made(library, [{"rating": 1.7e308}, {"rating": 1.7e308}])
    assert fields["rating"]["range"] == [1.7e308, 1.7e308]
    json.dumps(fields, allow_nan=False)


async def test_lengths_of_texts_and_lists_are_exact_in_a_large_collection(library):
    titles = ["word " * (1 + n % 7) for n in range(1_300)]
    await made(library, [{"title": title, "marks": [0.5] * (n % 3)} for n, title in enumerate(titles)])
    metadata, read = await exact(library, "Films")
    fields = {field["name"]: field for field in metadata["fields"]}
    assert fields["title"]["range"] == [1, 7]
    assert fields["title"]["mean"] == sum(len(title.split()) for title in titles) / len(titles)
    assert fields["marks"]["range"] == [0, 2]
    assert read == sorted(set(read))
    assert read[-1] == 1_300
    quick = {field["name"]: field for field in (await statistics(library, "Films"))["fields"]}
    assert quick["title"]["range"] == [1, 7]
    assert quick["title"]["groups"] == fields["title"]["groups"]


async def test_the_table_is_the_only_display(library):
    properties = (Property(name="title", type="text"), Property(name="price", type="float"))
    await made(library, [{"title": "Alien", "price": 5.0}], properties)
    metadata = await statistics(library, "Films")
    assert metadata["mappings"] == {"table": {"title": "title", "price": "price"}}
    assert metadata["prompts"] == []


async def test_what_is_indexed_is_told_as_the_store_tells_it(library):
    class Sparse:
        """A store that does not index everything."""

        def __init__(self, indexed):
            self._indexed = indexed

        def __getattr__(self, name):
            return getattr(library, name)

        async def schema(self, name):
            return (await library.schema(name)).model_copy(update={"indexed": self._indexed})

    await made(library, [])
    for missing in ("is_null", "is_length", "is_timestamp"):
        indexed = IndexedProperties(**{missing: False})
        metadata = await statistics(Sparse(indexed), "Films")
        assert metadata["index_properties"] == {
            "isNullIndexed": indexed.is_null,
            "isLengthIndexed": indexed.is_length,
            "isTimestampIndexed": indexed.is_timestamp,
        }


async def test_numbers_and_dates_of_few_values_have_groups(library):
    moments = ["2020-01-01T00:00:00Z", "2020-01-01T02:00:00+02:00", "2021-01-01T00:00:00Z", None]
    fields = await made(
        library, [{"rating": 2.5 * (n % 2), "premiere": date} for n, date in enumerate(moments)]
    )
    assert fields["rating"]["groups"] == [{"value": "0.0", "count": 2}, {"value": "2.5", "count": 2}]
    assert fields["rating"]["range"] == [0.0, 2.5]
    dates = [(datetime.fromisoformat(g["value"]), g["count"]) for g in fields["premiere"]["groups"]]
    assert dates == [(datetime.fromisoformat(moments[0]), 2), (datetime.fromisoformat(moments[2]), 1)]


async def test_what_the_store_does_not_index_it_is_not_asked_about(library):
    class Strict:
        """A store that computes only with what is indexed."""

        def __getattr__(self, name):
            return getattr(library, name)

        async def aggregate(self, request):
            assert request.group_by is None
            assert {metric.property for metric in request.metrics} <= {"rating"}
            return await library.aggregate(request)

    kinds = {"year": "int", "rating": "float", "premiere": "date", "seen": "boolean", "title": "text"}
    properties = tuple(
        Property(name=name, type=kind, filterable=name == "rating") for name, kind in kinds.items()
    )
    await library.create(CollectionSchema(name="Films", properties=properties))
    years = [-5, 3, 1]
    await library.insert(
        "Films",
        [
            {
                "year": year,
                "rating": 31.0 * year,
                "premiere": f"2024-01-0{n + 1}T00:00:00+01:00",
                "seen": True,
            }
            for n, year in enumerate(years)
        ]
        + [{"rating": float(n)} for n in range(60)],
    )
    metadata, _ = await exact(Strict(), "Films")
    fields = {field["name"]: field for field in metadata["fields"]}
    assert (fields["year"]["range"], fields["year"]["mean"]) == ([-5, 3], -1 / 3)
    assert fields["rating"]["range"] == [-155.0, 93.0]
    first, last = map(datetime.fromisoformat, fields["premiere"]["date_range"])
    assert (first.isoformat(), last.isoformat()) == ("2023-12-31T23:00:00+00:00", "2024-01-02T23:00:00+00:00")
    assert fields["premiere"]["range"] is fields["premiere"]["mean"] is fields["seen"]["groups"] is None


async def test_a_property_that_the_store_cannot_compute_with_does_not_cost_the_others(library, caplog):
    class Picky:
        """A store that computes nothing with years and groups by no title."""

        def __getattr__(self, name):
            return getattr(library, name)

        async def aggregate(self, request):
            if request.group_by == "title" or "year" in {metric.property for metric in request.metrics}:
                raise QueryRejected("Not with this one.")
            return await library.aggregate(request)

    await made(library, [{"title": "Alien", "year": 1979, "rating": 8.5, "seen": True}])
    metadata, _ = await exact(Picky(), "Films")
    fields = {field["name"]: field for field in metadata["fields"]}
    assert metadata["length"] == 1.0
    assert fields["rating"]["range"] == [8.5, 8.5]
    assert fields["seen"]["groups"] == [{"value": "true", "count": 1}]
    assert fields["year"]["range"] is fields["title"]["groups"] is None
    assert "nothing is known of year" in caplog.text
    assert "values of title are not known" in caplog.text


async def test_long_texts_are_not_listed_as_values(library):
    fields = await made(library, [{"title": "x" * LONGEST_GROUP}])
    assert len(fields["title"]["groups"]) == 1
    await library.insert("Films", [{"title": "y" * (LONGEST_GROUP + 1)}])
    fields = (await exact(library, "Films"))[0]["fields"]
    assert next(field for field in fields if field["name"] == "title")["groups"] is None


async def test_what_has_many_values_is_not_grouped_by(library):
    asked = []

    class Watched:
        def __getattr__(self, name):
            return getattr(library, name)

        async def aggregate(self, request):
            asked.append(request.group_by)
            return await library.aggregate(request)

    await made(library, [{"title": f"t {n}", "year": n % 30, "rating": n * 1.0} for n in range(100)])
    await exact(Watched(), "Films")
    assert asked == [None, "year", "seen", "premiere", "tags"]


async def test_a_single_vector_is_the_vectorizer_and_several_are_named(library):
    def schema(name, *vectors):
        return CollectionSchema(name=name, properties=PROPERTIES, vectors=vectors)

    await library.create(schema("One", VectorConfig(vectorizer="text2vec-openai", model="small")))
    await library.create(
        schema("Two", VectorConfig(name="plot", source_properties=("title",)), VectorConfig(name="title"))
    )
    one, two = await statistics(library, "One"), await statistics(library, "Two")
    assert one["vectorizer"] == {"vectorizer": "text2vec-openai", "model": "small"}
    assert one["named_vectors"] is None
    assert two["vectorizer"] is None
    assert two["named_vectors"][0] == {
        "name": "plot", "vectorizer": "none", "model": "", "source_properties": ["title"], "enabled": True,
        "description": "",
    }  # fmt: skip
    assert [vector["name"] for vector in two["named_vectors"]] == ["plot", "title"]


async def test_an_unknown_collection_is_refused(library):
    with pytest.raises(QueryRejected):
        await statistics(library, "Nope")


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 60)), st.integers(1, 50)), unique_by=lambda g: g[0]
    )
)
def test_groups_are_listed_when_they_are_few_and_cover_half(drawn):
    total = sum(count for _, count in drawn)
    groups = tuple(Group(value, count) for value, count in drawn)
    listed = listed_groups(Aggregates(total, (), groups, 0.0), DataType.INT, total)
    present = [(value, count) for value, count in drawn if value is not None]
    covered = sum(count for _, count in present)
    if not present or len(present) > MAX_GROUPS or covered * 2 < total:
        assert listed is None
    else:
        assert {(group["value"], group["count"]) for group in listed} == {(str(v), c) for v, c in present}
        counts = [group["count"] for group in listed]
        assert counts == sorted(counts, reverse=True)


async def test_the_members_of_lists_do_not_make_up_for_objects_without_any(library):
    several = [{"tags": ["space", "horror"]}] * 3
    fields = await made(library, [*several, *[{"tags": []}] * 2, *[{}] * 2])
    assert fields["tags"]["groups"] is None
    await library.insert("Films", several[:1])
    metadata, _ = await exact(library, "Films")
    groups = next(field for field in metadata["fields"] if field["name"] == "tags")["groups"]
    assert groups == [{"value": "horror", "count": 4}, {"value": "space", "count": 4}]


def test_truths_are_written_as_json_writes_them():
    groups = (Group(True, 2), Group(False, 2))
    assert listed_groups(Aggregates(4, (), groups, 0.0), DataType.BOOLEAN, 4) == [
        {"value": "false", "count": 2},
        {"value": "true", "count": 2},
    ]
