"""Orders: pages that Weaviate sorts, with objects without a value last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from weaviate.classes.query import Filter, Sort

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.stores.checks import UUID
from elysia_desktop.stores.comparisons import CREATION_TIME
from elysia_desktop.stores.weaviate.filters import both, whole
from elysia_desktop.stores.weaviate.metrics import counting
from elysia_desktop.stores.weaviate.objects import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.core.requests import QueryRequest
    from elysia_desktop.core.requests import Sort as Column
    from elysia_desktop.core.schema import Property
    from elysia_desktop.stores.weaviate.targets import Found, Target


async def page(
    target: Target, request: QueryRequest, where: FilterReturn | None, most: int = MAX_LIMIT
) -> tuple[list[Found], int]:
    """The page of what the filter lets through in the request's order, and how many objects that is.

    `most` is how far Weaviate can count: the offset and the limit of one of its pages together.
    """
    first = request.sort[0]
    rows = _Rows(target, request, where, most)
    if first.direction == "desc" or first.property in {UUID, CREATION_TIME}:
        found, counted = await asyncio.gather(
            rows.read(request.offset, request.limit),
            target.run(lambda c: c.aggregate.over_all(filters=where)),
        )
        return found, counted.total_count or 0
    total, present = await _counts(target, target.schema.property(first.property), where)
    missing = total - present
    if missing + request.offset + request.limit > most and target.schema.indexed.is_null:
        return await _apart(rows, first.property, request.offset, request.limit), total
    asked = parts(missing, present, request.offset, request.limit)
    return [row for start, count in asked for row in await rows.read(start, count)], total


def parts(missing: int, present: int, offset: int, limit: int) -> list[tuple[int, int]]:
    """Where a page with objects without a value last is in Weaviate's order, which has them first.

    As offsets and limits, the largest offset first.
    """
    found: list[tuple[int, int]] = []
    if offset < present or not missing:
        found.append((missing + offset, limit))
    if missing and offset + limit > present:
        start = max(offset - present, 0)
        found.append((start, max(min(offset + limit - present - start, missing - start), 0)))
    return found


async def _counts(target: Target, prop: Property, where: FilterReturn | None) -> tuple[int, int]:
    """How many objects match, and how many of them have a value."""
    counted = await target.run(
        lambda c: c.aggregate.over_all(
            filters=where, total_count=True, return_metrics=counting(target.schema, prop.name)
        )
    )
    return counted.total_count or 0, getattr(counted.properties.get(prop.name), "count", None) or 0


class _Rows:
    """The objects that match in Weaviate's order, where those without a value are smallest."""

    def __init__(self, target: Target, request: QueryRequest, where: FilterReturn | None, most: int) -> None:
        self._target = target
        self._most = most
        self._where = where
        self._sort = _sort(request.sort)
        self._reading = reading(target.schema, request.properties)

    async def read(self, start: int, limit: int, also: FilterReturn | None = None) -> list[Found]:
        """So many objects from there on; `also` narrows the filter."""
        if limit <= 0:
            return []
        if start + limit > self._most:
            raise QueryRejected(
                "Too many objects have no value in the column to sort by.",
                "Leave them out with a filter, or sort descending.",
            )
        where = self._narrowed(also)
        arguments: dict[str, Any] = {
            "filters": whole(where),
            "sort": self._sort,
            "limit": limit,
            "offset": start,
            **self._reading,
        }
        return await self._target.read("fetch_objects", **arguments)

    async def count(self, also: FilterReturn) -> int:
        """How many objects a further filter lets through."""
        where = self._narrowed(also)
        counted = await self._target.run(lambda c: c.aggregate.over_all(filters=where, total_count=True))
        return counted.total_count or 0

    def _narrowed(self, also: FilterReturn | None) -> FilterReturn | None:
        return self._where if also is None else both(self._where, also)


async def _apart(rows: _Rows, name: str, offset: int, limit: int) -> list[Found]:
    """The page where too many have no value to count past them: the two parts asked for one by one.

    A text without a word in it stands among those without a value then, which only Weaviate's index says.
    """
    has_value, has_none = (Filter.by_property(name).is_none(is_missing) for is_missing in (False, True))
    present = await rows.count(has_value)
    found = await rows.read(offset, limit, has_value) if offset < present else []
    if len(found) < limit:
        found += await rows.read(max(offset - present, 0), limit - len(found), has_none)
    return found


def _sort(columns: Sequence[Column]) -> Any:
    sort: Any = Sort
    for column in columns:
        ascending = column.direction == "asc"
        if column.property == UUID:
            sort = sort.by_id(ascending=ascending)
        elif column.property == CREATION_TIME:
            sort = sort.by_creation_time(ascending=ascending)
        else:
            sort = sort.by_property(column.property, ascending=ascending)
    return sort if any(column.property == UUID for column in columns) else sort.by_id(ascending=True)
