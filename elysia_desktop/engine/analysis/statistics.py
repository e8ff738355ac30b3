"""Statistics of a collection's fields, computed by the store, without a model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from elysia_desktop.core.collection_data import Metadata
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.requests import AggregateRequest, Metric
from elysia_desktop.core.schema import CollectionSchema, DataType, MetricFunction, Property
from elysia_desktop.engine.analysis.lengths import Lengths, measure_all
from elysia_desktop.engine.analysis.mapping import with_table
from elysia_desktop.stores.base import Aggregates, Group, Store

MAX_GROUPS = 30
_SINGLE_VECTOR = "default"
_MEASURED_AT_ONCE = 1_000
"""Objects whose texts and lists are measured at first use; analysis measures all."""
_WANTED: dict[DataType, tuple[MetricFunction, ...]] = {
    DataType.INT: ("MIN", "MAX", "MEAN"),
    DataType.FLOAT: ("MIN", "MAX", "MEAN"),
    DataType.DATE: ("MIN", "MAX", "MEDIAN"),
}
_GROUPED = frozenset({DataType.TEXT, DataType.TEXTS, DataType.BOOLEAN, DataType.INT})


async def statistics(store: Store, name: str) -> Metadata:
    """Metadata in the shape that analysis writes, for first use, with the table as only display.

    Exact, but for the lengths of texts and lists: of a large collection they are those of a uniform sample.
    Raises `StoreError`.
    """
    schema = await store.schema(name)
    lengths = Lengths(schema)
    if lengths.is_needed:
        await lengths.measure(await store.sample(name, _MEASURED_AT_ONCE))
    return await _metadata(store, schema, lengths)


async def exact_statistics(store: Store, name: str) -> AsyncIterator[int | Metadata]:
    """The same from every object: yields how many were read, and last the metadata; raises `StoreError`."""
    schema = await store.schema(name)
    lengths = Lengths(schema)
    if lengths.is_needed:
        async for done in measure_all(store, name, lengths):
            yield done
    yield await _metadata(store, schema, lengths)


async def _metadata(store: Store, schema: CollectionSchema, lengths: Lengths) -> Metadata:
    metrics = tuple(
        Metric(property=p.name, function=f) for p in schema.properties for f in _WANTED.get(p.type, ())
    )
    overall = await store.aggregate(AggregateRequest(collection=schema.name, metrics=metrics))
    known = {(m.property, m.function): m.value for m in overall.metrics}
    fields: list[dict[str, Any]] = []
    for prop in schema.properties:
        field = _field(prop, known, lengths)
        if prop.type in _GROUPED and prop.filterable and overall.count:
            field["groups"] = await _groups(store, schema.name, prop, overall.count)
        fields.append(field)
    metadata: Metadata = {
        "name": schema.name,
        "length": float(overall.count),
        "summary": schema.description,
        "fields": fields,
        "mappings": with_table({}, schema.properties),
        **_vectors(schema),
        "index_properties": {"isNullIndexed": True, "isLengthIndexed": True, "isTimestampIndexed": True},
        "prompts": [],
    }
    return jsonable(metadata, path="metadata")


def _field(prop: Property, known: dict[tuple[str, str], Any], lengths: Lengths) -> dict[str, Any]:
    low, high = known.get((prop.name, "MIN")), known.get((prop.name, "MAX"))
    spread = None if low is None or high is None else [low, high]
    mean = known.get((prop.name, "MEAN"))
    if prop.name in lengths:
        spread, mean = lengths[prop.name].range, lengths[prop.name].mean
    is_date = prop.type is DataType.DATE
    return {
        "name": prop.name,
        "type": prop.type.value,
        "description": prop.description,
        "range": None if is_date else spread,
        "mean": mean,
        "groups": None,
        "date_range": spread if is_date else None,
        "date_median": known.get((prop.name, "MEDIAN")) if is_date else None,
    }


async def _groups(store: Store, name: str, prop: Property, total: int) -> list[dict[str, Any]] | None:
    # One more than is listed shows that there are too many, and one is that of the objects without a value.
    found = await store.aggregate(AggregateRequest(collection=name, group_by=prop.name, limit=MAX_GROUPS + 2))
    return listed_groups(found, prop.type, total)


def listed_groups(found: Aggregates, data_type: DataType, total: int) -> list[dict[str, Any]] | None:
    """The values of a property, most frequent first, where there are at most 30 and they cover half of all."""
    groups = [group for group in found.groups or () if group.value is not None]
    without = sum(group.count for group in found.groups or () if group.value is None)
    # An object with a list stands in several groups.
    covered = min(sum(group.count for group in groups), total - without)
    if not groups or len(groups) > MAX_GROUPS or covered * 2 < total:
        return None
    listed = [{"value": _told(group, data_type), "count": group.count} for group in groups]
    return sorted(listed, key=lambda group: (-group["count"], group["value"]))


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
