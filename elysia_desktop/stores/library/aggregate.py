"""Aggregations: exact metrics over all objects that match, or per group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.core.schema import DataType, metrics_of
from elysia_desktop.stores.base import Group, MetricValue
from elysia_desktop.stores.library import metrics
from elysia_desktop.stores.library.filters import condition
from elysia_desktop.stores.library.metrics import Scope
from elysia_desktop.stores.library.search import refuse_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elysia_desktop.core.requests import AggregateRequest, Metric
    from elysia_desktop.stores.library.session import Row, Session
    from elysia_desktop.stores.library.tables import Column, Table


@dataclass(frozen=True)
class Answer:
    """The number of objects that match, and the metrics over all of them or per group."""

    count: int
    metrics: tuple[MetricValue, ...] = ()
    groups: tuple[Group, ...] | None = None


@dataclass(frozen=True)
class _Asked:
    metric: Metric
    column: Column


def aggregate(session: Session, table: Table, request: AggregateRequest) -> Answer:
    """Answer a request; raises `QueryRejected` where it does not fit the schema."""
    refuse_vectors(table, request.search)
    asked = [_asked(table, metric) for metric in request.metrics]
    where = condition(table, request.filters)
    if request.group_by is None:
        scope = Scope(session, table.objects, where)
        counted = metrics.counted(scope, [(a.column, a.metric.function) for a in asked], 1)[0]
        found = _measure(scope, asked, [counted])
        return Answer(counted[1], found[0])
    grouped = table.column(request.group_by)
    scope = _grouped_scope(session, table, grouped, Scope(session, table.objects, where))
    rows = metrics.counted(scope, [(a.column, a.metric.function) for a in asked], request.limit or MAX_LIMIT)
    found = _measure(scope, asked, rows)
    show = metrics.shown(grouped.type.element)
    groups = [Group(show(row[0]), row[1], values) for row, values in zip(rows, found, strict=True)]
    total = session.value(f"SELECT count(*) FROM {table.objects} WHERE {where.sql}", where.parameters)
    return Answer(total, groups=tuple(groups))


def _asked(table: Table, metric: Metric) -> _Asked:
    column = table.column(metric.property)
    allowed = metrics_of(column.type)
    if metric.function not in allowed:
        raise QueryRejected(
            f"“{metric.property}” is {column.type.value} and has no {metric.function}.",
            f"Use one of: {', '.join(allowed)}.",
        )
    return _Asked(metric, column)


def _grouped_scope(session: Session, table: Table, column: Column, scope: Scope) -> Scope:
    name = f'"{column.compared}"'
    if column.type is DataType.TEXTS:
        # One group per element; an element that stands twice in a list counts its object once.
        first = "(SELECT min(other.key) FROM json_each({0}) AS other WHERE other.value = element.value)"
        source = (
            f"{table.objects} LEFT JOIN json_each({name}) AS element ON element.key = {first.format(name)}"
        )
        return Scope(session, source, scope.where, "element.value")
    if not column.is_scalar:
        possible = [c.prop.name for c in table.columns if c.is_scalar or c.type is DataType.TEXTS]
        raise QueryRejected(
            f"“{column.prop.name}” is {column.type.value} and cannot be grouped by.",
            f"Group by one of: {', '.join(possible)}." if possible else "Ask without groups.",
        )
    return Scope(session, scope.source, scope.where, name)


def _measure(scope: Scope, asked: Sequence[_Asked], rows: Sequence[Row]) -> list[tuple[MetricValue, ...]]:
    """The metrics, for each of the rows that `metrics.counted` found."""
    lookups: list[Callable[[Row], Any]] = []
    position = 2
    for one in asked:
        width = metrics.width(one.column.type, one.metric.function)
        if width:
            lookups.append(metrics.folded(one.column.type, one.metric.function, position))
            position += width
        else:
            by_key = metrics.ranked(scope, one.column, one.metric)
            empty: list[Any] | None = [] if one.metric.function == "TOP_OCCURRENCES" else None
            lookups.append(lambda row, by_key=by_key, empty=empty: by_key.get(row[0], empty))
    return [
        tuple(
            MetricValue(one.metric.property, one.metric.function, lookup(row))
            for one, lookup in zip(asked, lookups, strict=True)
        )
        for row in rows
    ]
