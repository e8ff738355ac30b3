"""What a Weaviate's first answers mean, in words for the person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import (
    ConfigurationError,
    ElysiaError,
    MissingKey,
    NotSupported,
    StoreError,
    StoreUnreachable,
)

if TYPE_CHECKING:
    import httpx

    from elysia_desktop.stores.weaviate.endpoint import Endpoint

OLDEST = (1, 27)
"""The oldest version that the client library speaks with."""

SERVING = b"\x08\x01"
"""The answer of gRPC's health service: `status: SERVING`."""

_CHECK = "Check the address in Settings → Data connection."
_HINTS = {
    "cloud": "Check your network and the cluster's address, and that the cluster is running.",
    "local": "Start Weaviate on this computer, or correct its port in Settings → Data connection.",
    "custom": "Start it, or correct its host and port in Settings → Data connection.",
}


def unreachable(endpoint: Endpoint) -> StoreUnreachable:
    """Nothing answered over HTTP."""
    return StoreUnreachable(f"No Weaviate answers at {endpoint.http.url}.", _HINTS[endpoint.source])


def unreachable_grpc(endpoint: Endpoint) -> StoreUnreachable:
    """HTTP answered, gRPC did not."""
    return StoreUnreachable(
        f"Weaviate answers at {endpoint.http.url}, but its gRPC service does not at {endpoint.grpc.target}.",
        "Open that port, or correct the gRPC settings in Settings → Data connection.",
    )


def objection(endpoint: Endpoint, reply: httpx.Response) -> ElysiaError | None:
    """Why there is no working with what answered `/v1/meta`; None when it is a Weaviate that lets us in."""
    url = endpoint.http.url
    if reply.status_code in {401, 403}:
        if endpoint.key is None:
            return MissingKey(
                f"Weaviate at {url} asks for an API key.",
                "Enter it in Settings → Data connection, or set WCD_API_KEY.",
            )
        return ConfigurationError(
            f"Weaviate at {url} does not accept the API key.",
            "Correct the key in Settings → Data connection, or WCD_API_KEY.",
        )
    if reply.status_code == 429 or reply.status_code >= 500:
        return StoreUnreachable(
            f"Weaviate at {url} is not ready (HTTP status {reply.status_code}).", "Try again in a moment."
        )
    version = _version(reply)
    if version is None:
        return StoreError(f"What answers at {url} is not Weaviate.", _CHECK)
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST:
        needed = ".".join(map(str, OLDEST))
        return NotSupported(f"Weaviate at {url} has version {version}.", f"Upgrade it to {needed} or newer.")
    return None


def _version(reply: httpx.Response) -> str | None:
    if reply.status_code != 200:
        return None
    try:
        return str(reply.json()["version"])
    except (ValueError, TypeError, KeyError):
        return None
