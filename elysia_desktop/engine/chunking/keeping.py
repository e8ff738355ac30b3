"""Where the chunks of a collection's documents are kept: a collection beside it, read by no one else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import MAX_LIMIT, Filter, Or, PropertyFilter, QueryRequest
from elysia_desktop.core.schema import CollectionSchema, DataType, Property, Reference, VectorConfig
from elysia_desktop.engine.chunking.cutting import Chunk

if TYPE_CHECKING:
    from elysia_desktop.stores.base import Store

logger = logging.getLogger(__name__)

SPAN = "chunk_spans"
DOCUMENT = "fullDocument"
_BATCH = 1_000
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()
"""Who makes which collection, in each event loop."""
_DOCUMENT_ID = "document_id"
"""The document's id once more, as a text: that can be filtered by in every store."""


def name_for(collection: str) -> str:
    """The collection that keeps the chunks of this one's documents; in lower case, as Elysia names it."""
    return f"ELYSIA_CHUNKED_{collection.lower()}__"


def schema_for(documents: CollectionSchema, field: str) -> CollectionSchema:
    """What the chunks of a field of these documents are kept as; vectorised as that field is."""
    name = name_for(documents.name)
    return CollectionSchema(
        name=name,
        properties=(
            documents.property(field).model_copy(update={"searchable": True}),
            Property(name=SPAN, type=DataType.INTS, searchable=False),
            Property(name=_DOCUMENT_ID, type=DataType.TEXT, searchable=False, tokenization="field"),
        ),
        vectors=_vectors(documents, field),
        description=f"Parts of the texts of {documents.name}, for searching them.",
        multi_tenant=documents.multi_tenant,
        references=(Reference(name=DOCUMENT, target=documents.name),),
    )


async def existing(store: Store, documents: CollectionSchema, field: str) -> CollectionSchema | None:
    """The collection of the chunks, None where there is none or it keeps those of another field."""
    schema = await _found(store, documents)
    return schema if schema is not None and _keeps(schema, field) else None


async def made(store: Store, documents: CollectionSchema, field: str) -> CollectionSchema:
    """The collection of the chunks, made if need be; one that keeps those of another field is made anew.

    Questions at the same time wait for each other: a collection that is being made cannot be read yet.
    """
    wanted = schema_for(documents, field)
    turns = _turns.setdefault(asyncio.get_running_loop(), {})
    async with turns.setdefault(wanted.name, asyncio.Lock()):
        schema = await _found(store, documents)
        if schema is not None and _keeps(schema, field):
            return schema
        if schema is not None:
            await store.drop(wanted.name)
        try:
            await store.create(wanted)
        except QueryRejected:
            # another program may have made it meanwhile
            schema = await existing(store, documents, field)
            if schema is None:
                raise
            return schema
        return await store.schema(wanted.name)


async def _found(store: Store, documents: CollectionSchema) -> CollectionSchema | None:
    try:
        return await store.schema(name_for(documents.name))
    except QueryRejected:
        return None


def _keeps(schema: CollectionSchema, field: str) -> bool:
    return field in {prop.name for prop in schema.properties}


async def keep(store: Store, kept_as: CollectionSchema, field: str, chunks: Sequence[Chunk]) -> None:
    """Keep the chunks that are not kept yet, and let those go that older texts of their documents left."""
    ids = [chunk.uuid for chunk in chunks]
    known: set[str] = set()
    for start in range(0, len(ids), _BATCH):
        known |= {str(item["uuid"]) for item in await store.get(kept_as.name, ids[start : start + _BATCH])}
    new = [chunk for chunk, uuid in zip(chunks, ids, strict=True) if uuid not in known]
    if not new:
        return
    can_tell = _tells_documents(kept_as)
    report = await store.insert(kept_as.name, [_stored(chunk, field, can_tell) for chunk in new])
    if report.rejected:
        logger.warning(
            "%d parts of documents were not kept: %s", len(report.rejected), report.rejected[0].reason
        )
    left = await _of_documents(store, kept_as, {chunk.document for chunk in new}) - set(ids)
    if left:
        await store.delete(kept_as.name, sorted(left))


def within(kept_as: CollectionSchema, documents: Iterable[str]) -> Filter | None:
    """Only chunks of these documents; None for chunks of another program, which do not tell."""
    ids = list(dict.fromkeys(documents))
    if not ids or not _tells_documents(kept_as):
        return None
    return Or(filters=tuple(PropertyFilter(property=_DOCUMENT_ID, operator="=", value=each) for each in ids))


async def _of_documents(store: Store, kept_as: CollectionSchema, documents: Iterable[str]) -> set[str]:
    """The ids of all chunks kept of these documents."""
    filters = within(kept_as, documents)
    if filters is None:
        return set()
    request = QueryRequest(
        collection=kept_as.name, filters=filters, limit=MAX_LIMIT, properties=(_DOCUMENT_ID,)
    )
    return {str(item["uuid"]) for item in (await store.query(request)).objects}


def _stored(chunk: Chunk, field: str, can_tell: bool) -> Mapping[str, Any]:
    told = {_DOCUMENT_ID: chunk.document} if can_tell else {}
    return {
        "uuid": chunk.uuid,
        field: chunk.text,
        SPAN: [chunk.start, chunk.end],
        DOCUMENT: chunk.document,
        **told,
    }


def _tells_documents(kept_as: CollectionSchema) -> bool:
    return _DOCUMENT_ID in {prop.name for prop in kept_as.properties}


def _vectors(documents: CollectionSchema, field: str) -> tuple[VectorConfig, ...]:
    """The vectors that cover the field, made of it alone; those that a program brings itself cannot be made."""
    return tuple(
        vector.model_copy(update={"source_properties": (field,), "dimensions": None})
        for vector in documents.vectors
        if vector.vectorizer != "none" and (not vector.source_properties or field in vector.source_properties)
    )
