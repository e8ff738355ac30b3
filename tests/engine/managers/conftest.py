import pytest
from engine.managers.keeping import Clock, CountingClients

from elysia_desktop.core.defaults import reset_settings
from elysia_desktop.stores.library import Library


@pytest.fixture(autouse=True)
def _own_defaults():
    """No test sees what another configured or had in its environment."""
    reset_settings()
    yield
    reset_settings()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def library(tmp_path):
    opened = Library(tmp_path / "library")
    yield opened
    await opened.close()


@pytest.fixture
def saving(library):
    """Clients with a store to save in."""
    return CountingClients(library)
