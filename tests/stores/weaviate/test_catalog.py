"""A collection is made once, also where the network takes the answer away."""

import asyncio
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager

FILMS = CollectionSchema(name="Films", properties=(Property(name="title", type="text"),), multi_tenant=True)
MAKES = b"POST /v1/schema HTTP"


class Relay:
    """Passes on what a server is sent and answers, but hangs up when the first collection has been made."""

    def __init__(self, port, before):
        self._port = port
        self._before = before
        self._listening = None
        self._connections = set()
        self.lost = 0

    @property
    def port(self):
        return self._listening.sockets[0].getsockname()[1]

    async def open(self):
        self._listening = await asyncio.start_server(self._relay, "127.0.0.1", 0)

    async def close(self):
        self._listening.close()
        await asyncio.gather(*self._connections)

    async def _relay(self, reader, writer):
        self._connections.add(asyncio.current_task())
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._port)
        answers = asyncio.create_task(passed_on(from_server, writer))
        with suppress(ConnectionError):
            while sent := await reader.read(1 << 16):
                is_lost = sent.startswith(MAKES) and not self.lost
                if is_lost:
                    self.lost += 1
                    await ended(answers)
                    await self._before()
                to_server.write(sent)
                if is_lost:
                    await from_server.read(1)
                    break
        await ended(answers)
        for one in (writer, to_server):
            one.close()
            with suppress(ConnectionError):
                await one.wait_closed()


async def passed_on(reader, writer):
    while answer := await reader.read(1 << 16):
        writer.write(answer)


async def ended(task):
    task.cancel()
    with suppress(asyncio.CancelledError, ConnectionError):
        await task


async def nothing():
    """Before the collection is made, nothing happens."""


@asynccontextmanager
async def losing(node, before=nothing):
    """A store behind a relay, with the tenant “north” set."""
    relay = Relay(node.port, before)
    await relay.open()
    clients = ClientManager(
        settings=Settings(
            data_source="local",
            local_weaviate_port=relay.port,
            local_weaviate_grpc_port=node.grpc_port,
            weaviate_tenant="north",
        )
    )
    try:
        yield clients.store(), relay
    finally:
        async with clients.connect_to_async_client() as client:
            await client.collections.delete_all()
        await clients.close_clients()
        await relay.close()


async def test_a_collection_whose_making_was_not_answered_is_made_with_its_tenant(weaviate_node):
    async with losing(weaviate_node) as (store, relay):
        await store.create(FILMS)
        assert relay.lost == 1
        assert (await store.insert("Films", [{"title": "Alien"}])).rejected == []


async def test_a_collection_that_another_made_meanwhile_is_not_taken_for_ones_own(weaviate_node):
    async def another():
        other = {"class": "Films", "properties": [{"name": "name", "dataType": ["text"]}]}
        async with httpx.AsyncClient(trust_env=False) as http:
            url = f"http://127.0.0.1:{weaviate_node.port}/v1/schema"
            (await http.post(url, json=other)).raise_for_status()

    async with losing(weaviate_node, another) as (store, relay):
        with pytest.raises(QueryRejected, match="“Films” already"):
            await store.create(FILMS)
        assert relay.lost == 1
