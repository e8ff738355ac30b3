"""The metrics that Weaviate does not compute, or not always in the same way."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from weaviate.classes.aggregate import GroupByAggregate
from weaviate.classes.query import Filter

from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.weaviate import metrics
from elysia_desktop.stores.weaviate.filters import both
from elysia_desktop.stores.weaviate.scanning import matching

if TYPE_CHECKING:
    from collections.abc import Iterable

    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.core.requests import AggregateRequest
    from elysia_desktop.stores.weaviate.targets import Target

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CountedHere = dict[tuple[str, str, Any], Any]
"""Values by property, function and group; the group is None for all objects."""


async def counted_here(target: Target, request: AggregateRequest, where: FilterReturn | None) -> CountedHere:
    """MODE of dates, the smallest of the most frequent, and COUNT of objects."""
    found: CountedHere = {}
    names = {one.property for one in request.metrics if not metrics.is_native(target.schema, one)}
    for name in sorted(names):
        if target.schema.property(name).type is DataType.DATE:
            if request.group_by is None:
                counts = await _counts(target, where, name)
                found[name, "MODE", None] = _most_frequent(counts)
            else:
                found |= await _modes(target, name, request.group_by, where)
        else:
            # Of objects, Weaviate's index knows only those that are missing.
            missing = both(where, Filter.by_property(name).is_none(True))
            without = await _counts(target, missing, request.group_by)
            for key, count in (await _counts(target, where, request.group_by)).items():
                found[name, "COUNT", key] = count - without[key]
    return found


async def _counts(target: Target, where: FilterReturn | None, group_by: str | None) -> Counter[Any]:
    """How many objects match, by group."""
    if group_by is None:
        counted = await target.run(lambda c: c.aggregate.over_all(filters=where, total_count=True))
        return Counter({None: counted.total_count or 0})
    grouped = GroupByAggregate(prop=group_by, limit=MAX_LIMIT)
    found = await target.run(
        lambda c: c.aggregate.over_all(filters=where, group_by=grouped, total_count=True)
    )
    counts = Counter[Any]()
    is_date = target.schema.property(group_by).type is DataType.DATE
    for group in found.groups:
        value: Any = group.grouped_by.value
        counts[metrics.in_utc(value).isoformat() if is_date else value] += group.total_count or 0
    return counts


async def _modes(target: Target, name: str, group_by: str, where: FilterReturn | None) -> CountedHere:
    """The MODE of a date in each group, from these two properties of every object that matches."""
    counts: dict[Any, Counter[str]] = defaultdict(Counter)
    async for one in matching(target, where, None, [name, group_by]):
        if (value := one[name]) is not None:
            for key in _keys(target, group_by, one[group_by]):
                counts[key][metrics.in_utc(value).isoformat()] += 1
    return {(name, "MODE", key): _most_frequent(counted) for key, counted in counts.items()}


async def latest(
    target: Target, names: Iterable[str], group_by: str | None, where: FilterReturn | None
) -> CountedHere:
    """MAX of dates before 1970, of which Weaviate does not tell the latest."""
    found: CountedHere = {}
    for name in names:
        early = both(where, Filter.by_property(name).less_or_equal(_EPOCH))
        async for one in matching(target, early, None, [name] if group_by is None else [name, group_by]):
            moment = metrics.in_utc(one[name]).isoformat()
            for key in [None] if group_by is None else _keys(target, group_by, one[group_by]):
                # In UTC the texts of dates are in the order of time.
                found[name, "MAX", key] = max(moment, found.get((name, "MAX", key), ""))
    return found


def _keys(target: Target, group_by: str, value: Any) -> list[Any]:
    """The groups that an object is in."""
    if value is None:
        return []
    if target.schema.property(group_by).type is DataType.DATE:
        return [metrics.in_utc(value).isoformat()]
    return list(dict.fromkeys(cast("list[Any]", value))) if isinstance(value, list) else [value]


def _most_frequent(counts: Counter[Any]) -> str | None:
    if not counts:
        return None
    most = max(counts.values())
    return min((text for text, count in counts.items() if count == most), key=metrics.in_utc)
