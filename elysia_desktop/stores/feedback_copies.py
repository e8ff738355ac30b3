"""Copies of rated runs in a collection of the data store, where others who use it find them, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_DNS, uuid5

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import CollectionSchema, DataType, Property

if TYPE_CHECKING:
    from elysia_desktop.core.run_record import RatedRun
    from elysia_desktop.stores.base import Store, StoredObject
    from elysia_desktop.stores.feedback import StaleCopy

FEEDBACK = "ELYSIA_FEEDBACK__"
"""The collection of rated runs."""

_SCHEMA = CollectionSchema(
    name=FEEDBACK,
    description="Rated runs.",
    properties=(
        Property(name="user_id", type=DataType.TEXT, tokenization="field", searchable=False),
        Property(name="conversation_id", type=DataType.TEXT, tokenization="field", searchable=False),
        Property(name="query_id", type=DataType.TEXT, tokenization="field", searchable=False),
        Property(name="feedback", type=DataType.FLOAT),
        Property(name="user_prompt", type=DataType.TEXT),
        Property(name="collection_names", type=DataType.TEXTS),
        Property(name="tools", type=DataType.TEXTS),
        Property(name="answer", type=DataType.TEXT),
        Property(name="record", type=DataType.TEXT, filterable=False, searchable=False),
        Property(name="feedback_date", type=DataType.DATE),
    ),
)


def copy_uuid(query_id: str) -> str:
    """The id of a run's copy: the same as weaviate-client's `generate_uuid5` gives it."""
    return str(uuid5(NAMESPACE_DNS, query_id))


async def bring_up_to_date(store: Store, copies: Sequence[StaleCopy]) -> dict[str, str]:
    """Write the runs that changed and remove those that are gone; raises `StoreError`.

    Returns why a run was turned away by its query id; the others are there.
    """
    gone = [copy_uuid(copy.query_id) for copy in copies if copy.run is None]
    changed = [(copy.run, copy.changed_at) for copy in copies if copy.run is not None]
    properties = await _properties(store)
    if properties is None and changed:
        properties = await _create(store)
    if properties is None:
        return {}
    if gone:
        await store.delete(FEEDBACK, gone)
    if not changed:
        return {}
    # A collection that another program made may lack some of the properties.
    objects = [
        {name: value for name, value in _object(run, at).items() if name in {*properties, "uuid"}}
        for run, at in changed
    ]
    report = await store.insert(FEEDBACK, objects)
    return {changed[one.index][0].record.query_id: one.reason for one in report.rejected}


def _object(run: RatedRun, changed_at: str) -> StoredObject:
    record = run.record
    found: dict[str, Any] = {
        "uuid": copy_uuid(record.query_id),
        "user_id": "",
        "conversation_id": record.conversation_id,
        "query_id": record.query_id,
        "feedback": float(run.rating),
        "user_prompt": record.question,
        "collection_names": sorted(record.collections_used),
        "tools": list(record.tools),
        "answer": record.answer,
        "record": record.model_dump_json(),
        "feedback_date": changed_at,
    }
    return found


async def _properties(store: Store) -> set[str] | None:
    """The names of the collection's properties, None where there is no such collection."""
    try:
        schema = await store.schema(FEEDBACK)
    except QueryRejected:
        return None
    return {one.name for one in schema.properties}


async def _create(store: Store) -> set[str]:
    try:
        await store.create(_SCHEMA)
    except QueryRejected:
        # Somebody else who rates may have made it in between.
        properties = await _properties(store)
        if properties is None:
            raise
        return properties
    return {one.name for one in _SCHEMA.properties}
