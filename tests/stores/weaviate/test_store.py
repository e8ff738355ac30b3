"""A Weaviate as a store: collections come and go, objects are found by filter, order and page."""

import asyncio
import subprocess
import sys

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import AggregateRequest, Not, Or, PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import CollectionInfo, CollectionSchema, Property, Reference


def where(name, operator, value, **more):
    return PropertyFilter(property=name, operator=operator, value=value, **more)


async def titles(store, **request):
    page = await store.query(QueryRequest(collection="Films", limit=100, **request))
    return [one["title"] for one in page.objects]


async def test_collections_are_made_listed_and_dropped(store, make):
    assert await store.collections() == []
    schema = await make("Books", {"title": "text"}, description="What is read.")
    await make("Authors", {"name": "text"})
    await store.insert("Books", [{"title": "Momo"}])
    assert await store.collections() == [
        CollectionInfo(name="Authors", count=0),
        CollectionInfo(name="Books", count=1),
    ]
    assert await store.schema("Books") == schema
    await store.drop("Books")
    assert [one.name for one in await store.collections()] == ["Authors"]
    with pytest.raises(QueryRejected, match="“Books”") as raised:
        await store.schema("Books")
    assert "Authors" in raised.value.hint


async def test_an_unknown_collection_is_told_with_the_nearest_first_and_never_made(films):
    for asked in (
        films.schema("films"),
        films.query(QueryRequest(collection="films")),
        films.aggregate(AggregateRequest(collection="films")),
        films.get("films", [uuid(1)]),
        films.sample("films", 1),
        films.insert("films", [{}]),
        films.update("films", uuid(1), {}),
        films.delete("films", [uuid(1)]),
        films.drop("films"),
        anext(films.scan("films")),
        films.get_metadata("films"),
        films.put_metadata("films", {}),
        films.delete_metadata("films"),
        films.nearest("films", [1.0], 1),
    ):
        with pytest.raises(QueryRejected, match="“films”") as raised:
            await asked
        assert raised.value.hint.startswith("Use one of: Films")
    assert [one.name for one in await films.collections()] == ["Films"]


async def test_a_name_that_is_taken_is_told(films):
    with pytest.raises(QueryRejected, match="already"):
        await films.create(CollectionSchema(name="Films", properties=()))


async def test_a_collection_that_is_being_made_is_not_there_yet(store, make):
    async def seen(name):
        while True:
            try:
                return await store.schema(name)
            except QueryRejected:
                await asyncio.sleep(0)

    for number in range(6):
        looking = asyncio.create_task(seen(f"Thing{number}"))
        await make(f"Thing{number}", {"title": "text"})
        assert (await looking).name == f"Thing{number}"


async def test_objects_come_back_whole_with_nulls_and_dates_with_their_offset(films):
    page = await films.query(
        QueryRequest(collection="Films", filters=where("year", "=", 1979), properties=None)
    )
    assert page.objects == [
        {
            "uuid": uuid(9),
            "title": "Alien",
            "plot": "A crew meets a creature in space.",
            "year": 1979,
            "rating": 8.5,
            "seen": True,
            "premiere": "1979-05-25T20:00:00-04:00",
            "tags": ["horror", "space"],
            "crew": None,
        }
    ]
    assert page.total == 1
    assert page.took_ms > 0
    assert list(page.objects[0])[:4] == ["uuid", "title", "plot", "year"]


async def test_only_the_properties_asked_for_come_back(films):
    page = await films.query(QueryRequest(collection="Films", properties=("year", "uuid"), limit=1))
    assert page.objects == [{"uuid": uuid(6), "year": None}]
    page = await films.query(QueryRequest(collection="Films", properties=("crew",), limit=1))
    assert page.objects == [{"uuid": uuid(6), "crew": None}]


async def test_without_an_order_objects_come_by_uuid_page_by_page(films):
    first = await films.query(QueryRequest(collection="Films", limit=3))
    rest = await films.query(QueryRequest(collection="Films", limit=3, offset=3))
    assert [one["uuid"] for one in first.objects + rest.objects] == [uuid(n) for n in (6, 7, 8, 9)]
    assert (first.total, rest.total) == (4, 4)


MEANT = [
    (where("title", "=", "ALIEN"), ["Alien"]),
    (where("title", "!=", "alien"), ["Amélie", "Solaris", "Untitled"]),
    (where("title", "LIKE", "a*"), ["Alien", "Amélie"]),
    (where("year", "<", 2000), ["Alien", "Solaris"]),
    (Not(filter=where("year", "<", 2000)), ["Amélie", "Untitled"]),
    (where("rating", ">=", 8.5), ["Alien"]),
    (where("rating", "IS_NULL", value=True), ["Solaris", "Untitled"]),
    (where("seen", "!=", value=True), ["Amélie", "Solaris", "Untitled"]),
    (where("premiere", "=", "1979-05-26T00:00:00Z"), ["Alien"]),
    (where("premiere", ">", "1979-05-25"), ["Alien", "Amélie"]),
    (where("tags", "CONTAINS_ANY", ("horror", "romance")), ["Alien", "Amélie"]),
    (where("tags", "CONTAINS_ALL", ("space", "horror")), ["Alien"]),
    (where("tags", "=", ("space",)), ["Solaris"]),
    (where("tags", "!=", "space"), ["Amélie", "Untitled"]),
    (where("tags", "<=", 1, length=True), ["Amélie", "Solaris", "Untitled"]),
    (where("_creation_time", ">", "2020-01-01"), ["Alien", "Amélie", "Solaris", "Untitled"]),
    (Or(filters=(where("year", "=", 1979), where("year", "=", 2001))), ["Alien", "Amélie"]),
]


async def test_filters_mean_what_they_say(films):
    for filters, found in MEANT:
        page = await films.query(QueryRequest(collection="Films", limit=1, filters=filters))
        assert (sorted(await titles(films, filters=filters)), page.total) == (found, len(found)), filters


async def test_what_does_not_fit_the_collection_is_refused_before_it_is_asked(films):
    with pytest.raises(QueryRejected, match="“titel”") as raised:
        await titles(films, filters=where("titel", "=", "Alien"))
    assert raised.value.hint.startswith("Use one of: title")
    with pytest.raises(QueryRejected, match="most is 10000"):
        await films.query(QueryRequest(collection="Films", limit=10_000, offset=1))


async def test_a_property_that_was_added_elsewhere_is_found(films, clients):
    assert await titles(films, filters=where("year", "=", 1)) == []
    async with clients.connect_to_async_client() as client:
        from weaviate.classes.config import DataType
        from weaviate.classes.config import Property as Added

        await client.collections.use("Films").config.add_property(
            Added(name="country", data_type=DataType.TEXT)
        )
    assert await titles(films, filters=where("country", "=", "Poland")) == []
    with pytest.raises(QueryRejected, match="year"):
        await titles(films, filters=where("year", "=", "x"))


async def test_a_collection_that_was_dropped_elsewhere_is_told(films, clients):
    await titles(films)
    async with clients.connect_to_async_client() as client:
        await client.collections.delete("Films")
    with pytest.raises(QueryRejected, match="does not have the collection"):
        await titles(films)
    with pytest.raises(QueryRejected, match="“Films”"):
        await films.insert("Films", [{"title": "again"}])


async def test_references_lead_to_objects_of_another_collection(films, make):
    await make("Notes", {"text": "text"}, references=(Reference(name="film", target="Films"),))
    report = await films.insert(
        "Notes",
        [
            {"uuid": uuid(1), "text": "watch it", "film": uuid(9)},
            {"uuid": uuid(2), "text": "no film"},
            {"text": "odd", "film": "Alien"},
            {"text": "lost", "film": uuid(77)},
        ],
    )
    assert report.inserted == 2
    assert [one.index for one in report.rejected] == [2, 3]
    assert "not the uuid" in report.rejected[0].reason
    page = await films.query(QueryRequest(collection="Notes", properties=("film",)))
    assert page.objects == [{"uuid": uuid(1), "film": uuid(9)}, {"uuid": uuid(2), "film": None}]
    assert (await films.schema("Notes")).references == (Reference(name="film", target="Films"),)
    await films.update("Notes", uuid(1), {"film": uuid(8)})
    assert (await films.get("Notes", [uuid(1)]))[0]["film"] == uuid(8)
    await films.update("Notes", uuid(1), {"film": None, "text": "done"})
    assert await films.get("Notes", [uuid(1)]) == [{"uuid": uuid(1), "text": "done", "film": None}]


async def test_free_objects_are_kept_or_turned_away_one_by_one(films):
    crews = [
        {
            "director": "Scott",
            "size": 7,
            "roles": [{"name": "Ripley", "lives": True}],
            "spare": None,
            "empty": [],
        },
        {"director": "Tarkovsky", "size": 5.5, "studio": {"city": {"name": "Moscow"}}},
        {"director": 7},
        {"a key": "with a blank"},
        {"vector": [1]},
        {"mixed": [1, "a"]},
        {"lists": [[1], [2]]},
        {},
    ]
    report = await films.insert(
        "Films", [{"uuid": uuid(20 + n), "crew": crew} for n, crew in enumerate(crews)]
    )
    assert [one.index for one in report.rejected] == [2, 3, 4, 5, 6]
    assert all(one.reason for one in report.rejected)
    kept = await films.get("Films", [uuid(20), uuid(21), uuid(27)])
    assert [one["crew"] for one in kept] == [
        {"director": "Scott", "size": 7, "roles": [{"name": "Ripley", "lives": True}], "empty": []},
        crews[1],
        {},
    ]


async def test_property_names_that_weaviate_would_change_are_refused(store):
    with pytest.raises(QueryRejected, match="“Title”") as raised:
        await store.create(CollectionSchema(name="Films", properties=(Property(name="Title", type="text"),)))
    assert "“title”" in raised.value.hint


def test_nothing_of_weaviate_is_loaded_before_it_is_asked():
    program = (
        "import sys\n"
        "from elysia_desktop.core.settings import Settings\n"
        "from elysia_desktop.stores.clients import ClientManager\n"
        "ClientManager(settings=Settings(data_source='local')).store()\n"
        "assert not {'weaviate', 'grpc', 'httpx', 'numpy'} & set(sys.modules), sorted(sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


async def test_sorting_by_uuid_and_time_of_creation_is_possible(films):
    assert await titles(films, sort=(Sort(property="uuid", direction="desc"),)) == [
        "Alien", "Amélie", "Solaris", "Untitled",
    ]  # fmt: skip
    assert len(await titles(films, sort=(Sort(property="_creation_time"),))) == 4
