"""Analyses of a real Weaviate's collections."""

import pytest
from engine.analysis.analysing import analysed

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.analysis.preprocess import preprocess_async
from elysia_desktop.stores.analyses import COLLECTION
from elysia_desktop.stores.clients import ClientManager


@pytest.fixture
async def clients(weaviate_node):
    ports = {"local_weaviate_port": weaviate_node.port, "local_weaviate_grpc_port": weaviate_node.grpc_port}
    opened = ClientManager(settings=Settings(data_source="local", **ports))
    yield opened
    async with opened.connect_to_async_client() as client:
        await client.collections.delete_all()
    await opened.close_clients()


async def made(clients, kinds, objects, indexed=True):
    """A collection as another program makes it; only those `indexed` can be filtered on."""
    async with clients.connect_to_async_client() as client:
        from weaviate.classes.config import DataType, Property

        properties = [
            Property(name=name, data_type=DataType(kind), index_filterable=indexed is True or name in indexed)
            for name, kind in kinds.items()
        ]
        collection = await client.collections.create("Things", properties=properties)
        await collection.data.insert_many(objects)


async def names(clients):
    return {info.name for info in await clients.store().collections()}


async def test_a_cut_off_analysis_is_kept_there_and_gone_on_with(clients):
    texts = [{"text": "word " * (1 + n % 9)} for n in range(1_300)]
    await made(clients, {"text": "text"}, texts)
    work = preprocess_async("Things", clients, settings=Settings())
    while (await anext(work))["progress"] < 0.1:
        pass
    await work.aclose()
    assert COLLECTION in await names(clients)
    updates, metadata = await analysed(clients, "Things")
    assert "objects that were read before" in updates[0]["message"]
    field = metadata["fields"][0]
    assert (field["range"], field["mean"]) == (
        [1, 9],
        pytest.approx(sum(1 + n % 9 for n in range(1_300)) / 1_300),
    )
    assert COLLECTION not in await names(clients)


async def test_a_dropped_collection_takes_its_unfinished_analysis_with_it_there_too(clients):
    await made(clients, {"text": "text"}, [{"text": "word"}] * 600)
    work = preprocess_async("Things", clients, settings=Settings())
    while (await anext(work))["progress"] < 0.1:
        pass
    await work.aclose()
    assert COLLECTION in await names(clients)
    await clients.store().drop("Things")
    assert await names(clients) & {COLLECTION, "Things"} == set()


async def test_what_is_not_indexed_there_is_measured_by_reading(clients):
    kinds = {"number": "int", "share": "number", "day": "date", "known": "int"}
    days = [
        {"number": n, "share": n / 2, "day": f"2024-01-0{n + 1}T00:00:00Z", "known": n % 2} for n in range(5)
    ]
    await made(clients, kinds, days, indexed=["known"])
    _, metadata = await analysed(clients, "Things")
    fields = {field["name"]: field for field in metadata["fields"]}
    assert [fields[name]["range"] for name in ("number", "share", "known")] == [[0, 4], [0, 2], [0, 1]]
    assert [fields[name]["mean"] for name in ("number", "share", "known")] == [2, 1, 0.4]
    assert [date[:10] for date in fields["day"]["date_range"]] == ["2024-01-01", "2024-01-05"]
    assert [fields[name]["groups"] for name in ("number", "share", "day")] == [None, None, None]
    assert fields["known"]["groups"] == [{"value": "0", "count": 3}, {"value": "1", "count": 2}]
    assert metadata["index_properties"] == dict.fromkeys(metadata["index_properties"], False)
