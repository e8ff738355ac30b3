"""Checks: whether a request fits a collection, and its filter with values of the right types.

Every store asks here first, so that all turn away the same requests with the same words, and translates
what it gets back:

* `new_vectors(schema)` raises `QueryRejected` for a collection that cannot be made;
* `query(schema, request)` and `aggregate(schema, request)` raise `QueryRejected` or return the request's
  filter (None without one), as `comparisons.checked` does for a filter alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.core.schema import DataType, metrics_of
from elysia_desktop.stores.comparisons import CREATION_TIME, checked
from elysia_desktop.stores.terms import terms

if TYPE_CHECKING:
    from elysia_desktop.core.requests import AggregateRequest, Metric, QueryRequest
    from elysia_desktop.core.schema import CollectionSchema, Property
    from elysia_desktop.stores.comparisons import Checked

_VECTOR_NAME = re.compile("[_A-Za-z][_0-9A-Za-z]{0,229}")

UUID = "uuid"
"""What sorts and projections call an object's id."""


def query(schema: CollectionSchema, request: QueryRequest) -> Checked | None:
    """The filter of a query that fits the collection; raises `QueryRejected`."""
    for name in request.properties or ():
        if name != UUID and all(name != reference.name for reference in schema.references):
            schema.property(name)
    if request.offset + request.limit > MAX_LIMIT:
        raise QueryRejected(
            f"offset + limit is {request.offset + request.limit}, the most is {MAX_LIMIT}.",
            "Narrow the question with filters, or export the collection to read everything.",
        )
    _check_search(schema, request.search, request.text)
    _check_target_vectors(schema, request.target_vectors)
    for part in request.sort:
        _check_sort(schema, part.property)
    return checked(schema, request.filters)


def aggregate(schema: CollectionSchema, request: AggregateRequest) -> Checked | None:
    """The filter of an aggregation that fits the collection; raises `QueryRejected`."""
    if (request.limit or 0) > MAX_LIMIT:
        raise QueryRejected(
            f"limit is {request.limit}, the most is {MAX_LIMIT}.",
            "Ask for fewer, or narrow the question with filters.",
        )
    _check_search(schema, request.search, request.text)
    if request.search != "none" and request.limit is None:
        raise QueryRejected(
            "An aggregation over what a search finds needs a limit: each object is found, near or far.",
            "Give as limit how many of the nearest objects are to count.",
        )
    for metric in request.metrics:
        _check_metric(schema, metric)
    if request.group_by is not None:
        _check_group(schema, request.group_by)
    return checked(schema, request.filters)


def new_vectors(schema: CollectionSchema) -> None:
    """Raise `QueryRejected` where the vectors of a collection that is to be made do not fit it."""
    seen: set[str] = set()
    for vector in schema.vectors:
        if not _VECTOR_NAME.fullmatch(vector.name):
            raise QueryRejected(
                f"“{vector.name}” cannot be the name of a vector.",
                "Use the letters A to Z, digits and _, no digit first, at most 230 in all.",
            )
        if vector.name in seen:
            raise QueryRejected(
                f"There are two vectors called “{vector.name}”.", "Give each a name of its own."
            )
        seen.add(vector.name)
        for source in vector.source_properties:
            schema.property(source)


def sortable(schema: CollectionSchema) -> list[str]:
    """The properties that objects can be sorted by."""
    return [p.name for p in schema.properties if _is_scalar(p)]


def groupable(schema: CollectionSchema) -> list[str]:
    """The properties that aggregations can be grouped by."""
    return [p.name for p in schema.properties if _is_scalar(p) or p.type is DataType.TEXTS]


def _is_scalar(prop: Property) -> bool:
    return not prop.type.is_list and prop.type is not DataType.OBJECT


def _check_search(schema: CollectionSchema, search: str, text: str | None) -> None:
    if search == "none":
        return
    if search == "keyword" and not any(p.searchable for p in schema.of_type(DataType.TEXT, DataType.TEXTS)):
        raise QueryRejected(
            f"“{schema.name}” has no text that can be searched.", "Use filters instead of a search."
        )
    if not (terms(text or "") if search == "keyword" else (text or "").strip()):
        raise QueryRejected(
            "The search has no words to look for.", 'Give a text, or use search="none" with filters.'
        )


def _check_target_vectors(schema: CollectionSchema, names: tuple[str, ...] | None) -> None:
    existing = [vector.name for vector in schema.vectors]
    for name in names or ():
        # Without any vector the store says what is missing.
        if existing and name not in existing:
            raise QueryRejected.unknown("vector", name, existing, schema.name)


def _check_sort(schema: CollectionSchema, name: str) -> None:
    if name in {UUID, CREATION_TIME}:
        return
    prop = schema.property(name)
    if not _is_scalar(prop):
        possible = sortable(schema)
        kind = "lists" if prop.type.is_list else "objects"
        raise QueryRejected(
            f"“{name}” holds {kind}, which have no order to sort by.",
            f"Sort by one of: {', '.join(possible)}." if possible else "Leave out the sort.",
        )


def _check_metric(schema: CollectionSchema, metric: Metric) -> None:
    prop = schema.property(metric.property)
    allowed = metrics_of(prop.type)
    if metric.function not in allowed:
        raise QueryRejected(
            f"“{metric.property}” is {prop.type.value} and has no {metric.function}.",
            f"Use one of: {', '.join(allowed)}.",
        )


def _check_group(schema: CollectionSchema, name: str) -> None:
    prop, possible = schema.property(name), groupable(schema)
    if name not in possible:
        raise QueryRejected(
            f"“{name}” is {prop.type.value} and cannot be grouped by.",
            f"Group by one of: {', '.join(possible)}." if possible else "Ask without groups.",
        )
