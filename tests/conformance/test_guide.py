"""What docs/requests.md says that requests find is what both stores find."""

import json
import re
from pathlib import Path

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Metric, Not, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionSchema, Property

GUIDE = (Path(__file__).parents[2] / "docs" / "requests.md").read_text("utf-8")
OBJECTS = [json.loads(line) for line in re.search(r"```json\n(.*?)```", GUIDE, re.DOTALL)[1].splitlines()]
SCHEMA = CollectionSchema(
    name="Guide",
    properties=(
        Property(name="n", type="int"),
        Property(name="name", type="text"),
        Property(name="code", type="text", tokenization="field"),
        Property(name="colours", type="text[]"),
        Property(name="stock", type="int"),
        Property(name="price", type="float"),
        Property(name="made", type="date"),
        Property(name="sold", type="boolean"),
    ),
)
CONDITION = re.compile(r"(not )?(length\()?(\w+)\)? ([A-Z_]+|[<>!=]+) (.+)")


def rows(heading):
    """The rows of the guide's tables whose first column is headed so: `left, right`."""
    tables = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    found = [re.fullmatch(r"\| `(.+?)` \|(.*)\|", line) for line in lines]
    assert found
    assert all(found)
    return [(match[1], match[2].strip()) for match in found]


def filter_of(text):
    negated, length, name, operator, value = CONDITION.fullmatch(text).groups()
    wanted = json.loads(value)
    tree = PropertyFilter(
        property=name,
        operator=operator,
        value=tuple(wanted) if isinstance(wanted, list) else wanted,
        length=bool(length),
    )
    return Not(filter=tree) if negated else tree


@pytest.fixture
async def guide(store):
    await store.create(SCHEMA)
    given = [{"uuid": f"00000000-0000-0000-0000-00000000000{one['n']}", **one} for one in OBJECTS]
    assert (await store.insert("Guide", given)).rejected == []
    return store


async def numbers(store, **asked):
    page = await store.query(QueryRequest(collection="Guide", limit=100, **asked))
    return [one["n"] for one in page.objects]


async def test_filters_find_what_the_guide_says(guide):
    for condition, found in rows("filter"):
        wanted = json.loads(f"[{found}]")
        assert sorted(await numbers(guide, filters=filter_of(condition))) == wanted, condition


async def test_orders_are_those_of_the_guide(guide):
    for order, objects in rows("order"):
        columns = [part.split() for part in order.split(", ")]
        sort = tuple(Sort(property=name, direction=(*rest, "asc")[0]) for name, *rest in columns)
        assert await numbers(guide, sort=sort) == json.loads(f"[{objects}]"), order


async def test_metrics_have_the_values_of_the_guide(guide):
    for text, value in rows("metric"):
        function, name = re.fullmatch(r"(\w+)\((\w+)\)", text).groups()
        metric = Metric(property=name, function=function)
        found = await guide.aggregate(AggregateRequest(collection="Guide", metrics=(metric,)))
        assert found.metrics[0].value == json.loads(value), text


async def test_groups_are_those_of_the_guide(guide):
    for name, told in rows("groups of"):
        found = await guide.aggregate(AggregateRequest(collection="Guide", group_by=name))
        assert ", ".join(f"{json.dumps(g.value)}: {g.count}" for g in found.groups) == told


async def test_what_a_store_cannot_hold_is_turned_away_one_by_one(guide):
    is_library = type(guide).__name__ == "Library"
    odd = [{"n": 6, "stock": 2**53 + 1}, {"n": 7, "made": "2500-01-01"}, {"n": 8, "made": "1500-01-01"}]
    report = await guide.insert("Guide", [*odd, {"n": 9, "stock": 2**53}])
    assert [one.index for one in report.rejected] == ([] if is_library else [0, 1, 2])
    assert report.inserted == (4 if is_library else 1)
    assert all("2^53" in one.reason or "1677" in one.reason for one in report.rejected)


async def test_dates_of_any_year_can_be_compared_with(guide):
    for operator, value, found in (
        ("<", "9999-12-31", [1, 2, 3, 5]),
        (">", "9999-12-31", []),
        (">=", "0002-01-01", [1, 2, 3, 5]),
        ("<=", "0002-01-01", []),
        ("=", "2500-01-01", []),
        ("!=", "2500-01-01", [1, 2, 3, 4, 5]),
    ):
        tree = PropertyFilter(property="made", operator=operator, value=value)
        assert sorted(await numbers(guide, filters=tree)) == found, (operator, value)


async def test_whole_numbers_are_compared_with_whole_numbers_only(guide):
    with pytest.raises(QueryRejected, match=r"a whole number, not 2\.5"):
        await numbers(guide, filters=filter_of("stock = 2.5"))
    assert await numbers(guide, filters=filter_of("stock = 3.0")) == [1]
    assert await numbers(guide, filters=filter_of(f"stock = {2**60}")) == []


async def test_no_order_no_search_and_no_filter_means_by_id(guide):
    assert await numbers(guide) == [1, 2, 3, 4, 5]


async def test_a_pattern_does_not_reach_over_a_line_break_in_a_whole_text(guide):
    await guide.update("Guide", "00000000-0000-0000-0000-000000000003", {"code": "TE-1\n0"})
    assert await numbers(guide, filters=filter_of('code LIKE "TE*0"')) == []
    assert await numbers(guide, filters=filter_of('code LIKE "TE*\\n?"')) == [3]
