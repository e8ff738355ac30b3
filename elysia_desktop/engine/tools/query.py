"""The tool that retrieves objects."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, create_model

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import ConsentAsked, Return, Status
from elysia_desktop.core.payloads import Warning as WarningUpdate
from elysia_desktop.core.requests import QueryRequest, shown
from elysia_desktop.engine.chunking.searching import are_kept, find_parts, is_built_in, long_field
from elysia_desktop.engine.request_code import code_of
from elysia_desktop.engine.request_schema import query_model, to_query
from elysia_desktop.engine.requesting import (
    MAX_REQUESTS,
    CollectionTool,
    ask_for_requests,
    readable_schemas,
    refused,
    refused_as_repeated,
    writes_details,
)
from elysia_desktop.engine.side_by_side import side_by_side
from elysia_desktop.engine.summaries import MARK, forget_waiting
from elysia_desktop.engine.tools.retrievals import (
    ConversationRetrieval,
    DocumentRetrieval,
    mapping_for,
    retrieval_as,
)

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.stores.base import Store, StoredObject

logger = logging.getLogger(__name__)

_INSTRUCTIONS = """\
Write the queries that retrieve the objects needed to answer the question, one per collection that is needed.
Filter on fields where the question names values, numbers or dates; search for words only in longer texts; sort \
where the question asks for the most, least, newest or oldest."""

_SUMMARISE = "summarise_each"
_ASKED_TO_CHUNK = "asked_to_chunk"


class Query(CollectionTool):
    """Retrieve objects that match the question."""

    name = "query"
    description = (
        "Find objects and texts: which, list, show, find, how to, what is said about, what does … say; "
        "also the cheapest, newest or first 5. Not for counting: how many is aggregate."
    )
    status = "Searching…"

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Return, None]:
        """Ask the complex model for requests, run them at the same time, yield what each found."""
        forget_waiting(tree_data.environment)
        store = client_manager.store()
        names = inputs.get("collection_names") or tree_data.collection_names
        metadata = tree_data.output_collection_metadata(names, with_mappings=True)
        schemas, failures = await readable_schemas(store, metadata)
        for failure in failures:
            yield failure
        detailed = writes_details(complex_lm)
        models = {
            name: _with_summaries(
                query_model(schema, metadata[name], _displays(metadata[name]), detailed=detailed)
            )
            for name, schema in schemas.items()
        }
        if not models:
            return
        written = await ask_for_requests(self.name, _INSTRUCTIONS, models, tree_data, complex_lm)
        for remark in written.remarks:
            yield remark
        searches: list[_Search] = []
        for reply in written.replies:
            request = to_query(reply)
            repeated = refused_as_repeated(self, request, tree_data)
            if repeated is not None:
                yield repeated
            elif all(request != other.request for other in searches):
                known, schema = metadata[request.collection], schemas[request.collection]
                searches.append(_Search(request, reply, known, schema, tree_data))
        if any(search.long_field for search in searches) and not _is_forbidden(store, tree_data):
            yield Status("Searching long documents…")
        works = [partial(search.found, client_manager) for search in searches]
        async with aclosing(side_by_side(works, MAX_REQUESTS, "queries")) as results:
            async for items in results:
                for item in items:
                    yield item


class _Search:
    """One request, as the model wrote it, and what is known of its collection."""

    def __init__(
        self,
        request: QueryRequest,
        reply: BaseModel,
        known: Mapping[str, Any],
        schema: CollectionSchema,
        tree_data: TreeData,
    ) -> None:
        self.request = request
        self.known = known
        self.schema = schema
        self.display: str = getattr(reply, "display", None) or _displays(known)[0]
        self.summarise = bool(getattr(reply, _SUMMARISE, False))
        self.tree_data = tree_data
        # A summary of each item is one of each document, not of each part of it.
        is_searched = self.display == "document" and request.search != "none" and not self.summarise
        self.long_field = long_field(known) if is_searched else None

    async def found(self, client_manager: ClientManager) -> list[Return]:
        """The objects in their display, or what went wrong; another collection's failure is not felt here."""
        store: Store = client_manager.store()
        started = perf_counter()
        remarks: list[Return] = []
        try:
            result = await self._result(store, remarks)
            if isinstance(result, ConversationRetrieval):
                await result.async_init(client_manager)
        except StoreError as error:
            return [*remarks, refused(error, self.request)]
        result.metadata["time"] = round(perf_counter() - started, 4)
        result.metadata["code"] = code_of(self.request, self.schema, client_manager, self.tree_data)
        if result.objects and self.summarise:
            result.metadata |= {"output_type": "summary", MARK: True}
        return [*remarks, result]

    async def _result(self, store: Store, remarks: list[Return]) -> Retrieval:
        """What the request finds; of long documents the model reads parts."""
        request, known = self.request, self.known
        page = await store.query(request)
        parts = await self._parts(store, page.objects, remarks)
        if not parts:
            return retrieval(request, page.objects, page.total, page.took_ms, self.display, known)
        name = request.collection
        return DocumentRetrieval(
            [{**item, "collection_name": name} for item in parts],
            {**_metadata(request, self.display), "chunked": True, "documents": len(page.objects)},
            mapping_for(self.display, known),
            full_documents=[{**item, "collection_name": name} for item in page.objects],
        )

    async def _parts(
        self, store: Store, documents: list[StoredObject], remarks: list[Return]
    ) -> list[dict[str, Any]]:
        """Parts of the documents that were found; none where these are to be read as a whole."""
        field, request = self.long_field, self.request
        if field is None:
            return []
        mapping = mapping_for(self.display, self.known) or {}
        shown_fields = [name for name in mapping.values() if name]
        try:
            if not await self._may_chunk(store, field, remarks):
                return []
            return await find_parts(store, request, documents, field, shown_fields)
        except StoreError as error:
            logger.warning(
                "The documents of %s are not searched by their parts: %s", request.collection, error
            )
            told = f"The documents of “{request.collection}” could not be searched by their parts: {error}"
            remarks.append(WarningUpdate(told))
            return []

    async def _may_chunk(self, store: Store, field: str, remarks: list[Return]) -> bool:
        """Whether chunks may be kept; a person who did not say so yet is asked once per conversation."""
        allowed = self.tree_data.settings.allow_chunk_collections
        if is_built_in(store):
            return True
        if allowed is None and await are_kept(store, self.request.collection, field):
            return True
        hidden = self.tree_data.environment.hidden_environment
        if allowed is None and not hidden.get(_ASKED_TO_CHUNK):
            hidden[_ASKED_TO_CHUNK] = True
            remarks.append(
                ConsentAsked(
                    "allow_chunk_collections",
                    f"The documents of “{self.request.collection}” are long. To find the passages that matter, "
                    "a collection of their parts must be made in your Weaviate.",
                )
            )
        return bool(allowed)


def _is_forbidden(store: Store, tree_data: TreeData) -> bool:
    """Whether the person does not want chunks to be kept in their database."""
    return tree_data.settings.allow_chunk_collections is False and not is_built_in(store)


def retrieval(
    request: QueryRequest,
    objects: list[dict[str, Any]],
    total: int | None,
    took_ms: float,
    display: str,
    known: Mapping[str, Any],
) -> Retrieval:
    """What a query found, shown as `display`; says which request found it."""
    told = [{**item, "collection_name": request.collection} for item in objects]
    metadata = {**_metadata(request, display), "total": total, "time": round(took_ms / 1000, 4)}
    return retrieval_as(display, told, metadata, known)


def _metadata(request: QueryRequest, display: str) -> dict[str, Any]:
    """What is told of a result: which request found it, and how it is shown."""
    return {
        "collection_name": request.collection,
        "display_type": display,
        "return_type": display,
        "output_type": "original",
        "query_text": request.text,
        "query_type": request.search,
        "query_output": shown(request),
        "total": None,
    }


def _with_summaries(request: type[BaseModel]) -> type[BaseModel]:
    """The request model with the choice to have each object summarised."""
    about = "true only if asked to summarise each object"
    fields: dict[str, Any] = {_SUMMARISE: (bool, Field(False, description=about))}
    return create_model(request.__name__, __base__=request, **fields)


def _displays(known: Mapping[str, Any]) -> list[str]:
    """The displays of a collection, the table first: it is right for anything ranked or filtered."""
    fitting: list[str] = list(known.get("mappings") or ())
    return ["table", *(name for name in fitting if name != "table")]
