"""Metrics: what each aggregate function is in SQL, and how its columns become one value."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.schema import DataType, MetricFunction
from elysia_desktop.stores.library.moments import from_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elysia_desktop.core.requests import Metric
    from elysia_desktop.stores.library.session import Row, Session
    from elysia_desktop.stores.library.tables import Column
    from elysia_desktop.stores.library.texts import Condition

_MOST_OCCURRENCES = 100
"""How many values `TOP_OCCURRENCES` lists at most; group by the property to see them all."""

# The sum of 64-bit numbers may not fit into 64 bits: added up in halves, and put together in Python.
_INT_SUM = ("sum({0} >> 32)", "sum({0} & 4294967295)", "count({0})")
_TRUTHS = ("sum({0})", "count({0})")


@dataclass(frozen=True)
class Scope:
    """The rows that are aggregated, and the SQL of the key they are grouped by."""

    session: Session
    source: str
    where: Condition
    key: str = ""

    def rows(self, columns: str, rest: str = "", *, extra: str = "1", more: Sequence[Any] = ()) -> list[Row]:
        """The result of selecting `columns` where the filter and `extra` hold."""
        sql = f"SELECT {columns} FROM {self.source} WHERE {self.where.sql} AND {extra} {rest}"
        return self.session.rows(sql, (*self.where.parameters, *more))


def counted(scope: Scope, asked: Iterable[tuple[Column, MetricFunction]], limit: int) -> list[Row]:
    """One row per group, largest first: the key, the count, then the columns of every simple function."""
    columns = [
        expression.format(f'"{column.compared}"')
        for column, function in asked
        for expression in _columns(column.type, function)
    ]
    if not scope.key:
        return scope.rows(", ".join(["NULL", "count(*)", *columns]))
    selected = ", ".join([f"{scope.key} AS key", "count(*) AS count", *columns])
    return scope.rows(selected, "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?", more=(limit,))


def width(data_type: DataType, function: MetricFunction) -> int:
    """How many columns of `counted` the function has; 0 when it needs a query of its own."""
    return len(_columns(data_type, function))


def _columns(data_type: DataType, function: MetricFunction) -> tuple[str, ...]:
    match function:
        case "COUNT":
            # Of a list the elements are counted.
            return ("total(json_array_length({0}))",) if data_type.is_list else ("count({0})",)
        case "MIN" | "MAX":
            return (f"{function.lower()}({{0}})",)
        case "SUM" | "MEAN":
            return _INT_SUM if data_type is DataType.INT else _TRUTHS
        case "TOTAL_TRUE" | "TOTAL_FALSE" | "PERCENTAGE_TRUE" | "PERCENTAGE_FALSE":
            return _TRUTHS
        case "MEDIAN" | "MODE" | "TOP_OCCURRENCES":
            return ()


def folded(data_type: DataType, function: MetricFunction, position: int) -> Callable[[Row], Any]:
    """How a row of `counted` becomes the function's value, its columns starting at `position`."""
    show = shown(data_type)
    match function:
        case "SUM" | "MEAN":
            return lambda row: _sum_or_mean(row[position : position + width(data_type, function)], function)
        case "TOTAL_TRUE" | "TOTAL_FALSE" | "PERCENTAGE_TRUE" | "PERCENTAGE_FALSE":
            return lambda row: _truths(row[position] or 0, row[position + 1], function)
        case "COUNT":
            return lambda row: int(row[position])
        case _:
            return lambda row: show(row[position])


def _sum_or_mean(parts: Row, function: MetricFunction) -> Any:
    *summands, count = parts
    if not count:
        return 0 if function == "SUM" else None
    total = summands[0] if len(summands) == 1 else (summands[0] << 32) + summands[1]
    return total if function == "SUM" else total / count


def _truths(true: int, count: int, function: MetricFunction) -> Any:
    amount = true if function.endswith("TRUE") else count - true
    if function.startswith("TOTAL"):
        return amount
    # A share of one, as Weaviate's "percentage" is.
    return amount / count if count else None


def ranked(scope: Scope, column: Column, metric: Metric) -> dict[Any, Any]:
    """MEDIAN, MODE or TOP_OCCURRENCES by the key of the group; groups without values are left out."""
    show = shown(column.type)
    if metric.function == "MEDIAN":
        return {
            key: _middle([row[1] for row in rows], column.type)
            for key, rows in groupby(_middle_rows(scope, column), key=lambda row: row[0])
        }
    top = metric.function == "TOP_OCCURRENCES"
    rows = _occurrences(scope, column, _MOST_OCCURRENCES if top else 1, metric.min_occurrences if top else 1)
    listed: dict[Any, Any] = {}
    for key, value, count in rows:
        if top:
            listed.setdefault(key, []).append({"value": show(value), "count": count})
        else:
            listed[key] = show(value)
    return listed


def _middle_rows(scope: Scope, column: Column) -> list[Row]:
    """Key and value of the one or two middle values of every group."""
    name = f'"{column.compared}"'
    present = f"{name} IS NOT NULL"
    if not scope.key:
        count: int = scope.rows("count(*)", extra=present)[0][0]
        page = (2 - count % 2, max(count - 1, 0) // 2)
        return scope.rows(f"NULL, {name}", f"ORDER BY {name} LIMIT ? OFFSET ?", extra=present, more=page)
    numbered = (
        f"SELECT {scope.key} AS key, {name} AS value, "
        f"row_number() OVER (PARTITION BY {scope.key} ORDER BY {name}) AS place, "
        f"count(*) OVER (PARTITION BY {scope.key}) AS count "
        f"FROM {scope.source} WHERE {scope.where.sql} AND {present}"
    )
    return scope.session.rows(
        f"SELECT key, value FROM ({numbered}) "
        "WHERE place IN ((count + 1) / 2, (count + 2) / 2) ORDER BY key, place",
        scope.where.parameters,
    )


def _middle(values: Sequence[Any], data_type: DataType) -> Any:
    if data_type is DataType.DATE:
        return from_micros(sum(values) // len(values))
    low, high = values[0], values[-1]
    if low == high:
        return low
    # Halved before they are added, where the sum could be infinite.
    return (low + high) / 2 if data_type is DataType.INT else low / 2 + high / 2


def _occurrences(scope: Scope, column: Column, most: int, least: int | None) -> list[Row]:
    """Key, value and count of the most frequent values of every group, most frequent first."""
    name, key = f'"{column.compared}"', scope.key or "NULL"
    rows = (
        f"SELECT {key} AS key, {name} AS value, count(*) AS count FROM {scope.source} "
        f"WHERE {scope.where.sql} AND {name} IS NOT NULL GROUP BY 1, 2 HAVING count(*) >= ?"
    )
    parameters = (*scope.where.parameters, least or 1)
    if not scope.key:
        return scope.session.rows(f"{rows} ORDER BY 3 DESC, 2 LIMIT ?", (*parameters, most))
    placed = (
        f"SELECT *, row_number() OVER (PARTITION BY key ORDER BY count DESC, value) AS place FROM ({rows})"
    )
    return scope.session.rows(
        f"SELECT key, value, count FROM ({placed}) WHERE place <= ? ORDER BY key, place", (*parameters, most)
    )


def shown(data_type: DataType) -> Callable[[Any], Any]:
    """How a column's value is shown: dates as ISO 8601 in UTC, booleans as such."""
    convert: Callable[[Any], Any] | None = {DataType.DATE: from_micros, DataType.BOOLEAN: bool}.get(data_type)
    return lambda value: value if convert is None or value is None else convert(value)
