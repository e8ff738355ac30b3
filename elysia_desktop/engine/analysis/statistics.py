"""Exact statistics of a collection's fields, computed by the store, without a model."""

from __future__ import annotations

from typing import Any

from elysia_desktop.core.collection_data import Metadata
from elysia_desktop.core.requests import AggregateRequest, Metric
from elysia_desktop.core.schema import DataType, MetricFunction, Property
from elysia_desktop.stores.base import Store

MAX_GROUPS = 30
_WANTED: dict[DataType, tuple[MetricFunction, ...]] = {
    DataType.INT: ("MIN", "MAX", "MEAN"),
    DataType.FLOAT: ("MIN", "MAX", "MEAN"),
    DataType.DATE: ("MIN", "MAX", "MEDIAN"),
}


async def statistics(store: Store, name: str) -> Metadata:
    """Metadata in the shape that analysis writes: fields with ranges and values, the table display."""
    schema = await store.schema(name)
    metrics = tuple(
        Metric(property=p.name, function=f) for p in schema.properties for f in _WANTED.get(p.type, ())
    )
    overall = await store.aggregate(AggregateRequest(collection=name, metrics=metrics))
    known = {(m.property, m.function): m.value for m in overall.metrics}
    fields: list[dict[str, Any]] = []
    for prop in schema.properties:
        field = _field(prop, known)
        if prop.type in {DataType.TEXT, DataType.TEXTS, DataType.BOOLEAN} and prop.filterable:
            field["groups"] = await _groups(store, name, prop, overall.count)
        fields.append(field)
    return {
        "name": name,
        "length": float(overall.count),
        "summary": schema.description,
        "fields": fields,
        "mappings": {"table": {prop.name: prop.name for prop in schema.properties}},
        "named_vectors": None,
        "vectorizer": None,
        "index_properties": {"isNullIndexed": True, "isLengthIndexed": True, "isTimestampIndexed": True},
        "prompts": [],
    }


def _field(prop: Property, known: dict[tuple[str, str], Any]) -> dict[str, Any]:
    low, high = known.get((prop.name, "MIN")), known.get((prop.name, "MAX"))
    spread = [low, high] if low is not None else None
    is_date = prop.type is DataType.DATE
    return {
        "name": prop.name,
        "type": prop.type.value,
        "description": prop.description,
        "range": None if is_date else spread,
        "mean": known.get((prop.name, "MEAN")),
        "groups": None,
        "date_range": spread if is_date else None,
        "date_median": known.get((prop.name, "MEDIAN")) if is_date else None,
    }


async def _groups(store: Store, name: str, prop: Property, total: int) -> list[dict[str, Any]] | None:
    """The values of a property, where there are at most 30 and they cover half of the collection."""
    found = await store.aggregate(AggregateRequest(collection=name, group_by=prop.name, limit=MAX_GROUPS + 1))
    groups = [group for group in found.groups or () if group.value is not None]
    if not groups or len(groups) > MAX_GROUPS or sum(group.count for group in groups) * 2 < total:
        return None
    return [{"value": str(group.value), "count": group.count} for group in groups]
