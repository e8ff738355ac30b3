"""Where a Weaviate is and what is sent to it, as the settings say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.provider_keys import provider_headers, sendable

_NO_HOST = re.compile(r"[\s/:@?#\[\]]")
_WHERE = "Enter it in Settings → Data connection, or set {}."


@dataclass(frozen=True)
class Address:
    """A host, a port, and whether what is said there is encrypted."""

    host: str
    port: int
    secure: bool

    @property
    def url(self) -> str:
        """As a browser has it."""
        return f"{'https' if self.secure else 'http'}://{self.host}:{self.port}"

    @property
    def target(self) -> str:
        """As gRPC has it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Timeouts:
    """How long to wait for an answer, in seconds."""

    query: float = 60
    insert: float = 120
    init: float = 5


@dataclass(frozen=True)
class Endpoint:
    """A Weaviate to connect to; two that are equal can share a connection."""

    source: Literal["cloud", "local", "custom"]
    http: Address
    grpc: Address
    key: SecretStr | None
    headers: tuple[tuple[str, SecretStr], ...]
    timeouts: Timeouts

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys that are sent there, which no message may repeat."""
        keys = (*((self.key,) if self.key is not None else ()), *(key for _, key in self.headers))
        return tuple(key.get_secret_value() for key in keys)

    @classmethod
    def of(cls, settings: Settings, timeouts: Timeouts) -> Endpoint:
        """What the settings name; `ConfigurationError` says which of them is missing or does not fit."""
        match settings.data_source:
            case "library":
                raise ConfigurationError(
                    "No Weaviate is set: the data is in the built-in library.",
                    "Choose one in Settings → Data connection, or set WCD_URL, WEAVIATE_IS_LOCAL or WEAVIATE_IS_CUSTOM.",
                )
            case "cloud":
                http, grpc = _cloud(settings)
            case "local":
                http = Address("localhost", settings.local_weaviate_port, secure=False)
                grpc = Address("localhost", settings.local_weaviate_grpc_port, secure=False)
            case "custom":
                http, grpc = _custom(settings)
        if http.target == grpc.target:
            raise ConfigurationError(
                f"HTTP and gRPC of Weaviate cannot both be at {http.target}.",
                "Correct one of the two ports in Settings → Data connection.",
            )
        key = sendable("WCD_API_KEY", settings.wcd_api_key) if settings.wcd_api_key is not None else None
        return cls(
            source=settings.data_source,
            http=http,
            grpc=grpc,
            key=key if key is not None and key.get_secret_value() else None,
            headers=provider_headers(settings.api_keys),
            timeouts=timeouts,
        )


def _cloud(settings: Settings) -> tuple[Address, Address]:
    if not settings.wcd_url:
        raise ConfigurationError("The cluster's address is not set.", _WHERE.format("WCD_URL"))
    host = _cluster(settings.wcd_url)
    if not host:
        raise ConfigurationError(
            f"{settings.wcd_url} is not the address of a Weaviate Cloud cluster: those are https, without a port.",
            "Correct it, or choose “local” or “custom” for a Weaviate elsewhere.",
        )
    name, _, domain = host.partition(".")
    grpc = f"{name}.grpc.{domain}" if domain == "weaviate.network" else f"grpc-{host}"
    return Address(host, 443, secure=True), Address(grpc, 443, secure=True)


def _custom(settings: Settings) -> tuple[Address, Address]:
    host = _host(settings.custom_http_host)
    if not host:
        raise ConfigurationError("Weaviate's host is not set.", _WHERE.format("CUSTOM_HTTP_HOST"))
    return (
        Address(host, settings.custom_http_port, settings.custom_http_secure),
        Address(
            _host(settings.custom_grpc_host) or host, settings.custom_grpc_port, settings.custom_grpc_secure
        ),
    )


def _cluster(url: str) -> str:
    """The host of a cluster's address; empty when it is not one."""
    try:
        parts = urlsplit(url)
        is_cluster = parts.scheme == "https" and parts.port in {None, 443}
    except ValueError:
        return ""
    return (parts.hostname or "") if is_cluster else ""


def _host(text: str) -> str:
    """The host's name alone, where a person pasted an address; `ConfigurationError` where more is in it."""
    host = text.strip().rpartition("://")[2].rstrip("/")
    try:
        return f"[{IPv6Address(host.strip('[]'))}]"
    except ValueError:
        if _NO_HOST.search(host):
            raise ConfigurationError(
                f"“{host}” is not the name of a host.",
                "Enter it alone, without a port or path, in Settings → Data connection.",
            ) from None
        return host
