"""Both stores answer made-up requests as plain Python does; `make conformance` asks many more."""

import pytest
from conformance.comparing import compare
from conformance.run import COLLECTIONS, REQUESTS

from elysia_desktop.core.requests import QueryRequest

# How many collections, and requests about each: half a minute for each store at most.
EVERYDAY = {"Library": (50, 80), "WeaviateStore": (12, 60)}


async def test_made_up_requests_are_answered_as_by_plain_python(store, capsys):
    name = type(store).__name__
    collections, requests = EVERYDAY[name]
    tally = await compare({name: store}, range(collections), requests)
    asked = sum(tally.asked.values())
    with capsys.disabled():
        print(
            f"\n{name}: asked {asked} of the {COLLECTIONS * REQUESTS} requests of “make conformance”", end=" "
        )
    assert asked == collections * requests
    assert not tally.differences, str(tally)


class Forgetful:
    """A store that does not give back what it found last."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def query(self, request):
        """All but the last."""
        page = await self._store.query(request)
        return type(page)(page.objects[:-1], page.total, page.took_ms)


class Generous(Forgetful):
    """A store whose searches find one object that has none of the words."""

    async def query(self, request):
        """What is found, and the first of the others."""
        page = await self._store.query(request)
        if request.search != "keyword" or request.filters or request.sort:
            return page
        found = {one["uuid"] for one in page.objects}
        whole = await self._store.query(QueryRequest(collection=request.collection, limit=100))
        others = [{**one, "_score": 0.0} for one in whole.objects if one["uuid"] not in found][:1]
        return type(page)([*page.objects, *others], page.total + len(others), page.took_ms)


@pytest.mark.parametrize("store", ["library"], indirect=True)
async def test_what_a_search_finds_without_any_form_of_its_words_is_a_difference(store):
    tally = await compare({"generous": Generous(store)}, [4], 40)
    assert {difference.kind for difference in tally.differences} == {"keyword"}


@pytest.mark.parametrize("store", ["library"], indirect=True)
async def test_a_difference_is_told_with_the_request_the_rows_and_both_answers(store):
    tally = await compare({"forgetful": Forgetful(store)}, [4], 40)
    (first, *_) = tally.differences
    told = str(first)
    assert {line.split(":")[0] for line in told.splitlines()} == {
        "store",
        "request",
        "rows",
        "expected",
        "got",
    }
    assert first.request["collection"] == "Conformance4"
    assert first.rows
    assert "forgetful" in tally.table()
