"""The settings of the data: where collections are, and what turns their texts into vectors."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from elysia_desktop.core.model_settings import ModelSettings
from elysia_desktop.core.setting_fields import setting

_WEAVIATE = "Weaviate"
_EMBEDDER = "Search by meaning"


class DataSettings(ModelSettings):
    """What is set of the data connection and the embedder, after the models."""

    # fmt: off
    data_source: Literal["library", "cloud", "local", "custom"] = setting(
        "library", "Data", "Where collections are kept: the built-in library, or Weaviate.",
        "Data connection", section="Source")
    wcd_url: str = setting(
        "", "Cluster address", "The REST address of a Weaviate Cloud cluster.",
        "Data connection", section=_WEAVIATE, max_length=2000)
    local_weaviate_port: int = setting(
        8080, "HTTP port", "Port of Weaviate on this computer.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535)
    local_weaviate_grpc_port: int = setting(
        50051, "gRPC port", "gRPC port of Weaviate on this computer.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535)
    custom_http_host: str = setting(
        "", "HTTP host", "Host of a Weaviate elsewhere.",
        "Data connection", section=_WEAVIATE, max_length=300
    )
    custom_http_port: int = setting(
        8080, "HTTP port", "Its HTTP port.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535
    )
    custom_http_secure: bool = setting(
        False, "HTTPS", "Encrypt HTTP with TLS.",
        "Data connection", section=_WEAVIATE
    )
    custom_grpc_host: str = setting(
        "", "gRPC host", "Host of its gRPC service.",
        "Data connection", section=_WEAVIATE, max_length=300
    )
    custom_grpc_port: int = setting(
        50051, "gRPC port", "Its gRPC port.",
        "Data connection", section=_WEAVIATE, ge=1, le=65535
    )
    custom_grpc_secure: bool = setting(
        False, "gRPC over TLS", "Encrypt gRPC with TLS.",
        "Data connection", section=_WEAVIATE
    )
    wcd_api_key: SecretStr | None = setting(
        None, "API key", "The key of the Weaviate cluster.",
        "Data connection", section=_WEAVIATE, widget="secret")
    weaviate_consistency: Literal["default", "one", "quorum", "all"] = setting(
        "default", "Consistency", "How many replicas of a cluster must agree on what is read and written.",
        "Data connection", section=_WEAVIATE)
    weaviate_tenant: str = setting(
        "", "Tenant", "Whose objects to work on, in collections that keep tenants apart.",
        "Data connection", section=_WEAVIATE, max_length=64)
    allow_chunk_collections: bool | None = setting(
        None, "Chunk collections", "Whether a collection may be made for the parts of long documents, to find them.",
        "Data connection", section=_WEAVIATE)

    embedder: Literal["none", "offline", "ollama", "openai"] = setting(
        "none", "Embedder", "What turns texts of the built-in library into vectors, for search by meaning.",
        "Data connection", section=_EMBEDDER)
    embedder_model: str = setting(
        "", "Embedding model", "The model's name; empty: the usual one of the embedder.",
        "Data connection", section=_EMBEDDER, max_length=300)
    embedder_api_base: str = setting(
        "", "Address", "Where it is served; empty: the usual address. Anything that speaks as OpenAI does will do.",
        "Data connection", section=_EMBEDDER, widget="address", max_length=2000)
    # fmt: on
