"""Statistics of a collection's fields, computed by the store, without a model."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from elysia_desktop.core.collection_data import Metadata
from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.requests import AggregateRequest, Metric
from elysia_desktop.core.schema import CollectionSchema, DataType, MetricFunction, Property
from elysia_desktop.engine.analysis.mapping import with_table
from elysia_desktop.engine.analysis.reading import LONGEST_GROUP, MAX_GROUPS, Reading
from elysia_desktop.stores.base import Aggregates, Group, Store

logger = logging.getLogger(__name__)

_SINGLE_VECTOR = "default"
_READ_AT_ONCE = 1_000
"""Objects whose texts and lists are measured at first use; analysis measures all."""
_WANTED: dict[DataType, tuple[MetricFunction, ...]] = {
    DataType.INT: ("MIN", "MAX", "MEAN"),
    DataType.FLOAT: ("MIN", "MAX", "MEAN"),
    DataType.DATE: ("MIN", "MAX", "MEDIAN"),
}


async def statistics(store: Store, name: str) -> Metadata:
    """Metadata in the shape that analysis writes, for first use, with the table as only display.

    Exact, but for the lengths of texts and lists: of a large collection they are those of a uniform sample.
    Raises `StoreError`.
    """
    schema = await store.schema(name)
    reading = Reading(schema)
    await reading.read(await store.sample(name, _READ_AT_ONCE))
    return await statistics_of(store, schema, reading)


async def statistics_of(store: Store, schema: CollectionSchema, reading: Reading) -> Metadata:
    """The same with the lengths of what was read; what has too many values for groups is not asked for them."""
    total, known = await _computed(store, schema)
    fields: list[dict[str, Any]] = []
    for prop in schema.properties:
        field = _field(prop, known, reading)
        if prop.name in reading.few_valued and total:
            field["groups"] = await _groups(store, schema.name, prop, total, reading)
        fields.append(field)
    metadata: Metadata = {
        "name": schema.name,
        "length": float(total),
        "summary": schema.description,
        "fields": fields,
        "mappings": with_table({}, schema.properties),
        **_vectors(schema),
        "index_properties": {
            "isNullIndexed": schema.indexed.is_null,
            "isLengthIndexed": schema.indexed.is_length,
            "isTimestampIndexed": schema.indexed.is_timestamp,
        },
        "prompts": [],
    }
    return jsonable(metadata, path="metadata")


async def _computed(store: Store, schema: CollectionSchema) -> tuple[int, dict[tuple[str, str], Any]]:
    """The number of objects, and the metrics by property and function; without those that the store refuses."""
    wanted = {prop.name: _WANTED[prop.type] for prop in schema.properties if _is_computed(prop)}
    each = [tuple(Metric(property=name, function=f) for f in functions) for name, functions in wanted.items()]
    try:
        answers = [await store.aggregate(_request(schema.name, tuple(chain.from_iterable(each))))]
    except QueryRejected:
        # A property may be of a kind that it cannot compute with, which must not cost the others.
        answers = [await store.aggregate(_request(schema.name))]
        for metrics in each:
            try:
                answers.append(await store.aggregate(_request(schema.name, metrics)))
            except QueryRejected as error:
                logger.warning("%s: nothing is known of %s: %s", schema.name, metrics[0].property, error)
    found = chain.from_iterable(answer.metrics for answer in answers)
    return answers[0].count, {(m.property, m.function): m.value for m in found}


def _is_computed(prop: Property) -> bool:
    return prop.filterable and prop.type in _WANTED


def _request(name: str, metrics: tuple[Metric, ...] = ()) -> AggregateRequest:
    return AggregateRequest(collection=name, metrics=metrics)


def _field(prop: Property, known: dict[tuple[str, str], Any], reading: Reading) -> dict[str, Any]:
    low, high = known.get((prop.name, "MIN")), known.get((prop.name, "MAX"))
    spread = None if low is None or high is None else [low, high]
    mean = known.get((prop.name, "MEAN"))
    if prop.name in reading:
        spread, mean = reading[prop.name].range, reading[prop.name].mean
    is_date = prop.type is DataType.DATE
    if is_date and prop.name in reading and spread:
        spread = [datetime.fromtimestamp(seconds, UTC).isoformat() for seconds in spread]
    return {
        "name": prop.name,
        "type": prop.type.value,
        "description": prop.description,
        "range": None if is_date else spread,
        "mean": None if is_date else mean,
        "groups": None,
        "date_range": spread if is_date else None,
        "date_median": known.get((prop.name, "MEDIAN")) if is_date else None,
    }


async def _groups(
    store: Store, name: str, prop: Property, total: int, reading: Reading
) -> list[dict[str, Any]] | None:
    # One more than is listed shows that there are too many, and one may be that of the objects without a value.
    request = AggregateRequest(collection=name, group_by=prop.name, limit=MAX_GROUPS + 2)
    try:
        found = await store.aggregate(request)
    except QueryRejected as error:
        logger.warning("%s: the values of %s are not known: %s", name, prop.name, error)
        return None
    most = round(reading.filled_share(prop.name) * total) if prop.type.is_list else total
    return listed_groups(found, prop.type, total, most)


def listed_groups(
    found: Aggregates, data_type: DataType, total: int, most: int | None = None
) -> list[dict[str, Any]] | None:
    """The values of a property, most frequent first, where there are at most 30 and they cover half of all.

    An object with a list stands in several groups: `most` says how many objects have any value at all. Where a
    text of more than 1,000 characters is among them none is listed: of a few documents, all would be there whole,
    in memory, in the metadata and in every conversation that keeps them.
    """
    groups = [group for group in found.groups or () if group.value is not None]
    covered = min(sum(group.count for group in groups), total if most is None else most)
    if not groups or len(groups) > MAX_GROUPS or covered * 2 < total:
        return None
    if any(isinstance(group.value, str) and len(group.value) > LONGEST_GROUP for group in groups):
        return None
    ordered = sorted(groups, key=lambda group: (-group.count, group.value))
    return [{"value": _told(group, data_type), "count": group.count} for group in ordered]


def _told(group: Group, data_type: DataType) -> str:
    match data_type:
        case DataType.BOOLEAN:
            return str(group.value).lower()
        case DataType.INT:
            return str(int(group.value))
        case _:
            return str(group.value)


def _vectors(schema: CollectionSchema) -> dict[str, Any]:
    """What makes the vectors: one for the whole collection, or several by name."""
    vectors = schema.vectors
    if not vectors:
        return {"named_vectors": None, "vectorizer": None}
    if len(vectors) == 1 and vectors[0].name == _SINGLE_VECTOR:
        only = {"vectorizer": vectors[0].vectorizer, "model": vectors[0].model}
        return {"named_vectors": None, "vectorizer": only}
    named = [
        {
            "name": vector.name,
            "vectorizer": vector.vectorizer,
            "model": vector.model,
            "source_properties": list(vector.source_properties),
            "enabled": True,
            "description": "",
        }
        for vector in vectors
    ]
    return {"named_vectors": named, "vectorizer": None}
