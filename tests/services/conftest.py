"""What the services' tests share."""

import os

import pytest

from elysia_desktop.core.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    """No setting and no key comes from whoever runs the tests."""
    names = {name.upper() for name in Settings.model_fields} | {"MODEL_API_BASE"}
    for name in list(os.environ):
        if name in names or name.startswith("WEAVIATE_IS_") or name.endswith(("_API_KEY", "_APIKEY")):
            monkeypatch.delenv(name)
