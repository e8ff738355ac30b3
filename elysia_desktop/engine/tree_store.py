"""Conversations saved as objects of a collection, where `elysia-ai` keeps and finds them, too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import NAMESPACE_DNS, uuid5

from elysia_desktop.core.errors import QueryRejected, StoreError
from elysia_desktop.core.requests import PropertyFilter, QueryRequest
from elysia_desktop.core.schema import CollectionSchema, DataType, Property

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from elysia_desktop.stores.base import Store, StoredObject

TREES = "ELYSIA_TREES__"
"""The collection of saved conversations, unless another is named."""

_SAVED_AT = "last_update_time"
_PAGE = 1_000


class NoSavedTree(ValueError):
    """There is no such saved conversation, or nowhere that it could be."""


def tree_uuid(conversation_id: str) -> str:
    """The id of a conversation's object: the same as weaviate-client's `generate_uuid5` gives it."""
    return str(uuid5(NAMESPACE_DNS, conversation_id))


async def save_tree(
    store: Store, collection_name: str, exported: Mapping[str, Any], title: str | None = None
) -> None:
    """Save what `Tree.export_to_json` gave, in place of what was saved of this conversation before."""
    conversation_id = str(exported["conversation_id"])
    properties = await _properties(store, collection_name)
    if properties is None:
        properties = await _create(store, collection_name)
    saved: StoredObject = {
        "user_id": str(exported.get("user_id") or ""),
        "conversation_id": conversation_id,
        "title": title or "",
        "tree": await asyncio.to_thread(json.dumps, exported),
        _SAVED_AT: datetime.now(UTC).isoformat(),
    }
    # A collection that elysia-ai made has no property for the time.
    kept = {name: value for name, value in saved.items() if name in properties}
    report = await store.insert(collection_name, [{**kept, "uuid": tree_uuid(conversation_id)}])
    if report.rejected:
        raise StoreError(f"The conversation could not be saved: {report.rejected[0].reason}")


async def load_tree(store: Store, collection_name: str, conversation_id: str) -> dict[str, Any]:
    """What `save_tree` saved; raises `NoSavedTree`, a `ValueError`, where there is no such collection or conversation."""
    found = await _find(store, collection_name, conversation_id)
    try:
        exported = await asyncio.to_thread(json.loads, found["tree"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"The saved conversation “{conversation_id}” is damaged: {error}") from error
    if not isinstance(exported, dict):
        raise ValueError(f"The saved conversation “{conversation_id}” is damaged: it is no JSON object.")  # noqa: TRY004 - the text is wrong, not the type of an argument
    return cast("dict[str, Any]", exported)


async def delete_tree(store: Store, collection_name: str, conversation_id: str) -> None:
    """Remove a saved conversation; raises `NoSavedTree` where there is none."""
    if await _properties(store, collection_name) is None:
        raise _no_collection(collection_name)
    if not await store.delete(collection_name, [tree_uuid(conversation_id)]):
        raise _no_conversation(collection_name, conversation_id)


async def tree_exists(store: Store, collection_name: str, conversation_id: str) -> bool:
    """Whether the conversation is saved."""
    return await owner_of(store, collection_name, conversation_id) is not None


async def owner_of(store: Store, collection_name: str, conversation_id: str) -> str | None:
    """The id of the user whose saved conversation this is, None where it is not saved."""
    try:
        found = await _find(store, collection_name, conversation_id)
    except NoSavedTree:
        return None
    return str(found.get("user_id") or "")


async def saved_trees(store: Store, collection_name: str, user_id: str) -> dict[str, dict[str, Any]]:
    """A user's saved conversations, the latest first: id → `title` and `last_update_time` (ISO 8601 or None)."""
    properties = await _properties(store, collection_name)
    if properties is None:
        return {}
    wanted = tuple(name for name in ("user_id", "conversation_id", "title", _SAVED_AT) if name in properties)
    found = [
        one
        async for one in _all(store, collection_name, user_id, wanted)
        # Weaviate compares texts by their words.
        if one.get("user_id") == user_id
    ]
    found.sort(key=lambda one: str(one.get(_SAVED_AT) or ""), reverse=True)
    return {
        str(one["conversation_id"]): {"title": one.get("title") or "", _SAVED_AT: one.get(_SAVED_AT)}
        for one in found
    }


async def _all(
    store: Store, collection_name: str, user_id: str, properties: tuple[str, ...]
) -> AsyncIterator[StoredObject]:
    """Without the trees themselves, which may be large; those of others may be among them."""
    # In a collection of Elysia's ids are compared by their words, and one may have none.
    has_words = any(letter.isalnum() for letter in user_id)
    offset = 0
    while True:
        request = QueryRequest(
            collection=collection_name,
            filters=PropertyFilter(property="user_id", operator="=", value=user_id) if has_words else None,
            properties=properties,
            limit=_PAGE,
            offset=offset,
        )
        page = await store.query(request)
        for found in page.objects:
            yield found
        if len(page.objects) < _PAGE:
            return
        offset += _PAGE


async def _find(store: Store, collection_name: str, conversation_id: str) -> StoredObject:
    if await _properties(store, collection_name) is None:
        raise _no_collection(collection_name)
    found = await store.get(collection_name, [tree_uuid(conversation_id)])
    if not found:
        raise _no_conversation(collection_name, conversation_id)
    return found[0]


async def _properties(store: Store, collection_name: str) -> set[str] | None:
    """The names of the collection's properties, None where there is no such collection."""
    try:
        schema = await store.schema(collection_name)
    except QueryRejected:
        return None
    return {one.name for one in schema.properties}


async def _create(store: Store, collection_name: str) -> set[str]:
    schema = CollectionSchema(
        name=collection_name,
        description="Saved conversations.",
        properties=(
            Property(name="user_id", type=DataType.TEXT, tokenization="field"),
            Property(name="conversation_id", type=DataType.TEXT, tokenization="field"),
            Property(name="tree", type=DataType.TEXT, filterable=False, searchable=False),
            Property(name="title", type=DataType.TEXT),
            Property(name=_SAVED_AT, type=DataType.DATE),
        ),
    )
    try:
        await store.create(schema)
    except QueryRejected:
        # Somebody else who saves may have made it in between.
        properties = await _properties(store, collection_name)
        if properties is None:
            raise
        return properties
    return {one.name for one in schema.properties}


def _no_collection(collection_name: str) -> NoSavedTree:
    return NoSavedTree(f"There is no collection “{collection_name}”, so no conversation is saved in it yet.")


def _no_conversation(collection_name: str, conversation_id: str) -> NoSavedTree:
    return NoSavedTree(
        f"No conversation “{conversation_id}” is saved in {collection_name}. Save it first, or choose another."
    )
