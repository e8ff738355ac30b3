from uuid import UUID

import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import PropertyFilter, QueryRequest
from elysia_desktop.stores.base import Rejected

FIRST = "00000000-0000-0000-0000-000000000009"
UNKNOWN = "00000000-0000-0000-0000-00000000000f"


async def everything(library, **more):
    return [o async for o in library.scan("Films", **more)]


async def words(library, text):
    page = await library.query(QueryRequest(collection="Films", search="keyword", text=text))
    return [o["title"] for o in page.objects]


async def test_wrong_objects_are_turned_away_with_reasons_and_the_others_stored(films):
    report = await films.insert(
        "Films",
        [
            {"title": "Good"},
            {"title": 3, "uuid": UNKNOWN},
            {"titel": "Bad"},
            "text",
            {"uuid": "not one", "title": "Bad"},
            {"title": "Also good", "_score": 0.5},
        ],
    )
    assert report.inserted == 2
    assert report.rejected == [
        Rejected(1, UNKNOWN, "“title” takes text, not 3."),
        Rejected(
            2,
            None,
            "There is no property “titel” in Films. "
            "Use one of: title, plot, year, rating, seen, premiere, tags, crew.",
        ),
        Rejected(3, None, "It is “text”, not an object with properties."),
        Rejected(4, "not one", "Its uuid is “not one”, which is not a UUID."),
    ]
    assert (await films.collections())[0].count == 6


async def test_the_same_uuid_replaces_the_object(films):
    assert (await films.insert("Films", [{"uuid": FIRST.upper(), "title": "Aliens"}])).inserted == 1
    page = await films.query(QueryRequest(collection="Films"))
    assert [o["title"] for o in page.objects] == ["Untitled", "Solaris", "Amélie", "Aliens"]
    assert page.objects[3]["plot"] is None
    assert await words(films, "creature") == []
    assert await words(films, "aliens") == ["Aliens"]


async def test_the_last_of_the_same_uuid_in_one_insert_counts(films):
    await films.insert("Films", [{"uuid": UNKNOWN, "title": "One"}, {"uuid": UUID(UNKNOWN), "title": "Two"}])
    assert (await films.get("Films", [UNKNOWN]))[0]["title"] == "Two"
    assert (await words(films, "one"), await words(films, "two")) == ([], ["Two"])


async def test_objects_without_a_uuid_are_given_one(films):
    await films.insert("Films", [{"title": "New"}, {"title": "Newer"}])
    assert len({UUID(o["uuid"]) for o in await everything(films)}) == 6


async def test_get_follows_the_order_asked_and_leaves_out_the_unknown(films):
    second = "00000000-0000-0000-0000-000000000008"
    found = await films.get("Films", [second, UNKNOWN, "nonsense", FIRST.upper()])
    assert [o["uuid"] for o in found] == [second, FIRST]


async def test_an_update_changes_only_what_it_names(films):
    await films.update("Films", FIRST, {"plot": "A ship answers a call.", "year": None, "uuid": FIRST})
    changed = (await films.get("Films", [FIRST]))[0]
    assert (changed["title"], changed["year"]) == ("Alien", None)
    assert (await words(films, "creature"), await words(films, "ship")) == ([], ["Alien"])
    await films.update("Films", FIRST, {})


@pytest.mark.parametrize(
    ("uuid", "properties", "message"),
    [
        (UNKNOWN, {"title": "x"}, f"There is no object {UNKNOWN} in Films."),
        ("nonsense", {"title": "x"}, "There is no object nonsense in Films."),
        (FIRST, {"title": 3}, "“title” takes text, not 3."),
        (FIRST, {"titel": "x"}, "There is no property “titel” in Films."),
        (FIRST, {"uuid": UNKNOWN}, "An object keeps its uuid."),
    ],
)
async def test_an_update_that_does_not_fit_changes_nothing(films, uuid, properties, message):
    before = await everything(films)
    with pytest.raises(QueryRejected) as caught:
        await films.update("Films", uuid, {"year": 1, **properties})
    assert message in str(caught.value)
    assert caught.value.hint
    assert await everything(films) == before


async def test_delete_tells_how_many_there_were(films):
    assert await films.delete("Films", [FIRST, UNKNOWN, "nonsense"]) == 1
    assert await films.delete("Films", [FIRST]) == 0
    assert await films.delete("Films", []) == 0
    assert await words(films, "creature") == []
    assert len(await everything(films)) == 3


async def test_a_sample_is_the_same_for_the_same_seed(films):
    await films.insert("Films", [{"title": str(n), "uuid": UUID(int=100 + n)} for n in range(50)])
    one, same, other = [await films.sample("Films", 10, seed) for seed in (1, 1, 2)]
    assert one == same != other
    assert len({o["uuid"] for o in one}) == 10
    assert len(await films.sample("Films", 1000)) == 54
    assert await films.sample("Films", 0) == []


async def test_a_sample_is_uniform(films):
    counts = dict.fromkeys((o["title"] for o in await everything(films)), 0)
    for seed in range(400):
        for found in await films.sample("Films", 1, seed):
            counts[found["title"]] += 1
    assert all(60 < count < 140 for count in counts.values())


async def test_a_scan_gives_all_that_match_by_uuid_and_goes_on_after_one(films):
    await films.insert("Films", [{"title": "x", "year": n} for n in range(1200)])
    found = await everything(films)
    uuids = [o["uuid"] for o in found]
    assert len(set(uuids)) == 1204
    assert uuids == sorted(uuids)
    assert await everything(films, after=uuids[699]) == found[700:]
    some = PropertyFilter(property="year", operator="<", value=600)
    assert await everything(films, filters=some) == [
        o for o in found if (o["year"] or 999) < 600 or o["year"] == 0
    ]


async def test_a_scan_of_what_does_not_exist_says_so(films):
    with pytest.raises(QueryRejected, match="no collection"):
        [o async for o in films.scan("Nothing")]
