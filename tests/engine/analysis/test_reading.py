import json

from hypothesis import given
from hypothesis import strategies as st

from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.engine.analysis.reading import LONGEST_GROUP, MAX_GROUPS, Reading, read_all
from elysia_desktop.stores.library import Library

SCHEMA = CollectionSchema(
    name="Films",
    properties=(
        Property(name="title", type="text"),
        Property(name="tags", type="text[]"),
        Property(name="marks", type="float[]"),
        Property(name="year", type="int"),
    ),
)


def test_texts_and_lists_are_measured_and_null_is_not():
    reading = Reading(SCHEMA)
    reading.add(
        [
            {"title": "Alien", "tags": ["a", "b"], "marks": [], "year": 1979},
            {"title": "2001: A Space Odyssey", "tags": None, "year": 1968},
        ]
    )
    assert reading.objects == 2
    assert (reading["title"].range, reading["title"].mean) == ([1, 4], 2.5)
    assert (reading["tags"].range, reading["tags"].mean) == ([2, 2], 2.0)
    assert (reading["marks"].range, reading["marks"].mean) == ([0, 0], 0.0)
    assert "year" not in reading


def test_what_was_never_there_has_no_length():
    reading = Reading(SCHEMA)
    reading.add([{"title": None}])
    assert reading["title"].range is None
    assert reading["title"].mean is None


def test_numbers_alone_need_no_measuring():
    numbers = SCHEMA.model_copy(update={"properties": SCHEMA.properties[-1:]})
    assert Reading(SCHEMA).is_needed
    assert not Reading(numbers).is_needed


def test_a_property_stays_few_valued_until_more_values_are_seen_than_groups_are_listed():
    reading = Reading(SCHEMA)
    reading.add({"year": year, "title": str(year), "tags": ["x"]} for year in range(MAX_GROUPS))
    assert set(reading.few_valued) == {"title", "tags", "year"}
    reading.add([{"year": 7, "title": None, "tags": [str(n) for n in range(MAX_GROUPS)]}])
    assert set(reading.few_valued) == {"title", "year"}
    reading.add([{"year": -1}])
    assert set(reading.few_valued) == {"title"}


def test_a_text_to_read_is_no_value_to_choose_from():
    reading = Reading(SCHEMA)
    reading.add([{"title": "x" * LONGEST_GROUP}])
    assert "title" in reading.few_valued
    reading.add([{"title": "x" * (LONGEST_GROUP + 1)}])
    assert "title" not in reading.few_valued


def test_a_moment_is_one_value_however_it_is_written():
    reading = Reading(CollectionSchema(name="C", properties=(Property(name="at", type="date"),)))
    reading.add(
        {"at": f"2024-01-01T{hour:02}:{minute:02}:00+{hour:02}:{minute:02}"}
        for hour in range(14)
        for minute in (0, 30, 45)
    )
    assert "at" in reading.few_valued
    reading.add({"at": f"2024-01-{day:02}T00:00:00Z"} for day in range(1, 32))
    assert "at" not in reading.few_valued


def test_the_share_of_lists_with_members_is_known():
    reading = Reading(SCHEMA)
    reading.add([{"tags": ["a", "b"]}, {"tags": []}, {"tags": None}, {}])
    assert reading.filled_share("tags") == 0.25


OBJECTS = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.none() | st.text(max_size=20),
            "tags": st.none() | st.lists(st.text(max_size=3), max_size=4),
            "year": st.none() | st.integers(0, 40),
        }
    ),
    max_size=60,
)


@given(OBJECTS, st.integers(0, 60))
def test_put_away_in_the_middle_and_gone_on_with_it_measures_the_same(objects, middle):
    whole, first = Reading(SCHEMA), Reading(SCHEMA)
    whole.add(objects)
    first.add(objects[:middle])
    second = Reading(SCHEMA, json.loads(json.dumps(first.to_json())))
    second.add(objects[middle:])
    assert {**second.to_json(), "varied": None} == {**whole.to_json(), "varied": None}
    assert set(second.few_valued) >= set(whole.few_valued), "what is few is never taken for many"


async def test_reading_goes_on_after_the_last_object(tmp_path):
    library = Library(tmp_path)
    await library.create(SCHEMA)
    await library.insert("Films", [{"title": "word " * n, "year": n} for n in range(1, 701)])
    whole = Reading(SCHEMA)
    counts = [count async for count in read_all(library, "Films", whole)]
    assert counts == sorted(counts)
    assert counts[-1] == 700
    part = Reading(SCHEMA)
    await anext(work := read_all(library, "Films", part))
    await work.aclose()
    assert 0 < part.objects < 700
    rest = Reading(SCHEMA, part.to_json())
    counts = [count async for count in read_all(library, "Films", rest)]
    assert counts[0] > part.objects
    assert rest.to_json() == whole.to_json()
    await library.close()
