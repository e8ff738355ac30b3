"""Clients of a real Weaviate are opened, shared, restarted and closed."""

import asyncio
import logging
import os
import socket
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path

import pytest
from stores.weaviate.fakes import Clock
from support.weaviate_server import WeaviateServer, weaviate_server

from elysia_desktop.core.errors import ConfigurationError, MissingKey, StoreUnreachable
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager

KEY = "sesame-canary-1234"


@pytest.fixture(scope="module")
def server():
    with weaviate_server(KEY) as running:
        yield running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def managed(server, clock):
    def made(key=KEY, **more):
        return ClientManager(
            wcd_api_key=key or None,
            weaviate_is_local=True,
            local_weaviate_port=server.port,
            local_weaviate_grpc_port=server.grpc_port,
            settings=Settings(),
            clock=clock,
            **more,
        )

    return made


@pytest.fixture
async def clients(managed):
    opened = managed(client_timeout=1)
    yield opened
    await opened.close_clients()


def connections(server: WeaviateServer) -> int:
    """How many of this process's sockets are connected to the server."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("This system does not list the sockets of a process.")
    ours = set()
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            ours.add(str(file.readlink()))
    tables = (Path(f"/proc/self/net/{name}").read_text() for name in ("tcp", "tcp6"))
    rows = [line.split() for table in tables for line in table.splitlines()]
    ports = {f"{port:04X}" for port in (server.port, server.grpc_port)}
    return sum(row[2].rpartition(":")[2] in ports and f"socket:[{row[9]}]" in ours for row in rows)


async def until(fact) -> None:
    async with asyncio.timeout(10):
        while not fact():  # noqa: ASYNC110 - nobody tells when the system has closed a socket
            await asyncio.sleep(0.01)


async def test_both_clients_ask_over_http_and_grpc(clients):
    async with clients.connect_to_async_client() as client:
        assert await client.collections.list_all() == {}
        made = await client.collections.create("Films")
        await made.data.insert({"title": "Alien"})
        found = await made.query.fetch_objects()
        assert [item.properties["title"] for item in found.objects] == ["Alien"]

    def ask():
        with clients.connect_to_client() as blocking:
            found = blocking.collections.use("Films").query.bm25("alien").objects
            blocking.collections.delete("Films")
            return [item.properties["title"] for item in found]

    assert await asyncio.to_thread(ask) == ["Alien"]


async def test_two_who_come_at_once_share_one_client(clients, server):
    first, second = await asyncio.gather(clients.get_async_client(), clients.get_async_client())
    assert first is second is await clients.get_async_client()
    one, other = await asyncio.gather(*(asyncio.to_thread(clients.get_client) for _ in range(2)))
    assert one is other


@pytest.mark.parametrize(("key", "kind"), [("wrong-canary-1234", ConfigurationError), ("", MissingKey)])
async def test_a_key_that_is_wrong_or_missing_is_told_and_never_shown(managed, key, kind, caplog):
    clients = managed(key, openai_api_key="provider-canary-1234")
    with caplog.at_level(logging.DEBUG):
        for opening in (clients.get_async_client(), asyncio.to_thread(clients.get_client)):
            with pytest.raises(ConfigurationError) as raised:
                await opening
            assert type(raised.value) is kind
            told = "".join(traceback.format_exception(raised.value)) + raised.value.sentence
            assert "canary" not in told + repr(vars(clients))
    assert "canary" not in caplog.text
    await clients.close_clients()


async def test_grpc_that_does_not_answer_is_told_apart(managed, server):
    clients = managed()
    clients.settings.configure(local_weaviate_grpc_port=1)
    for opening in (clients.get_async_client(), asyncio.to_thread(clients.get_client)):
        with pytest.raises(StoreUnreachable, match=r"gRPC service does not at localhost:1\."):
            await opening
    await clients.close_clients()


async def test_provider_keys_are_sent_but_in_no_environment(clients):
    clients.settings.configure(openai_api_key="provider-canary-1234")
    client = await clients.get_async_client()
    assert client._connection.additional_headers == {"X-OpenAI-Api-Key": "provider-canary-1234"}
    assert "provider-canary-1234" not in str(os.environ)


async def test_an_idle_client_is_closed_and_opened_anew_by_its_next_use(clients, clock, server):
    old, blocking = await clients.get_async_client(), await asyncio.to_thread(clients.get_client)
    clock.now += 59
    await clients.restart_async_client()
    await clients.restart_client()
    assert old.is_connected()
    assert blocking.is_connected()
    clients.update_last_used_sync_client()
    clock.now += 2
    await clients.restart_async_client()
    await clients.restart_client()
    assert not old.is_connected()
    assert blocking.is_connected(), "it was used a moment ago"
    clock.now += 61
    await clients.restart_client()
    assert not blocking.is_connected()
    await until(lambda: connections(server) == 0)
    assert await (await clients.get_async_client()).is_ready()


async def test_a_client_in_use_is_not_restarted_and_by_force_only_for_others(clients, clock):
    async with clients.connect_to_async_client() as used:
        clock.now += 3600
        await clients.restart_async_client()
        assert await clients.get_async_client() is used
        await clients.restart_async_client(force=True)
        async with clients.connect_to_async_client() as other:
            assert other is not used
        assert await used.is_ready()
    assert not used.is_connected()
    assert await (await clients.get_async_client()).is_ready()


async def test_by_force_the_blocking_client_is_replaced_under_nobody(clients):
    used = await asyncio.to_thread(clients.get_client)
    with clients.connect_to_client():
        await clients.restart_client(force=True)
        assert used.is_connected()
    assert not used.is_connected()
    assert await asyncio.to_thread(clients.get_client) is not used


async def test_without_a_time_out_an_idle_client_stays(managed, clock):
    clients = managed(client_timeout=0)
    client = await clients.get_async_client()
    clock.now += 1e9
    await clients.restart_async_client()
    assert client.is_connected()
    await clients.close_clients()


async def test_keys_are_reset_all_or_nothing(clients, server):
    old, blocking = await clients.get_async_client(), await asyncio.to_thread(clients.get_client)
    ports = {"local_weaviate_port": server.port, "local_weaviate_grpc_port": server.grpc_port}
    before = clients.settings
    with pytest.raises(ConfigurationError, match="does not accept"):
        await clients.reset_keys(weaviate_is_local=True, wcd_api_key="wrong", **ports)
    assert clients.settings is before
    assert await clients.get_async_client() is old
    assert blocking.is_connected()
    keys = {"OPENAI_API_KEY": "o"}
    await clients.reset_keys(weaviate_is_local=True, wcd_api_key=KEY, api_keys=keys, **ports)
    assert not old.is_connected()
    assert not blocking.is_connected()
    new = await clients.get_async_client()
    assert await new.is_ready()
    assert new._connection.additional_headers == {"X-OpenAI-Api-Key": "o"}


async def test_settings_that_name_another_key_get_another_client(clients):
    old = await clients.get_async_client()
    clients.settings.configure(cohere_api_key="c")
    assert await clients.get_async_client() is not old
    assert not old.is_connected()


async def test_nothing_is_left_after_closing(clients, server):
    before = set(asyncio.all_tasks())
    await clients.start_clients()
    async with clients.connect_to_async_client() as client:
        await client.collections.list_all()
    assert connections(server) > 0
    await clients.close_clients()
    await until(lambda: connections(server) == 0)
    await until(lambda: set(asyncio.all_tasks()) <= before)
    await until(lambda: not [t for t in threading.enumerate() if "poll" in t.name])


class CancelsAfter(logging.Handler):
    """Cancels a task when the HTTP library tells of its nth answer."""

    def __init__(self, answers):
        super().__init__()
        self.task = None
        self._left = answers

    def emit(self, record):
        self._left -= 1
        if not self._left:
            self.task.cancel()


@pytest.mark.parametrize("answers", [1, 2])
async def test_one_who_is_cancelled_while_connecting_leaves_nothing(clients, server, answers, caplog):
    cancels = CancelsAfter(answers)
    http = logging.getLogger("httpx")
    http.addHandler(cancels)
    try:
        with caplog.at_level(logging.INFO, "httpx"):
            cancels.task = asyncio.create_task(clients.get_async_client())
            with pytest.raises(asyncio.CancelledError):
                await cancels.task
    finally:
        http.removeHandler(cancels)
    await until(lambda: connections(server) == 0)
    assert await (await clients.get_async_client()).is_ready()


async def test_the_package_index_is_not_asked(clients, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as index:
        index.setblocking(False)
        address = f"http://127.0.0.1:{index.getsockname()[1]}"
        monkeypatch.setattr("weaviate.connect.v4.PYPI_PACKAGE_URL", address)
        await clients.start_clients()
        with pytest.raises(BlockingIOError):
            index.accept()


async def test_a_proxy_of_the_environment_is_not_asked_for_what_is_near(clients, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    await clients.start_clients()
    assert await (await clients.get_async_client()).is_ready()


def test_loading_the_library_prints_nothing():
    loading = "from elysia_desktop.stores.weaviate.connection import _load_library as load; load()"
    ended = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")


async def test_a_server_that_went_away_is_told_and_one_that_is_back_answers(clients, server):
    async with clients.connect_to_async_client() as client:
        assert await client.collections.list_all() == {}
        await asyncio.to_thread(server.stop)
        try:
            with pytest.raises(StoreUnreachable, match="No Weaviate answers"):
                await clients.restart_async_client(force=True)
            assert await clients.get_async_client() is client, "what could not be restarted stays"
        finally:
            await asyncio.to_thread(server.start)
        assert await client.collections.list_all() == {}
