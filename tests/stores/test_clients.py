"""The data store that the settings name is opened once, when it is needed; so are a Weaviate's clients."""

import asyncio
import os
import socket
from datetime import timedelta

import pytest
from pydantic import SecretStr
from stores.weaviate.fakes import Clock, Shared, SharedAsync
from support.embedding_server import EmbeddingServer

from elysia_desktop.core.defaults import reset_settings
from elysia_desktop.core.errors import ConfigurationError, NotSupported, StoreUnreachable
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.schema import CollectionSchema, Property
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.weaviate.store import WeaviateStore

CANARY = "k-canary-1234"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    """No setting comes from whoever runs the tests."""
    names = {name.upper() for name in Settings.model_fields}
    for name in list(os.environ):
        if name in names or name.startswith("WEAVIATE_IS_") or name.endswith(("_API_KEY", "_APIKEY")):
            monkeypatch.delenv(name)
    reset_settings()
    yield
    reset_settings()


@pytest.fixture
def silent():
    """A port where something listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed():
    """A port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_the_library_is_shared_and_opens_again_after_closing(tmp_path):
    clients = ClientManager(settings=Settings(), library_folder=tmp_path / "library")
    assert not (tmp_path / "library").exists()
    store = clients.store()
    assert clients.store() is store
    assert await store.collections() == []
    await clients.close_clients()
    await clients.close_clients()
    again = clients.store()
    assert again is not store
    assert await again.collections() == []
    await clients.close_clients()


async def test_the_library_is_there_wherever_the_data_is_and_closed_with_the_rest(tmp_path):
    clients = ClientManager(settings=Settings(), library_folder=tmp_path / "library")
    library = clients.library()
    assert library is clients.store()
    clients.settings = Settings(data_source="local", local_weaviate_port=1)
    assert clients.library() is library
    assert clients.store() is not library
    await library.create(CollectionSchema(name="Kept", properties=()))
    await clients.close_clients()
    with pytest.raises(StoreUnreachable, match="closed"):
        await library.collections()
    assert [info.name for info in await clients.library().collections()] == ["Kept"]
    await clients.close_clients()


@pytest.mark.parametrize("source", ["cloud", "local", "custom"])
async def test_every_weaviate_has_one_store_which_opens_nothing_by_itself(tmp_path, source):
    clients = ClientManager(settings=Settings(data_source=source), library_folder=tmp_path / "library")
    store = clients.store()
    assert isinstance(store, WeaviateStore)
    assert clients.store() is store
    await clients.close_clients()
    assert not (tmp_path / "library").exists()
    assert clients.store() is not store
    await clients.close_clients()


async def test_settings_that_change_are_followed(tmp_path, closed):
    settings = Settings()
    clients = ClientManager(settings=settings, library_folder=tmp_path / "library")
    assert await clients.store().collections() == []
    settings.configure(data_source="local", local_weaviate_port=closed)
    assert clients.is_client
    with pytest.raises(StoreUnreachable, match=f"http://localhost:{closed}"):
        await clients.store().collections()
    clients.settings = Settings()
    assert not clients.is_client
    assert await clients.store().collections() == []
    await clients.close_clients()


async def test_a_store_follows_the_address(tmp_path, weaviate_node, closed):
    settings = Settings(data_source="local", local_weaviate_port=closed)
    clients = ClientManager(settings=settings)
    store = clients.store()
    with pytest.raises(StoreUnreachable):
        await store.collections()
    settings.configure(
        local_weaviate_port=weaviate_node.port, local_weaviate_grpc_port=weaviate_node.grpc_port
    )
    await store.collections()
    settings.configure(local_weaviate_port=closed)
    with pytest.raises(StoreUnreachable):
        await store.collections()
    await clients.close_clients()


async def test_without_a_folder_it_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    clients = ClientManager()
    await clients.store().collections()
    await clients.close_clients()
    assert (tmp_path / "elysia-desktop" / "library" / "library.db").exists()


def test_without_settings_they_are_the_environments(monkeypatch):
    monkeypatch.setenv("WCD_URL", "x.weaviate.cloud")
    monkeypatch.setenv("WCD_API_KEY", CANARY)
    monkeypatch.setenv("CLIENT_TIMEOUT", "3")
    clients = ClientManager()
    assert clients.is_client
    assert clients.settings.wcd_api_key == SecretStr(CANARY)
    assert clients.client_timeout == timedelta(minutes=3)


def test_what_is_given_wins_over_the_settings_which_stay_as_they_are():
    settings = Settings(data_source="local", local_weaviate_port=1, wcd_api_key="old")
    before = settings.model_copy(deep=True)
    clients = ClientManager("https://x.weaviate.cloud", "new", settings=settings, openai_api_key="o")
    assert settings == before
    assert clients.settings.data_source == "cloud"
    assert clients.settings.wcd_api_key == SecretStr("new")
    assert clients.settings.api_key("OPENAI_API_KEY") == "o"
    assert clients.settings.local_weaviate_port == 1


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ({"weaviate_is_local": True, "wcd_url": "https://x"}, "local"),
        ({"weaviate_is_custom": True}, "custom"),
        ({"weaviate_is_local": False, "weaviate_is_custom": False}, "library"),
        ({"wcd_url": "https://x"}, "cloud"),
        ({"wcd_url": ""}, "library"),
        ({}, "library"),
    ],
)
def test_the_flags_and_the_address_choose_where_the_data_is(given, source):
    assert ClientManager(settings=Settings(), **given).settings.data_source == source


def test_a_local_weaviate_can_be_denied():
    settings = Settings(data_source="local")
    assert ClientManager(settings=settings, weaviate_is_local=False).settings.data_source == "library"


def test_a_keyword_that_is_no_setting_is_refused():
    with pytest.raises(ConfigurationError, match="wdc_url"):
        ClientManager(settings=Settings(), wdc_url="https://x")


@pytest.mark.parametrize(
    ("given", "is_long"),
    [(timedelta(seconds=5), 5), (2, 120), (0.5, 30), (0, 0), (timedelta(), 0), (None, 420)],
)
def test_the_time_out_is_a_length_or_minutes_or_the_settings(given, is_long):
    clients = ClientManager(settings=Settings(client_timeout=7), client_timeout=given)
    assert clients.client_timeout.total_seconds() == is_long


@pytest.mark.parametrize("length", [float("inf"), float("nan"), 1e300, "5"])
def test_a_time_out_that_is_no_time_is_refused(length):
    with pytest.raises(ConfigurationError, match="time-out"):
        ClientManager(settings=Settings(), client_timeout=length)


def test_a_negative_time_out_is_refused():
    with pytest.raises(ConfigurationError, match="negative"):
        ClientManager(settings=Settings(), client_timeout=-1)


async def test_without_a_weaviate_there_is_no_client_and_nothing_to_start_or_restart():
    clients = ClientManager(settings=Settings())
    await clients.start_clients()
    await clients.restart_client(force=True)
    await clients.restart_async_client(force=True)
    with pytest.raises(ConfigurationError, match="No Weaviate is set"):
        clients.get_client()
    with pytest.raises(ConfigurationError, match="No Weaviate is set"):
        async with clients.connect_to_async_client():
            pass
    await clients.close_clients()


async def test_a_cluster_without_an_address_is_told():
    clients = ClientManager(settings=Settings(data_source="cloud"))
    assert not clients.is_client
    with pytest.raises(ConfigurationError, match="address is not set") as raised:
        await clients.get_async_client()
    assert "WCD_URL" in raised.value.hint
    with pytest.raises(ConfigurationError, match="address is not set"), clients.connect_to_client():
        pass


async def test_where_nothing_answers_that_is_told_with_the_address(closed):
    clients = ClientManager(settings=Settings(), weaviate_is_local=True, local_weaviate_port=closed)
    for opening in (
        clients.get_async_client(),
        asyncio.to_thread(clients.get_client),
        clients.start_clients(),
    ):
        with pytest.raises(StoreUnreachable, match=f"http://localhost:{closed}") as raised:
            await opening
        assert "Start Weaviate" in raised.value.hint
    await clients.close_clients()


async def test_one_that_never_answers_is_given_up(silent):
    clients = ClientManager(
        settings=Settings(),
        weaviate_is_custom=True,
        custom_http_host="127.0.0.1",
        custom_http_port=silent,
        init_timeout=0.2,
    )
    with pytest.raises(StoreUnreachable, match=f"http://127.0.0.1:{silent}"):
        await clients.get_async_client()
    with pytest.raises(StoreUnreachable):
        await asyncio.to_thread(clients.get_client)
    await clients.close_clients()


async def test_keys_are_reset_whole_and_the_callers_settings_stay():
    settings = Settings(data_source="local", local_weaviate_port=1)
    settings.set_api_key("old", "OPENAI_API_KEY")
    clients = ClientManager(settings=settings)
    await clients.reset_keys(wcd_url="https://x.weaviate.cloud", api_keys={"cohere_api_key": "c"})
    assert clients.settings.data_source == "cloud"
    assert clients.settings.local_weaviate_port == 8080
    assert list(clients.settings.api_keys) == ["COHERE_API_KEY"]
    assert settings.api_key("OPENAI_API_KEY") == "old"
    await clients.reset_keys()
    assert not clients.is_client


async def test_keys_that_do_not_fit_change_nothing():
    clients = ClientManager(settings=Settings(data_source="local"))
    before = clients.settings.to_json()
    with pytest.raises(ConfigurationError):
        await clients.reset_keys(weaviate_is_local=True, local_weaviate_port=0)
    with pytest.raises(ConfigurationError):
        await clients.reset_keys(weaviate_is_custom=True)
    assert clients.settings.to_json() == before


async def test_when_one_of_two_clients_cannot_be_opened_with_new_keys_both_stay():
    clients = ClientManager(settings=Settings(data_source="local"))
    clients._sync = Shared(Clock())
    clients._async = SharedAsync(Clock(), lambda: asyncio.sleep(0))
    old, blocking, before = await clients.get_async_client(), clients.get_client(), clients.settings
    clients._sync.failing = True
    with pytest.raises(ConnectionError):
        await clients.reset_keys(weaviate_is_local=True, wcd_api_key="new")
    assert clients.settings is before
    assert await clients.get_async_client() is old
    assert clients.get_client() is blocking
    assert [client.is_closed for client in clients._async.opened] == [False, True]
    clients._sync.failing = False
    await clients.reset_keys(weaviate_is_local=True, wcd_api_key="new")
    assert (old.is_closed, blocking.is_closed) == (True, True)
    assert await clients.get_async_client() is clients._async.opened[-1]
    await clients.reset_keys()
    assert all(client.is_closed for client in clients._async.opened + clients._sync.opened)


async def test_an_embedder_that_cannot_be_is_told_to_who_searches_by_meaning(tmp_path):
    settings = Settings(embedder="offline", embedder_model="nonsense")
    clients = ClientManager(settings=settings, library_folder=tmp_path / "library")
    library = clients.store()
    await library.create(CollectionSchema(name="Notes", properties=(Property(name="text", type="text"),)))
    await library.insert("Notes", [{"text": "red cat"}])
    request = QueryRequest(collection="Notes", search="keyword", text="red")
    assert (await library.query(request)).total == 1
    with pytest.raises(NotSupported, match="has no model “nonsense”") as caught:
        await library.query(request.model_copy(update={"search": "vector"}))
    assert "all-MiniLM-L6-v2" in caught.value.hint
    with pytest.raises(ConfigurationError, match="has no model “nonsense”"):
        await library.embed_pending()
    await clients.close_clients()


async def test_the_library_embeds_with_what_the_settings_name_now(tmp_path):
    settings = Settings()
    clients = ClientManager(settings=settings, library_folder=tmp_path / "library")
    library = clients.store()
    await library.create(CollectionSchema(name="Notes", properties=(Property(name="text", type="text"),)))
    await library.insert("Notes", [{"text": "red cat"}, {"text": "blue dog"}])
    request = QueryRequest(collection="Notes", search="vector", text="blue dog", limit=1)
    with EmbeddingServer(api_key=CANARY) as server:
        clients.settings.configure(
            embedder="openai", embedder_api_base=server.address, embedder_api_key=CANARY
        )
        assert clients.store() is library
        assert (await library.query(request)).objects[0]["text"] == "blue dog"
        await clients.close_clients()
    known = "The quick brown fox jumps over the lazy dog."
    assert sorted(server.texts) == [known, "blue dog", "blue dog", "red cat"]
    assert not any(CANARY.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
