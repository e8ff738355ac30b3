"""The passages of a conversation's files: a collection of the library, searched by words and by meaning."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, UUID, uuid5

from elysia_desktop.core.errors import ElysiaError, QueryRejected, StoreError
from elysia_desktop.core.files import Passage
from elysia_desktop.core.requests import (
    MAX_LIMIT,
    AggregateRequest,
    And,
    Filter,
    Or,
    PropertyFilter,
    QueryRequest,
)
from elysia_desktop.core.schema import CollectionSchema, DataType, Property, VectorConfig
from elysia_desktop.stores.files.unspaced import holding, pairs_in, ranked

if TYPE_CHECKING:
    from elysia_desktop.stores.base import Store, StoredObject
    from elysia_desktop.stores.embedders.base import Embedder

logger = logging.getLogger(__name__)

_DOCUMENT = "document_id"
_EMBEDDED = ("heading", "content")
_MOST_TOLD_APART = 400
"""Files that one filter can name."""
_MOST_HOLDING = 1_000
_BROADER = 4
"""So many times as much is looked through where a filter cannot say in which files."""


def collection_of(conversation_id: str) -> str:
    """The collection that holds the passages of a conversation's files."""
    try:
        told = UUID(conversation_id).hex
    except ValueError:
        told = hashlib.sha256(conversation_id.encode("utf-8", "replace")).hexdigest()[:32]
    return f"ELYSIA_FILES_{told}__"


class PassageIndex:
    """The passages of one conversation. `library` gives the store; every error is a `StoreError`."""

    def __init__(
        self,
        conversation_id: str,
        library: Callable[[], Store],
        embedder: Callable[[], Embedder | None] = lambda: None,
    ) -> None:
        self.collection = collection_of(conversation_id)
        self._library = library
        self._choose = embedder

    async def is_outdated(self) -> bool:
        """Whether there is an embedder by now and the collection was made without one."""
        if self._embedder() is None:
            return False
        schema = await self._schema()
        return schema is not None and not schema.vectors

    async def counts(self) -> dict[str, int]:
        """The number of passages by file."""
        if await self._schema() is None:
            return {}
        request = AggregateRequest(collection=self.collection, group_by=_DOCUMENT)
        groups = (await self._library().aggregate(request)).groups or ()
        return {str(group.value): group.count for group in groups}

    async def put(self, passages: Sequence[Passage], title: str) -> None:
        """Keep the passages of a file; the collection is made with the first."""
        if not passages:
            return
        if await self._schema() is None:
            await self._create()
        objects = await asyncio.to_thread(lambda: [_stored(passage, title) for passage in passages])
        report = await self._library().insert(self.collection, objects)
        if report.rejected:
            raise StoreError(
                f"{len(report.rejected)} passages could not be kept: {report.rejected[0].reason}",
                "Add the file again.",
            )

    async def remove(self, document_ids: Collection[str]) -> None:
        """Remove the passages of these files, where there are any."""
        if not document_ids or await self._schema() is None:
            return
        ids = sorted(document_ids)
        for at in range(0, len(ids), _MOST_TOLD_APART):
            found = self._library().scan(self.collection, _within(ids[at : at + _MOST_TOLD_APART]))
            await self._library().delete(self.collection, [str(passage["uuid"]) async for passage in found])

    async def drop(self) -> None:
        """Remove the collection, where there is one."""
        if await self._schema() is not None:
            await self._library().drop(self.collection)

    async def search(
        self, text: str, limit: int, document_ids: Collection[str]
    ) -> list[tuple[Passage, float]]:
        """The nearest passages of these files with their scores, best first."""
        schema = await self._schema()
        if schema is None or limit < 1 or not document_ids or not any(map(str.isalnum, text)):
            return []
        request = QueryRequest(
            collection=self.collection,
            search="keyword",
            text=text,
            filters=_within(document_ids) if len(document_ids) <= _MOST_TOLD_APART else None,
            limit=min(limit, MAX_LIMIT),
        )
        while True:
            found = await self._found(request, by_meaning=bool(schema.vectors))
            fitting = [one for one in found if one[_DOCUMENT] in document_ids]
            if len(fitting) >= limit or len(found) < request.limit or request.limit == MAX_LIMIT:
                return [(_passage(one), float(one["_score"])) for one in fitting[:limit]]
            request = request.model_copy(update={"limit": min(_BROADER * request.limit, MAX_LIMIT)})

    async def _found(self, request: QueryRequest, *, by_meaning: bool) -> list[StoredObject]:
        found: list[StoredObject] | None = None
        if by_meaning and self._embedder() is not None:
            found = await self._by_meaning(request)
        if found is None:
            found = (await self._library().query(request)).objects
        pairs = pairs_in(request.text or "")
        return ranked(found, await self._holding(request, pairs), pairs)[: request.limit] if pairs else found

    async def _holding(self, request: QueryRequest, pairs: Sequence[str]) -> list[StoredObject]:
        within = () if request.filters is None else (request.filters,)
        filters = And(filters=(*within, holding(pairs)))
        request = QueryRequest(collection=self.collection, filters=filters, limit=_MOST_HOLDING)
        return (await self._library().query(request)).objects

    async def _by_meaning(self, request: QueryRequest) -> list[StoredObject] | None:
        """What words and meaning find together; None where only words can be searched for now."""
        try:
            return (await self._library().query(request.model_copy(update={"search": "hybrid"}))).objects
        except StoreError as error:
            logger.info("The files are searched by words alone: %s", error.sentence)
            return None

    async def _create(self) -> None:
        embedder = self._embedder()
        vectors = () if embedder is None else (_vector(embedder),)
        await self._library().create(_schema(self.collection, vectors))

    async def _schema(self) -> CollectionSchema | None:
        try:
            return await self._library().schema(self.collection)
        except QueryRejected:
            return None

    def _embedder(self) -> Embedder | None:
        try:
            return self._choose()
        except ElysiaError:  # told where the settings are
            return None


def _schema(name: str, vectors: tuple[VectorConfig, ...]) -> CollectionSchema:
    return CollectionSchema(
        name=name,
        properties=(
            Property(name="title", type=DataType.TEXT, description="the file"),
            Property(
                name="heading", type=DataType.TEXT, description="the headings that the passage stands under"
            ),
            Property(name="content", type=DataType.TEXT, description="the passage"),
            _number("page", "the page on which it begins"),
            _number("number", "its place in the file, from 0"),
            _number("start", "where it begins in the file's text, in characters"),
            _number("end", "where it ends in the file's text, in characters"),
            Property(name=_DOCUMENT, type=DataType.TEXT, searchable=False, tokenization="field"),
        ),
        vectors=vectors,
        description="Passages of the files of a conversation.",
    )


def _number(name: str, description: str) -> Property:
    return Property(name=name, type=DataType.INT, description=description, searchable=False)


def _vector(embedder: Embedder) -> VectorConfig:
    return VectorConfig(vectorizer=embedder.name, model=embedder.model, source_properties=_EMBEDDED)


def _stored(passage: Passage, title: str) -> StoredObject:
    return {
        "uuid": str(uuid5(NAMESPACE_OID, f"{passage.document_id}/{passage.number}")),
        "title": title,
        "heading": passage.heading,
        "content": passage.text,
        "page": passage.page,
        "number": passage.number,
        "start": passage.start,
        "end": passage.end,
        _DOCUMENT: passage.document_id,
    }


def _passage(stored: StoredObject) -> Passage:
    return Passage(
        document_id=stored[_DOCUMENT],
        number=stored["number"],
        start=stored["start"],
        end=stored["end"],
        text=stored["content"],
        page=stored["page"],
        heading=stored["heading"] or "",
    )


def _within(document_ids: Collection[str]) -> Filter:
    """Only passages of these files."""
    each = (PropertyFilter(property=_DOCUMENT, operator="=", value=one) for one in sorted(document_ids))
    return Or(filters=tuple(each))
