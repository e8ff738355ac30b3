"""Pages in an order: nulls last in the first column, filters whole, ties by uuid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores.weaviate.conftest import uuid

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import IndexedProperties

ROWS = [
    {"n": 3, "text": "b", "flag": True, "day": "2024-01-02T05:00:00+02:00"},
    {"n": None, "text": "a", "flag": None, "day": "2024-01-01"},
    {"n": 1, "text": "", "flag": False, "day": None},
    {"n": 3, "text": None, "flag": True, "day": "2024-01-02T04:00:00+00:00"},
    {"n": None, "text": "B c", "flag": False, "day": None},
    {"n": -7, "text": "Ä", "flag": None, "day": "2023-01-01"},
]


@pytest.fixture
async def rows(store, make):
    await make("Rows", {"n": "int", "text": "text", "flag": "boolean", "day": "date", "k": "int"})
    await store.insert("Rows", [{"uuid": uuid(index), "k": index, **row} for index, row in enumerate(ROWS)])
    return store


async def order(store, *columns, **more):
    request = QueryRequest(
        collection="Rows",
        sort=tuple(
            Sort(property=name.strip("-"), direction="desc" if name.startswith("-") else "asc")
            for name in columns
        ),
        **{"limit": 100, "properties": ("k",), **more},
    )
    return [one["k"] for one in (await store.query(request)).objects]


async def test_objects_without_a_value_come_last_either_way_and_ties_by_uuid(rows):
    assert await order(rows, "n") == [5, 2, 0, 3, 1, 4]
    assert await order(rows, "-n") == [0, 3, 2, 5, 1, 4]
    assert await order(rows, "flag") == [2, 4, 0, 3, 1, 5]
    assert await order(rows, "day") == [5, 1, 0, 3, 2, 4]
    assert await order(rows, "-day") == [3, 0, 1, 5, 2, 4]


async def test_a_text_without_a_word_is_a_value(rows):
    assert (await order(rows, "text"))[0] == 2
    assert (await order(rows, "text"))[-1] == 3
    assert (await order(rows, "-text"))[-2:] == [2, 3]


async def test_further_columns_decide_ties_and_have_nulls_smallest(rows):
    assert await order(rows, "n", "text") == [5, 2, 3, 0, 1, 4]
    assert await order(rows, "n", "-text") == [5, 2, 0, 3, 4, 1]


async def test_pages_join_to_the_whole(rows):
    whole = await order(rows, "n")
    for limit in range(1, 7):
        pages = [await order(rows, "n", limit=limit, offset=start) for start in range(0, 8, limit)]
        assert [k for page in pages for k in page] == whole


async def test_the_first_of_an_order_are_the_first_of_all_that_match(store, make):
    # A filter that spans many values ends early in Weaviate when it stands alone.
    await make("Rows", {"k": "int", "n": "int"})
    await store.insert("Rows", [{"k": index, "n": -index} for index in range(300)])
    below = PropertyFilter(property="k", operator="<", value=250)
    assert await order(store, "n", filters=below, limit=3) == [249, 248, 247]
    pages = [
        await store.query(QueryRequest(collection="Rows", filters=below, limit=50, offset=start))
        for start in range(0, 250, 50)
    ]
    assert sorted(one["k"] for page in pages for one in page.objects) == list(range(250))


@pytest.mark.parametrize("is_null", [True, False])
async def test_where_more_have_no_value_than_a_page_can_skip(store, make, is_null):
    await make("Rows", {"k": "int", "n": "int"}, indexed=IndexedProperties(is_null=is_null))
    await store.insert("Rows", [{"uuid": uuid(k), "k": k, "n": None if k < 6 else -k} for k in range(10)])
    from elysia_desktop.stores.weaviate.sorting import page

    target = await store._catalog.find("Rows")

    async def first(limit, offset=0):
        request = QueryRequest(collection="Rows", sort=(Sort(property="n"),), limit=limit, offset=offset)
        return [one.properties["k"] for one in (await page(target, request, None, most=5))[0]]

    if is_null:
        assert await first(3) == [9, 8, 7]
        assert await first(3, 2) == [7, 6, 0]
        assert await first(1, 4) == [0]
    else:
        with pytest.raises(QueryRejected, match="no value"):
            await first(3)


@pytest.mark.parametrize("name", ["n", "-n", "text", "day"])
async def test_without_an_index_of_missing_values_the_order_is_the_same(store, make, name):
    properties = {"n": "int", "text": "text", "flag": "boolean", "day": "date", "k": "int"}
    objects = [{"uuid": uuid(index), "k": index, **row} for index, row in enumerate(ROWS)]
    await make("Rows", properties)
    await store.insert("Rows", objects)
    indexed = await order(store, name)
    await store.drop("Rows")
    await make("Rows", properties, indexed=IndexedProperties(is_null=False))
    await store.insert("Rows", objects)
    assert await order(store, name) == indexed


@given(
    missing=st.integers(0, 8), present=st.integers(0, 8), offset=st.integers(0, 20), limit=st.integers(1, 9)
)
def test_the_place_of_a_page_is_reckoned_from_the_missing(client_library, missing, present, offset, limit):
    from elysia_desktop.stores.weaviate.sorting import parts

    server = [None] * missing + list(range(present))
    wanted = (list(range(present)) + [None] * missing)[offset : offset + limit]
    read = [row for start, count in parts(missing, present, offset, limit) for row in server[start:][:count]]
    assert read == wanted
