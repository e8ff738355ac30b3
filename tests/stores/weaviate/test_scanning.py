"""Scans give every object once, by uuid, and samples the same ones for the same seed."""

from collections import Counter
from uuid import UUID

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import Or, PropertyFilter
from elysia_desktop.core.schema import Reference


@pytest.fixture
async def rows(store, make):
    await make("Rows", {"n": "int"})
    await store.insert("Rows", ({"uuid": uuid(n), "n": n} for n in range(1_200)))
    return store


async def numbers(store, *scan):
    return [one["n"] async for one in store.scan("Rows", *scan)]


async def test_a_scan_gives_every_object_once_by_uuid(rows):
    assert await numbers(rows) == list(range(1_200))
    assert await numbers(rows, None, uuid(1_100)) == list(range(1_101, 1_200))
    assert await numbers(rows, None, uuid(1_199)) == []


async def test_a_scan_leaves_out_what_does_not_match(rows):
    few = Or(
        filters=(
            PropertyFilter(property="n", operator="<", value=7),
            PropertyFilter(property="n", operator=">=", value=1_195),
        )
    )
    assert await numbers(rows, few) == [*range(7), *range(1_195, 1_200)]
    assert await numbers(rows, few, uuid(3)) == [4, 5, 6, *range(1_195, 1_200)]
    with pytest.raises(QueryRejected, match="“m”"):
        await numbers(rows, PropertyFilter(property="m", operator="=", value=1))


async def test_the_smallest_uuid_is_an_object_like_others(store, make):
    await make("Rows", {"n": "int"})
    await store.insert("Rows", [{"uuid": str(UUID(int=0)), "n": 0}, {"n": 1}])
    assert await numbers(store) == [0, 1]
    assert len(await store.sample("Rows", 5)) == 2
    assert await numbers(store, PropertyFilter(property="n", operator="<", value=1)) == [0]


async def test_an_empty_collection_has_nothing_to_give(store, make):
    await make("Rows", {"n": "int"})
    assert await numbers(store) == []
    assert await store.sample("Rows", 5) == []


async def test_references_are_scanned_too(store, make):
    await make("Rows", {"n": "int"})
    await make("Links", {"n": "int"}, references=(Reference(name="row", target="Rows"),))
    await store.insert("Rows", [{"uuid": uuid(1), "n": 1}])
    await store.insert("Links", [{"uuid": uuid(2), "row": uuid(1)}])
    assert [one async for one in store.scan("Links")] == [{"uuid": uuid(2), "n": None, "row": uuid(1)}]


async def test_a_sample_is_the_same_for_the_same_seed_and_uniform_over_seeds(rows):
    first = await rows.sample("Rows", 10, 3)
    assert await rows.sample("Rows", 10, 3) == first
    assert len({one["uuid"] for one in first}) == 10
    assert await rows.sample("Rows", 10, 4) != first
    assert await rows.sample("Rows", 0) == []
    assert len(await rows.sample("Rows", 5_000)) == 1_200
    drawn = Counter[int]()
    for seed in range(12):
        drawn.update(one["n"] // 300 for one in await rows.sample("Rows", 100, seed))
    assert all(200 < drawn[quarter] < 400 for quarter in range(4))
