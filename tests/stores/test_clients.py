"""The data store that the settings name is opened once, when it is needed."""

import pytest

from elysia_desktop.core.errors import NotSupported
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.clients import ClientManager


async def test_the_library_is_shared_and_opens_again_after_closing(tmp_path):
    clients = ClientManager(Settings(), tmp_path / "library")
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


@pytest.mark.parametrize("source", ["cloud", "local", "custom"])
async def test_a_source_that_is_not_there_yet_is_told(tmp_path, source):
    clients = ClientManager(Settings(data_source=source), tmp_path)
    with pytest.raises(NotSupported) as raised:
        clients.store()
    assert "Settings" in raised.value.hint
    await clients.close_clients()


async def test_settings_that_change_are_followed(tmp_path):
    clients = ClientManager(Settings(), tmp_path / "library")
    clients.store()
    clients.settings = Settings(data_source="local")
    with pytest.raises(NotSupported):
        clients.store()
    clients.settings = Settings()
    assert await clients.store().collections() == []
    await clients.close_clients()


async def test_without_a_folder_it_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    clients = ClientManager()
    await clients.store().collections()
    await clients.close_clients()
    assert (tmp_path / "elysia-desktop" / "library" / "library.db").exists()
