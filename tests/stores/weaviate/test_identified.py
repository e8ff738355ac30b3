"""Objects are read, changed and removed by their ids."""

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import QueryRequest


async def test_objects_come_in_the_order_asked_without_those_that_are_not_there(films):
    found = await films.get("Films", [uuid(7), uuid(99), "no id", uuid(9), uuid(7).upper()])
    assert [one["title"] for one in found] == ["Solaris", "Alien"]
    assert await films.get("Films", []) == []


async def test_more_than_a_page_of_them(store, make):
    await make("Rows", {"n": "int"})
    await store.insert("Rows", ({"uuid": uuid(n), "n": n} for n in range(1_500)))
    wanted = [uuid(n) for n in reversed(range(1_500))]
    assert [one["n"] for one in await store.get("Rows", wanted)] == list(reversed(range(1_500)))
    assert await store.delete("Rows", [*wanted[:1_400], uuid(5_000)]) == 1_400
    assert (await store.query(QueryRequest(collection="Rows"))).total == 100


async def test_a_change_leaves_what_it_does_not_name(films):
    await films.update("Films", uuid(9), {"year": 1980, "rating": None, "tags": []})
    (alien,) = await films.get("Films", [uuid(9)])
    assert (alien["year"], alien["rating"], alien["tags"], alien["title"]) == (1980, None, [], "Alien")
    assert alien["premiere"] == "1979-05-25T20:00:00-04:00"


async def test_a_vector_can_be_changed(store, make):
    await make("Rows", {"n": "int"})
    await store.insert("Rows", [{"uuid": uuid(n), "n": n, "_vector": [1.0, n]} for n in range(3)])
    await store.update("Rows", uuid(0), {"_vector": [-1.0, -5.0]})
    assert [one["n"] for one in await store.nearest("Rows", [-1.0, -5.0], 1)] == [0]
    with pytest.raises(QueryRejected, match="3 dimensions"):
        await store.update("Rows", uuid(0), {"_vector": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("identifier", "change", "told"),
    [
        (uuid(99), {"year": 1}, "no object"),
        ("no id", {"year": 1}, "no id|not a UUID"),
        (uuid(9), {"year": "x"}, "whole number"),
        (uuid(9), {"yaer": 1}, "“yaer”"),
        (uuid(9), {"uuid": uuid(1)}, "keeps its uuid"),
    ],
)
async def test_a_change_that_does_not_fit_is_refused(films, identifier, change, told):
    with pytest.raises(QueryRejected, match=told) as raised:
        await films.update("Films", identifier, change)
    assert raised.value.hint
    assert (await films.get("Films", [uuid(9)]))[0]["year"] == 1979


async def test_removing_counts_what_was_there(films):
    assert await films.delete("Films", [uuid(9), uuid(9), uuid(99), "no id"]) == 1
    assert await films.delete("Films", [uuid(9)]) == 0
    assert await films.delete("Films", []) == 0
    assert (await films.query(QueryRequest(collection="Films"))).total == 3
