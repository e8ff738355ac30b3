"""Aggregations: exact metrics over all objects that match, or per group."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from weaviate.classes.aggregate import GroupByAggregate
from weaviate.classes.query import Filter

from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.base import Group, MetricValue
from elysia_desktop.stores.weaviate import metrics, searching
from elysia_desktop.stores.weaviate.counted_here import counted_here, latest
from elysia_desktop.stores.weaviate.filters import any_of_ids, both, everything, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.core.requests import AggregateRequest
    from elysia_desktop.stores.comparisons import Checked
    from elysia_desktop.stores.weaviate.counted_here import CountedHere
    from elysia_desktop.stores.weaviate.targets import Target

_AT_ONCE = 8


@dataclass(frozen=True)
class Answer:
    """The number of objects that match, and the metrics over all of them or per group."""

    count: int
    metrics: tuple[MetricValue, ...] = ()
    groups: tuple[Group, ...] | None = None


@dataclass(frozen=True)
class _Counted:
    """A group as Weaviate answers it."""

    key: Any
    count: int
    properties: Mapping[str, Any]


async def answer(target: Target, request: AggregateRequest, checked: Checked | None) -> Answer:
    """Answer a request; after a search its `limit` is how many of the nearest objects are aggregated."""
    where = None if checked is None else translated(checked)
    most = request.limit or MAX_LIMIT
    if request.search != "none":
        hits = await searching.hits(target, request, where, most)
        if not hits:
            nothing = _values(target, request, {}, {}, None)
            return Answer(0, () if request.group_by else nothing, () if request.group_by else None)
        where, most = any_of_ids([str(hit.uuid) for hit in hits]), MAX_LIMIT
    if request.group_by is None:
        return await _overall(target, request, where)
    return await _grouped(target, request, request.group_by, where, most)


async def _overall(target: Target, request: AggregateRequest, where: FilterReturn | None) -> Answer:
    # Without a filter Weaviate gives the texts as JSON would have them, with \\n for a new line.
    has_texts = any(one.function == "TOP_OCCURRENCES" for one in request.metrics)
    wanted = everything() if where is None and has_texts else where
    found, ours = await asyncio.gather(
        target.run(
            lambda c: c.aggregate.over_all(
                filters=wanted, total_count=True, return_metrics=metrics.asked(target.schema, request.metrics)
            )
        ),
        counted_here(target, request, where),
    )
    ours |= await _latest(target, request, where, [found.properties])
    return Answer(found.total_count or 0, _values(target, request, found.properties, ours, None))


async def _latest(
    target: Target,
    request: AggregateRequest,
    where: FilterReturn | None,
    answers: Iterable[Mapping[str, Any]],
) -> CountedHere:
    lacking = {
        one.property
        for found in answers
        for one in request.metrics
        if metrics.is_native(target.schema, one) and not metrics.is_answered(target.schema, one, found)
    }
    return await latest(target, sorted(lacking), request.group_by, where)


async def _grouped(
    target: Target, request: AggregateRequest, name: str, where: FilterReturn | None, most: int
) -> Answer:
    data_type = target.schema.property(name).type.element
    total, found, ours = await asyncio.gather(
        target.run(lambda c: c.aggregate.over_all(filters=where, total_count=True)),
        target.run(
            lambda c: c.aggregate.over_all(
                filters=where,
                group_by=GroupByAggregate(prop=name, limit=MAX_LIMIT),
                total_count=True,
                return_metrics=metrics.asked(target.schema, request.metrics),
            )
        ),
        counted_here(target, request, where),
    )
    counted = [_Counted(one.grouped_by.value, one.total_count or 0, one.properties) for one in found.groups]
    if data_type is DataType.DATE:
        counted = await _by_moment(target, request, name, where, counted)
    ours |= await _latest(target, request, where, [one.properties for one in counted])
    groups = [
        Group(key, one.count, _values(target, request, one.properties, ours, key))
        for one in counted
        for key in (_key(data_type, one.key),)
    ]
    groups.sort(key=lambda group: (-group.count, group.value))
    return Answer(total.total_count or 0, groups=tuple(groups[:most]))


def _key(data_type: DataType, key: Any) -> Any:
    return int(key) if data_type is DataType.INT else key


async def _by_moment(
    target: Target,
    request: AggregateRequest,
    name: str,
    where: FilterReturn | None,
    counted: Sequence[_Counted],
) -> list[_Counted]:
    """The groups with those merged whose dates are the same moment: Weaviate tells them apart by their text."""
    by_moment: dict[Any, list[_Counted]] = defaultdict(list)
    for one in counted:
        by_moment[metrics.in_utc(one.key)].append(one)
    at_once = asyncio.Semaphore(_AT_ONCE)
    wanted = metrics.asked(target.schema, request.metrics)

    async def merged(moment: Any, same: Sequence[_Counted]) -> _Counted:
        count, properties = sum(one.count for one in same), same[0].properties
        if wanted and len(same) > 1:
            of_moment = both(where, Filter.by_property(name).equal(moment))
            async with at_once:
                found = await target.run(
                    lambda c: c.aggregate.over_all(filters=of_moment, return_metrics=wanted)
                )
            properties = found.properties
        return _Counted(moment.isoformat(), count, properties)

    return await asyncio.gather(*(merged(moment, same) for moment, same in by_moment.items()))


def _values(
    target: Target, request: AggregateRequest, found: Mapping[str, Any], ours: CountedHere, key: Any
) -> tuple[MetricValue, ...]:
    schema = target.schema
    return tuple(
        MetricValue(
            one.property,
            one.function,
            metrics.value(schema.property(one.property).type, one, found)
            if metrics.is_answered(schema, one, found)
            else ours.get((one.property, one.function, key), 0 if one.function == "COUNT" else None),
        )
        for one in request.metrics
    )
