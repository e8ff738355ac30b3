"""Aggregations: exact metrics over all objects that match, or per group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores import checks
from elysia_desktop.stores.base import Group, MetricValue
from elysia_desktop.stores.library import metrics
from elysia_desktop.stores.library.filters import translated
from elysia_desktop.stores.library.metrics import Scope
from elysia_desktop.stores.library.search import find_by_meaning
from elysia_desktop.stores.library.texts import Condition
from elysia_desktop.stores.library.values import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elysia_desktop.core.requests import AggregateRequest, Metric
    from elysia_desktop.core.schema import MetricFunction
    from elysia_desktop.stores.library.columns import Columns
    from elysia_desktop.stores.library.meaning import Meaning
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


def aggregate(
    session: Session,
    table: Table,
    request: AggregateRequest,
    meaning: Meaning | None = None,
    columns: Columns | None = None,
) -> Answer:
    """Answer a request; raises `QueryRejected` where it does not fit the schema."""
    checked = checks.aggregate(table.schema, request)
    where = translated(table, checked)
    if request.search != "none":
        where = _nearest(session, table, request, where, meaning)
    asked = [_Asked(metric, table.column(metric.property)) for metric in request.metrics]
    if request.group_by is None:
        scope = Scope(session, table.objects, where)
        counted = metrics.counted(scope, [(a.column, a.metric.function) for a in asked], 1)[0]
        found = _measure(scope, asked, [counted])
        return Answer(counted[1], found[0])
    grouped = table.column(request.group_by)
    scope = _grouped_scope(session, table, grouped, Scope(session, table.objects, where))
    wanted: list[tuple[Column, MetricFunction]] = [(a.column, a.metric.function) for a in asked]
    most = request.limit or MAX_LIMIT
    in_memory = None
    if columns is not None and request.search == "none":
        in_memory = columns.per_group(session, table, grouped, wanted, checked)
    if in_memory is None:
        rows = metrics.counted(scope, wanted, most)
        total: int = session.value(
            f"SELECT count(*) FROM {table.objects} WHERE {where.sql}", where.parameters
        )
    else:
        rows, total = in_memory[0][:most], in_memory[1]
    found = _measure(scope, asked, rows)
    show = metrics.shown(grouped.type.element)
    groups = [Group(show(row[0]), row[1], values) for row, values in zip(rows, found, strict=True)]
    return Answer(total, groups=tuple(groups))


def _nearest(
    session: Session, table: Table, request: AggregateRequest, where: Condition, meaning: Meaning | None
) -> Condition:
    """Only the `limit` objects that a search finds first."""
    hits = find_by_meaning(session, table, request, where, request.limit or MAX_LIMIT, meaning)
    rows = compact([hit.row for hit in hits])
    return Condition("row IN (SELECT value FROM json_each(?))", (rows,))


def _grouped_scope(session: Session, table: Table, column: Column, scope: Scope) -> Scope:
    name = f'"{column.compared}"'
    if column.type is DataType.TEXTS:
        # One group per element; an element that stands twice in a list counts its object once.
        first = "(SELECT min(other.key) FROM json_each({0}) AS other WHERE other.value = element.value)"
        source = f"{table.objects} JOIN json_each({name}) AS element ON element.key = {first.format(name)}"
        return Scope(session, source, scope.where, "element.value")
    valued = Condition(f"{scope.where.sql} AND {name} IS NOT NULL", scope.where.parameters)
    return Scope(session, scope.source, valued, name)


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
