"""Whole conversations, read for the messages that a query found."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.requests import PropertyFilter, QueryRequest, Sort
from elysia_desktop.engine.charts.tables import is_number, moment
from elysia_desktop.engine.side_by_side import side_by_side

if TYPE_CHECKING:
    from elysia_desktop.core.requests import Scalar
    from elysia_desktop.stores.base import Store, StoredObject

logger = logging.getLogger(__name__)

MOST_MESSAGES = 2_000
"""Messages read of one conversation; those that were found are always among them."""
_AT_ONCE = 6


async def conversations_of(
    store: Store, collection: str, hits: Sequence[StoredObject], mapping: Mapping[str, str]
) -> list[dict[str, Any]]:
    """`{"conversation_id", "messages"}` for each conversation that was hit, the first one hit first.

    The messages are in the order of their time, each with `relevant`: whether it is what was found. A message
    that names no conversation is one of its own, and so are those of one that cannot be read.
    """
    name = mapping["conversation_id"]
    hit: dict[Any, list[StoredObject]] = {}
    for message in hits:
        hit.setdefault(_identity(message.get(name), message), []).append(message)
    works = [
        partial(_messages, store, collection, found[0].get(name), found, mapping) for found in hit.values()
    ]
    whole = [each async for each in side_by_side(works, _AT_ONCE, "conversations")]
    return [
        {"conversation_id": found[0].get(name), "messages": _marked(messages, found, collection)}
        for found, messages in zip(hit.values(), whole, strict=True)
    ]


async def _messages(
    store: Store, collection: str, value: Any, hits: Sequence[StoredObject], mapping: Mapping[str, str]
) -> list[StoredObject]:
    """Every message of the conversation, the hits included, in order."""
    found: list[StoredObject] = []
    if isinstance(value, (str, int, float)):
        try:
            found = await _with_id(store, collection, value, mapping)
        except StoreError as error:
            logger.warning("The conversation around a message could not be read: %s", error)
    known = {str(message["uuid"]) for message in found}
    return _in_order([*found, *(hit for hit in hits if str(hit["uuid"]) not in known)], mapping)


async def _with_id(
    store: Store, collection: str, value: Scalar, mapping: Mapping[str, str]
) -> list[StoredObject]:
    name, time = mapping["conversation_id"], mapping.get("timestamp")
    request = QueryRequest(
        collection=collection,
        filters=PropertyFilter(property=name, operator="=", value=value),
        sort=(Sort(property=time),) if time else (),
        limit=MOST_MESSAGES,
    )
    page = await store.query(request)
    # “=” compares the words of a text: a conversation “room 1” would bring the messages of “1 room”, too.
    return [message for message in page.objects if message.get(name) == value]


def _in_order(messages: Iterable[StoredObject], mapping: Mapping[str, str]) -> list[StoredObject]:
    """By time, those without one last; by number within the same moment, or where no time is known."""
    time = mapping.get("timestamp")

    def place(message: StoredObject) -> tuple[bool, float, str]:
        return _in_time(message.get(time) if time else None)

    ordered: list[StoredObject] = []
    for _, same in groupby(sorted(messages, key=place), place):
        ordered += _by_number(list(same), mapping["message_id"])
    return ordered


def _in_time(value: Any) -> tuple[bool, float, str]:
    """What a time is ordered by; dates are compared as moments, whatever their offset."""
    if is_number(value):
        return False, float(value), ""
    text = value.isoformat() if isinstance(value, datetime) else str(value or "")
    known = moment(text)
    return not text, known.timestamp() if known else 0.0, "" if known else text


def _by_number(messages: list[StoredObject], name: str) -> list[StoredObject]:
    """By their ids, as numbers where all of them are."""
    ids = [str(message.get(name)) for message in messages]
    if all(each.isdecimal() for each in ids):
        return sorted(messages, key=lambda message: int(str(message.get(name))))
    return sorted(messages, key=lambda message: str(message.get(name)))


def _marked(
    messages: Sequence[StoredObject], hits: Sequence[StoredObject], collection: str
) -> list[dict[str, Any]]:
    found = {str(hit["uuid"]) for hit in hits}
    return [
        {**message, "collection_name": collection, "relevant": str(message["uuid"]) in found}
        for message in messages
    ]


def _identity(value: Any, message: StoredObject) -> Any:
    """What the messages of one conversation share; without an id each message is alone."""
    return message["uuid"] if value is None or isinstance(value, (list, dict)) else (type(value), value)
