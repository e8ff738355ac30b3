"""Requests are sent again while the server is away, given up in words, and ended at once when cancelled."""

import asyncio
import time

import pytest
from support.weaviate_server import weaviate_server

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.errors import StoreError, StoreUnreachable
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.weaviate.calls import Calls
from elysia_desktop.stores.weaviate.store import WeaviateStore

ASKED = QueryRequest(collection="Rows")


@pytest.fixture(scope="module")
def server():
    """A server of its own: it is ended and started again."""
    with weaviate_server() as running:
        yield running


@pytest.fixture
async def rows(server):
    if not server.is_running:
        server.start()
    clients = ClientManager(
        settings=Settings(
            data_source="local",
            local_weaviate_port=server.port,
            local_weaviate_grpc_port=server.grpc_port,
        ),
        init_timeout=1,
    )
    store = WeaviateStore(clients, Calls(clients, Backoff(tries=5, first=0.4), patience=0.5))
    if not any(one.name == "Rows" for one in await store.collections()):
        await store.create(CollectionSchema(name="Rows", properties=(Property(name="n", type="int"),)))
        await store.insert("Rows", ({"n": n} for n in range(50)))
    yield store
    await clients.close_clients()


async def freeze(server):
    """Stop the server's process, and wait until it has stopped."""
    server.freeze()
    await asyncio.sleep(0.3)


async def test_a_server_that_ended_is_told_in_words_soon(rows, server):
    assert (await rows.query(ASKED)).total == 50
    server.kill()
    started = time.monotonic()
    with pytest.raises(StoreUnreachable, match=str(server.port)) as raised:
        await rows.query(ASKED)
    assert raised.value.hint
    assert time.monotonic() - started < 25
    with pytest.raises(StoreUnreachable):
        await rows.insert("Rows", [{"n": 1}])


async def test_a_server_that_comes_back_is_found_again(rows, server):
    assert (await rows.query(ASKED)).total == 50
    server.kill()
    asked = asyncio.create_task(rows.query(ASKED))
    await asyncio.to_thread(server.start)
    assert (await asked).total == 50


async def test_an_insert_survives_a_restart_and_counts_every_object_once(rows, server):
    before = (await rows.query(ASKED)).total
    restarted = asyncio.Event()

    def stream():
        for n in range(1_000):
            yield {"n": n}

    def progress(done):
        if not restarted.is_set():
            restarted.set()

    async def restart():
        await restarted.wait()
        server.kill()
        await asyncio.to_thread(server.start)

    report, _ = await asyncio.gather(rows.insert("Rows", stream(), progress), restart())
    assert (report.inserted, report.rejected) == (1_000, [])
    assert (await rows.query(ASKED)).total == before + 1_000


async def test_a_server_that_says_nothing_is_given_up(rows, server):
    await rows.query(ASKED)
    await freeze(server)
    try:
        with pytest.raises(StoreUnreachable):
            await rows.query(ASKED)
    finally:
        server.thaw()
    assert (await rows.query(ASKED)).total >= 50


async def test_who_gives_up_waits_no_longer(rows, server):
    await rows.query(ASKED)
    await freeze(server)
    try:
        asked = asyncio.create_task(rows.query(ASKED))
        await asyncio.sleep(0.1)
        asked.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert time.monotonic() - started < 0.5
    finally:
        server.thaw()


class Connections:
    """Opens a client that never answers, or none."""

    settings = Settings(data_source="local")

    def __init__(self, error=None):
        self.opened = 0
        self.dropped = 0
        self._error = error

    @property
    def endpoint(self):
        return ClientManager(settings=self.settings).endpoint

    def connect_to_async_client(self):
        return self

    async def __aenter__(self):
        self.opened += 1
        if self._error and self.opened > 1:
            raise self._error
        return self

    async def __aexit__(self, *error):
        return None

    async def drop_async_client(self, client):
        self.dropped += 1


async def test_tries_are_few_and_wait_longer_each_time(client_library):
    from weaviate.exceptions import WeaviateConnectionError

    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    async def work(client):
        raise WeaviateConnectionError("refused")

    connections = Connections()
    calls = Calls(connections, Backoff(tries=4, first=1, sleep=sleep, chance=lambda: 0))
    with pytest.raises(StoreUnreachable, match="http://localhost:8080"):
        await calls.run(work)
    assert waits == [1, 2, 4]
    assert (connections.opened, connections.dropped) == (4, 4)


async def test_what_is_wrong_is_not_tried_again(client_library):
    from weaviate.exceptions import WeaviateQueryError

    async def work(client):
        raise WeaviateQueryError("explorer: something odd", "GRPC search")

    connections = Connections()
    with pytest.raises(StoreError, match="something odd") as raised:
        await Calls(connections).run(work)
    assert not isinstance(raised.value, StoreUnreachable)
    assert (connections.opened, connections.dropped) == (1, 0)


async def test_a_server_that_answered_before_may_be_opened_again(client_library):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    async def work(client):
        return "answer"

    connections = Connections(StoreUnreachable("No Weaviate answers."))
    calls = Calls(connections, Backoff(tries=3, first=1, sleep=sleep, chance=lambda: 0))
    assert await calls.run(work) == "answer"
    for expected in ([1, 2], []):
        with pytest.raises(StoreUnreachable, match="No Weaviate answers"):
            await calls.run(work)
        assert waits == expected
        waits.clear()


async def test_long_work_waits_longer(client_library):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    async def work(client):
        return "answer"

    connections = Connections(StoreUnreachable("No Weaviate answers."))
    calls = Calls(connections, Backoff(tries=5, first=0.4, sleep=sleep, chance=lambda: 0))
    await calls.run(work)
    with pytest.raises(StoreUnreachable):
        await calls.patiently().run(work)
    assert len(waits) == 7
    assert max(waits) == 8
    assert 20 < sum(waits) < 40


async def test_where_nothing_answered_from_the_start_there_is_one_try():
    connections = Connections()
    connections.opened = 1
    connections._error = StoreUnreachable("No Weaviate answers.")

    async def work(client):
        raise AssertionError

    with pytest.raises(StoreUnreachable, match="No Weaviate answers"):
        await Calls(connections).run(work)
    assert connections.opened == 2
