"""Opens clients of a Weaviate, one that blocks and one for an event loop."""

from __future__ import annotations

import asyncio
import logging
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx

from elysia_desktop.stores.weaviate.answers import SERVING, objection, unreachable, unreachable_grpc

if TYPE_CHECKING:
    from weaviate import WeaviateAsyncClient, WeaviateClient

    from elysia_desktop.stores.weaviate.endpoint import Address, Endpoint

_META = "/v1/meta"
_HEALTH = "/grpc.health.v1.Health/Check"


def open_client(endpoint: Endpoint) -> WeaviateClient:
    """A connected client; blocks the thread.

    Raises `StoreUnreachable` when nothing answers, `ConfigurationError` when the key is not accepted and
    `StoreError` when what answers cannot be worked with.
    """
    weaviate = _load_library()
    grpc: Any = import_module("grpc")
    try:
        with httpx.Client(**_http(endpoint)) as http:
            _check_meta(endpoint, http.get(_META))
    except httpx.HTTPError as error:
        raise unreachable(endpoint) from error
    try:
        with _channel(grpc, endpoint.grpc) as channel:
            _check_health(endpoint, channel.unary_unary(_HEALTH)(b"", timeout=endpoint.timeouts.init))
    except grpc.RpcError as error:
        raise unreachable_grpc(endpoint) from error
    client: WeaviateClient = weaviate.WeaviateClient(**_arguments(endpoint))
    try:
        client.connect()
    except (httpx.HTTPError, weaviate.exceptions.WeaviateBaseError) as error:
        client.close()
        raise unreachable(endpoint) from error
    except BaseException:
        client.close()
        raise
    return client


async def open_async_client(endpoint: Endpoint) -> WeaviateAsyncClient:
    """A connected client of the running event loop, which is never blocked. Raises as `open_client` does."""
    weaviate = await asyncio.to_thread(_load_library)
    grpc: Any = import_module("grpc")
    # Reading the trusted certificates takes tens of milliseconds.
    http = await asyncio.to_thread(lambda: httpx.AsyncClient(**_http(endpoint)))
    try:
        async with http:
            _check_meta(endpoint, await http.get(_META))
    except httpx.HTTPError as error:
        raise unreachable(endpoint) from error
    try:
        async with _channel(grpc.aio, endpoint.grpc, grpc) as channel:
            _check_health(endpoint, await channel.unary_unary(_HEALTH)(b"", timeout=endpoint.timeouts.init))
    except grpc.RpcError as error:
        raise unreachable_grpc(endpoint) from error
    client: WeaviateAsyncClient = weaviate.WeaviateAsyncClient(**_arguments(endpoint))
    try:
        await client.connect()
    except (httpx.HTTPError, weaviate.exceptions.WeaviateBaseError) as error:
        await client.close()
        raise unreachable(endpoint) from error
    except BaseException:
        await client.close()
        raise
    return client


def _load_library() -> Any:
    """The client library, with a warning of one of its dependencies about another one silenced."""
    import_module("authlib.deprecate")  # puts up a filter that shows the warning: ours must come after it
    warnings.filterwarnings("ignore", message="The httpx module is deprecated")
    weaviate = import_module("weaviate")
    # It logs every object that the server turned away, whole; who sent them is told why.
    logging.getLogger("weaviate-client").setLevel(logging.CRITICAL)
    return weaviate


def _http(endpoint: Endpoint) -> dict[str, Any]:
    key = endpoint.key
    return {
        "base_url": endpoint.http.url,
        "timeout": endpoint.timeouts.init,
        "headers": {"authorization": f"Bearer {key.get_secret_value()}"} if key else None,
        "trust_env": False,  # as the client library does
    }


def _check_meta(endpoint: Endpoint, reply: httpx.Response) -> None:
    error = objection(endpoint, reply)
    if error is not None:
        raise error


def _check_health(endpoint: Endpoint, reply: bytes) -> None:
    if reply != SERVING:
        raise unreachable_grpc(endpoint)


def _channel(module: Any, address: Address, grpc: Any = None) -> Any:
    options = [("grpc.default_authority", address.host)]
    if not address.secure:
        return module.insecure_channel(address.target, options=options)
    credentials = (grpc or module).ssl_channel_credentials()
    return module.secure_channel(address.target, credentials, options=options)


def _arguments(endpoint: Endpoint) -> dict[str, Any]:
    from weaviate.auth import Auth
    from weaviate.config import AdditionalConfig, Timeout
    from weaviate.connect import ConnectionParams

    http, grpc, wait, key = endpoint.http, endpoint.grpc, endpoint.timeouts, endpoint.key
    return {
        "connection_params": ConnectionParams.from_params(
            http.host, http.port, http.secure, grpc.host, grpc.port, grpc.secure
        ),
        "auth_client_secret": Auth.api_key(key.get_secret_value()) if key else None,
        "additional_headers": {name: secret.get_secret_value() for name, secret in endpoint.headers},
        "additional_config": AdditionalConfig(
            timeout=Timeout(query=wait.query, insert=wait.insert, init=wait.init)
        ),
        # The library's own checks also ask a package index for a newer version of it.
        "skip_init_checks": True,
    }
