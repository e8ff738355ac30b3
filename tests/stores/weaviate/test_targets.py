"""Requests go to the tenant and with the consistency that the settings say."""

import pytest
from stores.weaviate.conftest import uuid

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import AggregateRequest, QueryRequest, Sort


@pytest.fixture
async def notes(store, clients, make):
    """A collection of two tenants, with an object each."""
    for tenant in ("acme", "zeta"):
        clients.settings.configure(weaviate_tenant=tenant)
        if tenant == "acme":
            await make("Notes", {"text": "text"}, multi_tenant=True)
        else:
            async with clients.connect_to_async_client() as client:
                await client.collections.use("Notes").tenants.create(["zeta", "idle"])
        await store.insert("Notes", [{"text": tenant}])
    return store


async def texts(store):
    return [one["text"] for one in (await store.query(QueryRequest(collection="Notes"))).objects]


async def counts(store):
    return {one.name: one.count for one in await store.collections()}


async def test_each_tenant_has_its_own_objects(notes, clients):
    assert (await notes.schema("Notes")).multi_tenant
    assert await texts(notes) == ["zeta"]
    clients.settings.configure(weaviate_tenant="acme")
    assert await texts(notes) == ["acme"]
    await notes.insert("Notes", [{"text": "more"}])
    assert await counts(notes) == {"Notes": 2}
    assert len([one async for one in notes.scan("Notes")]) == 2
    clients.settings.configure(weaviate_tenant="zeta")
    assert await counts(notes) == {"Notes": 1}


async def requests(store):
    for asked in (
        store.query(QueryRequest(collection="Notes")),
        store.aggregate(AggregateRequest(collection="Notes")),
        store.insert("Notes", [{"text": "x"}]),
        store.update("Notes", uuid(1), {"text": "x"}),
        store.delete("Notes", [uuid(1)]),
        store.sample("Notes", 1),
    ):
        with pytest.raises(QueryRejected) as raised:
            await asked
        yield raised.value


async def test_without_a_tenant_those_there_are_named(notes, clients):
    clients.settings.configure(weaviate_tenant="")
    async for error in requests(notes):
        assert "no tenant is set" in str(error)
        assert "acme, idle, zeta" in error.hint
    assert await counts(notes) == {"Notes": 0}
    assert (await notes.schema("Notes")).multi_tenant


async def test_a_tenant_that_is_not_there_is_told_with_those_that_are(notes, clients):
    clients.settings.configure(weaviate_tenant="nobody")
    async for error in requests(notes):
        assert "no tenant “nobody”" in str(error)
        assert "acme, idle, zeta" in error.hint
    assert await counts(notes) == {"Notes": 0}


async def test_a_tenant_that_was_put_aside_is_told(notes, clients):
    async with clients.connect_to_async_client() as client:
        await client.collections.use("Notes").tenants.deactivate("idle")
    clients.settings.configure(weaviate_tenant="idle")
    with pytest.raises(QueryRejected, match="not active"):
        await texts(notes)


async def test_collections_without_tenants_do_not_care(films, clients):
    clients.settings.configure(weaviate_tenant="acme")
    assert (await films.query(QueryRequest(collection="Films"))).total == 4
    await films.insert("Films", [{"title": "new"}])


@pytest.mark.parametrize("level", ["one", "quorum", "all"])
async def test_every_consistency_reads_and_writes(films, clients, level):
    clients.settings.configure(weaviate_consistency=level)
    assert (await films.insert("Films", [{"uuid": uuid(1), "title": level}])).inserted == 1
    assert (await films.get("Films", [uuid(1)]))[0]["title"] == level
    await films.update("Films", uuid(1), {"year": 1})
    assert await films.delete("Films", [uuid(1)]) == 1


async def test_the_consistency_asked_for_is_sent(films, clients):
    target = await films._catalog.find("Films")
    async with clients.connect_to_async_client() as client:
        assert target.of(client).consistency_level is None
        clients.settings.configure(weaviate_consistency="quorum")
        target = await films._catalog.find("Films")
        assert target.of(client).consistency_level == "QUORUM"


async def test_many_objects_come_as_few_do(store, make):
    await make("Rows", {"n": "int", "text": "text", "crew": "object"})
    await store.insert("Rows", ({"uuid": uuid(n), "n": n, "text": "row"} for n in range(1_203)))
    few = [
        (await store.query(QueryRequest(collection="Rows", limit=401, offset=start))).objects
        for start in (0, 401, 802)
    ]
    many = await store.query(QueryRequest(collection="Rows", limit=2_000))
    assert many.objects == [one for page in few for one in page]
    descending = await store.query(
        QueryRequest(
            collection="Rows", limit=1_000, sort=(Sort(property="n", direction="desc"),), properties=("n",)
        )
    )
    assert [one["n"] for one in descending.objects] == list(range(1_202, 202, -1))
    found = await store.query(QueryRequest(collection="Rows", search="keyword", text="row", limit=600))
    assert len({one["uuid"] for one in found.objects}) == 600
    assert all(one["_score"] > 0 and one["text"] == "row" for one in found.objects)
