"""What is answered from columns in memory is what SQLite answers."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elysia_desktop.core.requests import (
    AggregateRequest,
    And,
    Metric,
    Not,
    Or,
    PropertyFilter,
    QueryRequest,
    Sort,
)
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.stores import checks
from elysia_desktop.stores.library import Library, catalog
from elysia_desktop.stores.library.columns import Columns

NAME = "Goods"
TYPES = {"kind": "text", "price": "float", "stock": "int", "huge": "int", "new": "boolean", "added": "date"}
SCHEMA = CollectionSchema(
    name=NAME,
    properties=tuple(Property(name=name, type=kind, tokenization="field") for name, kind in TYPES.items()),
)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def goods(number=10_000):
    drawn = random.Random(3)

    def maybe(value):
        return None if drawn.random() < 0.1 else value

    for n in range(number):
        yield {
            "uuid": f"00000000-0000-0000-0000-{drawn.getrandbits(48):012x}",
            "kind": maybe(f"kind {drawn.randrange(9)}"),
            "price": maybe(drawn.randrange(40) / 4),
            "stock": maybe(drawn.randrange(-5, 30)),
            "huge": drawn.choice([2**62, -(2**62), 2**53 + 1, n]),
            "new": maybe(drawn.random() < 0.5),
            "added": maybe((FIRST + timedelta(hours=drawn.randrange(200))).isoformat()),
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("columns")

    async def fill():
        library = Library(place)
        await library.create(SCHEMA)
        await library.insert(NAME, goods())
        await library.close()

    asyncio.run(fill())
    return place


VALUES = {
    "price": st.integers(0, 40).map(lambda n: n / 4),
    "stock": st.integers(-6, 31),
    "huge": st.sampled_from([2**62, -(2**62), 2**53 + 1, 77]),
    "new": st.booleans(),
    "added": st.integers(0, 200).map(lambda n: (FIRST + timedelta(hours=n)).isoformat()),
}


@st.composite
def comparisons(draw):
    name = draw(st.sampled_from(list(VALUES)))
    operators = ["=", "!=", "IS_NULL"] if name == "new" else ["=", "!=", "<", ">", "<=", ">=", "IS_NULL"]
    operator = draw(st.sampled_from(operators))
    value = draw(st.booleans() if operator == "IS_NULL" else VALUES[name])
    return PropertyFilter(property=name, operator=operator, value=value)


FILTERS = st.recursive(
    comparisons(),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda some: And(filters=tuple(some))),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: Or(filters=tuple(some))),
        parts.map(lambda part: Not(filter=part)),
    ),
    max_leaves=4,
)
SORTS = st.lists(
    st.builds(
        Sort, property=st.sampled_from([*TYPES, "_creation_time"]), direction=st.sampled_from(["asc", "desc"])
    ),
    min_size=1,
    max_size=2,
).map(tuple)


def both(folder, ask):
    """The answer of SQLite, which is asked first, and the one from memory."""

    async def asked():
        library = Library(folder)
        answers = [await ask(library) for _ in range(3)]
        await library.close()
        return answers[0], answers[2]

    return asyncio.run(asked())


@settings(max_examples=30, deadline=None)
@given(FILTERS, SORTS, st.integers(1, 40), st.sampled_from([0, 3, 3000]))
def test_a_page_from_memory_is_that_of_the_database(folder, filters, sort, limit, offset):
    request = QueryRequest(collection=NAME, filters=filters, sort=sort, limit=limit, offset=offset)

    async def ask(library):
        page = await library.query(request)
        return page.objects, page.total

    first, later = both(folder, ask)
    assert later == first


METRICS = tuple(
    Metric(property=name, function=function)
    for name in ("price", "stock", "huge")
    for function in ("COUNT", "SUM", "MEAN")
)


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(["kind", "stock", "new", "added"]),
    st.none() | FILTERS,
    st.lists(st.sampled_from([*METRICS, Metric(property="price", function="MAX")]), max_size=4).map(tuple),
    st.sampled_from([None, 3]),
)
def test_groups_from_memory_are_those_of_the_database(folder, group_by, filters, metrics, limit):
    request = AggregateRequest(
        collection=NAME, group_by=group_by, filters=filters, metrics=metrics, limit=limit
    )

    async def ask(library):
        answer = await library.aggregate(request)
        return answer.count, answer.groups

    first, later = both(folder, ask)
    assert later == first


async def test_changes_are_seen_at_once_also_those_of_other_processes(tmp_path):
    library, other = Library(tmp_path), Library(tmp_path)
    await library.create(SCHEMA)
    given_ = list(goods())
    await library.insert(NAME, given_)
    cheap = PropertyFilter(property="price", operator="<", value=9.5)
    request = QueryRequest(collection=NAME, filters=cheap, sort=(Sort(property="price"),), limit=1)

    async def dearest(one):
        for _ in range(3):
            page = await one.query(request)
        return page.objects[0]["price"], page.total

    price, total = await dearest(library)
    assert await dearest(other) == (price, total) == (0.0, total)
    await library.update(NAME, given_[0]["uuid"], {"price": -3.0})
    assert (await dearest(library))[0] == (await dearest(other))[0] == -3.0
    before = (await dearest(library))[1]
    await other.delete(NAME, [given_[0]["uuid"]])
    await other.insert(NAME, [{"price": -1.0}, {"price": 11.0}])
    assert await dearest(library) == await dearest(other) == (-1.0, before)
    await library.close()
    await other.close()


async def test_what_is_asked_for_once_and_what_is_not_a_number_is_left_to_the_database(folder):
    library = Library(folder)
    columns = Columns()

    def asked(filters, sort):
        request = QueryRequest(collection=NAME, filters=filters, sort=(Sort(property=sort),), limit=5)

        def work(session):
            table = catalog.find(session, NAME)
            return columns.page(session, table, request, checks.query(table.schema, request))

        return library._database.read(work)

    many = PropertyFilter(property="stock", operator=">", value=-9)
    assert await asked(many, "price") is None
    rows, total = await asked(many, "price")
    assert 5 <= len(rows) < total
    assert await asked(many, "kind") is None
    assert await asked(PropertyFilter(property="kind", operator="=", value="kind 1"), "price") is None
    await library.close()
