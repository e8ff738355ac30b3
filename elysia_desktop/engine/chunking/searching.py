"""Which parts of the long documents that a request found speak of what it asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.engine.chunking.cutting import Chunk, chunks_of
from elysia_desktop.engine.chunking.keeping import DOCUMENT, SPAN, existing, keep, made, within

if TYPE_CHECKING:
    from elysia_desktop.core.requests import QueryRequest
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.base import Store, StoredObject

logger = logging.getLogger(__name__)

LONG = 400
"""Tokens; documents whose longest text has more on average are chunked."""
PER_DOCUMENT = 3
"""Chunks of one document that are told to the model."""
_SHORT = 120
"""Characters; what a document says of itself in more than that is not repeated with each of its chunks."""
_Scored = tuple[Chunk, float | None]


def long_field(metadata: Mapping[str, Any]) -> str | None:
    """The longest text field of a collection where it is long enough to be chunked."""
    lengths = {
        str(field["name"]): float(field.get("mean") or 0)
        for field in metadata.get("fields") or ()
        if field["type"] == "text"
    }
    longest = max(lengths, key=lambda name: lengths[name], default=None)
    return longest if longest is not None and lengths[longest] > LONG else None


def is_built_in(store: Store) -> bool:
    """Whether a store is the application's own, where nobody need be asked before a collection is made."""
    from elysia_desktop.stores.library import Library

    return isinstance(store, Library)


async def are_kept(store: Store, collection: str, field: str) -> bool:
    """Whether there is a collection of the chunks already."""
    return await existing(store, await store.schema(collection), field) is not None


async def find_parts(
    store: Store, request: QueryRequest, documents: Sequence[StoredObject], field: str, shown: Sequence[str]
) -> list[dict[str, Any]]:
    """Parts of the documents that a request found: the best of each in their order, then the next best of each.

    Each has at least one and at most `PER_DOCUMENT`, so that a book leaves room for the others; there are none where
    no document has a text. `shown` are the fields that are told of a document beside its text. Makes the collection
    of the chunks.
    """
    cut = await asyncio.to_thread(_cut, documents, field)
    if not any(cut.values()):
        return []
    kept_as = await made(store, await store.schema(request.collection), field)
    await keep(store, kept_as, field, [chunk for chunks in cut.values() for chunk in chunks])
    best = await _best(store, kept_as, request, cut)
    by_id = {str(document["uuid"]): document for document in documents}
    turns = zip_longest(*best.values())
    chosen = (each for turn in turns for each in turn if each is not None)
    return [_told(chunk, score, by_id[chunk.document], field, shown) for chunk, score in chosen]


def _cut(documents: Sequence[StoredObject], field: str) -> dict[str, list[Chunk]]:
    """The chunks of each document's text, by the documents' ids."""
    texts = {str(document["uuid"]): document.get(field) for document in documents}
    return {uuid: chunks_of(uuid, text) if isinstance(text, str) else [] for uuid, text in texts.items()}


async def _best(
    store: Store, kept_as: CollectionSchema, request: QueryRequest, cut: Mapping[str, Sequence[Chunk]]
) -> dict[str, list[_Scored]]:
    """The best chunks of each document: those that a search finds, else the first."""
    best: dict[str, list[_Scored]] = {uuid: [] for uuid in cut}
    for search in _searches(kept_as, request):
        without = {uuid: chunks for uuid, chunks in cut.items() if chunks and not best[uuid]}
        if not without:
            break
        by_id = {chunk.uuid: chunk for chunks in without.values() for chunk in chunks}
        for hit in await _hits(store, kept_as, search, without, len(by_id)):
            chunk = by_id.get(str(hit["uuid"]))
            if chunk and len(best[chunk.document]) < PER_DOCUMENT:
                best[chunk.document].append((chunk, hit.get("_score")))
    return {uuid: found or [(_first(uuid, cut[uuid]), None)] for uuid, found in best.items()}


def _first(uuid: str, chunks: Sequence[Chunk]) -> Chunk:
    """What is read of a document of which nothing is found: it was found by something else, and may have no text."""
    return chunks[0] if chunks else Chunk(uuid, 0, 0, "")


def _searches(kept_as: CollectionSchema, request: QueryRequest) -> list[QueryRequest]:
    """How the chunks are searched: as the documents were, then by words, as new ones may not have their vectors yet."""
    names = {vector.name for vector in kept_as.vectors}
    targets = tuple(name for name in request.target_vectors or () if name in names) or None
    ids_only = {"collection": kept_as.name, "sort": (), "offset": 0, "properties": ()}
    alike = request.model_copy(update={**ids_only, "target_vectors": targets})
    by_words = alike.model_copy(update={"search": "keyword", "target_vectors": None})
    return [alike, by_words] if names and request.search != "keyword" else [by_words]


async def _hits(
    store: Store, kept_as: CollectionSchema, search: QueryRequest, documents: Iterable[str], chunks: int
) -> list[StoredObject]:
    """What a search finds of the so many chunks of these documents: all, as the best could be of one document."""
    filters = within(kept_as, documents)
    most = min(chunks, MAX_LIMIT) if filters else MAX_LIMIT
    try:
        page = await store.query(search.model_copy(update={"filters": filters, "limit": most}))
    except (NotSupported, QueryRejected) as error:
        if search.search == "keyword":
            raise
        logger.info("The chunks in %s are searched by words: %s", search.collection, error)
        return []
    return page.objects


def _told(
    chunk: Chunk, score: float | None, document: StoredObject, field: str, shown: Sequence[str]
) -> dict[str, Any]:
    """A chunk as the model reads it: where it stands, then its text."""
    about = {name: document[name] for name in shown if name != field and _is_short(document.get(name))}
    scored = {} if score is None else {"_score": score}
    return {
        **about,
        field: chunk.text,
        "uuid": chunk.uuid,
        SPAN: [chunk.start, chunk.end],
        DOCUMENT: chunk.document,
        **scored,
    }


def _is_short(value: Any) -> bool:
    return value is not None and len(str(value)) <= _SHORT
