"""The store on three nodes, of which one at a time leads."""

import pytest
from support.weaviate_cluster import weaviate_cluster

from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.weaviate.calls import Calls
from elysia_desktop.stores.weaviate.catalog import Catalog

_ROUNDS = 3


@pytest.fixture(scope="module")
def cluster():
    with weaviate_cluster() as running:
        yield running


async def test_a_collection_that_was_made_through_any_node_can_be_filled_through_it_at_once(cluster):
    for node in cluster.nodes:
        clients = ClientManager(
            settings=Settings(
                data_source="local",
                local_weaviate_port=node.port,
                local_weaviate_grpc_port=node.grpc_port,
                weaviate_tenant="here",
            )
        )
        store = clients.store()
        for round_ in range(_ROUNDS):
            name = f"Things{cluster.nodes.index(node)}{round_}"
            await store.create(
                CollectionSchema(
                    name=name,
                    properties=(Property(name="title", type=DataType.TEXT),),
                    multi_tenant=bool(round_ % 2),
                )
            )
            assert (await store.insert(name, [{"title": "one"}])).inserted == 1
            await store.drop(name)
        await clients.close_clients()


class _OnALateNode(Catalog):
    """Hears of a new collection only when it was asked for it some times."""

    late = 0

    async def look_up(self, name):
        if self.late:
            self.late -= 1
            return None
        return await super().look_up(name)


async def test_a_collection_is_made_once_the_node_that_is_asked_knows_of_it(clients):
    catalog = _OnALateNode(Calls(clients))
    catalog.late = 4
    schema = CollectionSchema(name="Late", properties=(Property(name="title", type=DataType.TEXT),))
    await catalog.create(schema)
    assert catalog.late == 0
    assert (await catalog.find("Late", fresh=True)).schema.name == "Late"
    await catalog.drop("Late")
