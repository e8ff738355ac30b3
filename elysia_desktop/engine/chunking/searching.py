"""Searches long documents by their parts: the documents broadly first, then the chunks of those found."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.engine.chunking.cutting import Chunk, chunks_of
from elysia_desktop.engine.chunking.keeping import DOCUMENT, SPAN, existing, keep, made, within

if TYPE_CHECKING:
    from elysia_desktop.core.requests import QueryRequest
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.base import Store, StoredObject

logger = logging.getLogger(__name__)

LONG = 400
"""Tokens; documents whose longest text has more on average are chunked."""
BROADER = 3
"""So many times the documents asked for are looked through."""
MOST_CANDIDATES = 100
PER_DOCUMENT = 3
"""Chunks of one document that are told to the model."""
_FOUND = 4
_MOST_FOUND = 400
_SHORT = 120
"""Characters; what a document says of itself in more than that is not repeated with each of its chunks."""


@dataclass(frozen=True)
class Parts:
    """The chunks that were found, best first, each with the short fields of its document, and the documents."""

    chunks: list[dict[str, Any]]
    documents: list[dict[str, Any]]


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


async def find_parts(store: Store, request: QueryRequest, field: str, shown: Sequence[str]) -> Parts | None:
    """The parts of documents that a search finds, None where the documents must do.

    `shown` are the fields that are told of a document beside its text. Makes the collection of the chunks.
    """
    documents = await store.schema(request.collection)
    broad = request.model_copy(update={"limit": _candidates(request.limit), "properties": None})
    candidates = (await store.query(broad)).objects
    chunks = await asyncio.to_thread(_cut, candidates, field)
    if not chunks:
        return None
    kept_as = await made(store, documents, field)
    await keep(store, kept_as, field, list(chunks.values()))
    hits = [hit for hit in (await _search(store, kept_as, request, candidates)) if str(hit["uuid"]) in chunks]
    if not hits:
        return None
    by_id = {str(document["uuid"]): document for document in candidates}
    best = _best(hits, chunks, request.limit)
    found = list(dict.fromkeys(chunk.document for chunk, _ in best))
    if request.sort:
        found = [uuid for uuid in by_id if uuid in found]
    return Parts(
        [_told(chunk, hit, by_id[chunk.document], field, shown) for chunk, hit in best],
        [by_id[uuid] for uuid in found],
    )


def _candidates(limit: int) -> int:
    return max(limit, min(BROADER * limit, MOST_CANDIDATES))


def _cut(documents: Sequence[StoredObject], field: str) -> dict[str, Chunk]:
    """The chunks of the documents' texts by their ids."""
    return {
        chunk.uuid: chunk
        for document in documents
        if isinstance(document.get(field), str)
        for chunk in chunks_of(str(document["uuid"]), document[field])
    }


async def _search(
    store: Store, kept_as: CollectionSchema, request: QueryRequest, candidates: Sequence[StoredObject]
) -> list[StoredObject]:
    """The chunks of the candidates that the words or the meaning of the request find."""
    filters = within(kept_as, (str(document["uuid"]) for document in candidates))
    names = {vector.name for vector in kept_as.vectors}
    targets = tuple(name for name in request.target_vectors or () if name in names) or None
    wanted = request.model_copy(
        update={
            "collection": kept_as.name,
            "filters": filters,
            "sort": (),
            "offset": 0,
            "properties": None,
            "target_vectors": targets,
            "limit": min(_FOUND * request.limit, _MOST_FOUND) if filters else _MOST_FOUND,
        }
    )
    if wanted.search != "keyword" and kept_as.vectors:
        try:
            found = (await store.query(wanted)).objects
        except (NotSupported, QueryRejected) as error:
            logger.info("The chunks of %s are searched by words: %s", request.collection, error)
            found = []
        if found:  # new ones may not have their vectors yet
            return found
    by_words = wanted.model_copy(update={"search": "keyword", "target_vectors": None})
    return (await store.query(by_words)).objects


def _best(
    hits: Sequence[StoredObject], chunks: Mapping[str, Chunk], limit: int
) -> list[tuple[Chunk, StoredObject]]:
    """The best chunks of as many documents as were asked for, a few of each."""
    taken: dict[str, int] = {}
    best: list[tuple[Chunk, StoredObject]] = []
    for hit in hits:
        chunk = chunks[str(hit["uuid"])]
        number = taken.get(chunk.document, 0)
        if number >= PER_DOCUMENT or (not number and len(taken) >= limit):
            continue
        taken[chunk.document] = number + 1
        best.append((chunk, hit))
    return best


def _told(
    chunk: Chunk, hit: StoredObject, document: StoredObject, field: str, shown: Sequence[str]
) -> dict[str, Any]:
    """A chunk as the model reads it: where it stands, then its text."""
    about = {name: document[name] for name in shown if name != field and _is_short(document.get(name))}
    score = {"_score": hit["_score"]} if "_score" in hit else {}
    return {
        **about,
        field: chunk.text,
        "uuid": chunk.uuid,
        SPAN: [chunk.start, chunk.end],
        DOCUMENT: chunk.document,
        **score,
    }


def _is_short(value: Any) -> bool:
    return value is not None and len(str(value)) <= _SHORT
