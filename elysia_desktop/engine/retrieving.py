"""Carries out a query: the objects found in their display, of long documents the parts that matter."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import NotSupported, StoreError
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import ConsentAsked, Return
from elysia_desktop.core.payloads import Warning as WarningUpdate
from elysia_desktop.core.requests import QueryRequest, shown
from elysia_desktop.engine.chunking.searching import are_kept, find_parts, is_built_in, long_field
from elysia_desktop.engine.request_code import code_of
from elysia_desktop.engine.summaries import MARK
from elysia_desktop.engine.tools.retrievals import (
    ConversationRetrieval,
    DocumentRetrieval,
    mapping_for,
    retrieval_as,
)
from elysia_desktop.engine.wanted import Wanted, refused

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.stores.base import Store, StoredObject

logger = logging.getLogger(__name__)

_ASKED_TO_CHUNK = "asked_to_chunk"


class Search:
    """One request, as the model wrote it, and what is known of its collection."""

    def __init__(
        self,
        request: QueryRequest,
        wanted: Wanted,
        known: Mapping[str, Any],
        schema: CollectionSchema,
        tree_data: TreeData,
    ) -> None:
        self.request = request
        self.known = known
        self.schema = schema
        self.display = wanted.display or _fitting(request, known)
        self.summarise = wanted.summarise
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
        try:
            page = await store.query(self.request)
        except NotSupported as error:
            if self.request.search != "hybrid":
                raise
            name, words_alone = self.request.collection, {"search": "keyword", "target_vectors": None}
            remarks.append(WarningUpdate(f"“{name}” is searched by its words alone. {error.sentence}"))
            self.request = self.request.model_copy(update=words_alone)
            page = await store.query(self.request)
        request, known = self.request, self.known
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


def is_forbidden(store: Store, tree_data: TreeData) -> bool:
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


def displays(known: Mapping[str, Any]) -> list[str]:
    """The displays of a collection, the table first: it is right for anything ranked or filtered."""
    fitting: list[str] = list(known.get("mappings") or ())
    return ["table", *(name for name in fitting if name != "table")]


def _fitting(request: QueryRequest, known: Mapping[str, Any]) -> str:
    """The display of what nobody chose one for: documents where texts are searched, else the table."""
    is_searched = request.search != "none" and not request.sort
    return "document" if is_searched and "document" in displays(known) else "table"
