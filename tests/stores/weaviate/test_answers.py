"""What a server's first answer means is told in words."""

import httpx
import pytest

from elysia_desktop.core.errors import (
    ConfigurationError,
    MissingKey,
    NotSupported,
    StoreError,
    StoreUnreachable,
)
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.answers import objection
from elysia_desktop.stores.weaviate.endpoint import Endpoint, Timeouts


def asked(reply, key=""):
    return objection(Endpoint.of(Settings(data_source="local", wcd_api_key=key), Timeouts()), reply)


@pytest.mark.parametrize("version", ["1.27.0", "1.36.23", "1.40.0-rc.1", "2.0.0"])
def test_a_weaviate_that_is_new_enough_is_fine(version):
    assert asked(httpx.Response(200, json={"version": version})) is None


@pytest.mark.parametrize(
    ("reply", "key", "kind", "said"),
    [
        (httpx.Response(401), "", MissingKey, "asks for an API key"),
        (httpx.Response(401), "k", ConfigurationError, "does not accept the API key"),
        (httpx.Response(403), "k", ConfigurationError, "does not accept the API key"),
        (httpx.Response(503), "", StoreUnreachable, "not ready"),
        (httpx.Response(429), "", StoreUnreachable, "not ready"),
        (httpx.Response(404), "", StoreError, "not Weaviate"),
        (httpx.Response(302, headers={"location": "/login"}), "", StoreError, "not Weaviate"),
        (httpx.Response(200, text="<html>"), "", StoreError, "not Weaviate"),
        (httpx.Response(200, json=[1]), "", StoreError, "not Weaviate"),
        (httpx.Response(200, json={"hello": 1}), "", StoreError, "not Weaviate"),
        (httpx.Response(200, json={"version": "1.26.9"}), "", NotSupported, "1.26.9"),
    ],
)
def test_what_keeps_us_out_is_told_with_where_and_what_to_do(reply, key, kind, said):
    error = asked(reply, key)
    assert type(error) is kind
    assert said in str(error)
    assert "http://localhost:8080" in str(error)
    assert error.hint
