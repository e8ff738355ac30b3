"""The program that does what a request did, as a result carries it for the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.python_program import LOCAL
from elysia_desktop.core.requests import AggregateRequest, QueryRequest
from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.connect_code import connect_code

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData


def code_of(
    request: QueryRequest | AggregateRequest,
    schema: CollectionSchema,
    clients: ClientManager,
    tree_data: TreeData,
) -> dict[str, Any]:
    """`{"language", "title", "text"}` of a program for weaviate-client; it reads keys from the environment.

    It connects as the clients do, or as the tree's settings say where these are not ours.
    """
    settings: Any = getattr(clients, "settings", None)
    return _code(request, schema, settings if isinstance(settings, Settings) else tree_data.settings)


def _code(
    request: QueryRequest | AggregateRequest, schema: CollectionSchema, settings: Settings
) -> dict[str, Any]:
    is_library = settings.data_source == "library"
    program = request.to_python(
        _connection(request, schema, settings),
        schema=schema,
        tenant=settings.weaviate_tenant if schema.multi_tenant and not is_library else "",
        consistency="default" if is_library else settings.weaviate_consistency,
    )
    where = "for a Weaviate that holds the same data" if is_library else "for Weaviate"
    return {"language": "python", "title": f"The request as a program {where}", "text": program}


def _connection(
    request: QueryRequest | AggregateRequest, schema: CollectionSchema, settings: Settings
) -> str:
    by_vector = request.search in {"vector", "hybrid"}
    try:
        return connect_code(settings, (vector.vectorizer for vector in schema.vectors if by_vector))
    except ConfigurationError:  # the settings are being changed
        return LOCAL
