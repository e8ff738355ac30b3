"""Draws charts from a table: which values, where they come from, and what had to be left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Any, Generic, Literal, TypeVar

from elysia_desktop.core.errors import ToolError
from elysia_desktop.engine.budget import compact
from elysia_desktop.engine.charts.aggregated import COUNTED
from elysia_desktop.engine.charts.models import (
    BarChartData,
    HistogramData,
    Number,
    ScatterOrLineDataPoint,
    ScatterOrLineDataPoints,
    ScatterOrLineYAxisData,
)
from elysia_desktop.engine.charts.tables import Column, Table, is_number, labels_in, moment

MAX_BARS = 50
MAX_POINTS = 2000
_LABEL_LENGTH = 80
_NAMES = {"name", "title", "label", "subject"}
_SCALES_APART = 50
"""Series whose largest values differ by more cannot be told apart on one scale."""

Combine = Literal["mean", "sum"]
Data = TypeVar("Data")


class Undrawable(ToolError):
    """A choice of fields that makes no chart; says why and what would."""


@dataclass(frozen=True)
class Drawn(Generic[Data]):
    """A chart's data; for each series a `_REF_ID` list per value; in words what is not in it."""

    data: Data
    sources: list[dict[str, Any]]
    left_out: list[str] = field(default_factory=list[str])


def draw_bars(
    table: Table, labels: str, values: Sequence[str], combine: Combine = "mean"
) -> Drawn[BarChartData]:
    """A bar per label and field; objects of one label are counted, or their values combined."""
    if labels in values:
        raise Undrawable(f"“{labels}” cannot be both the labels and the values.", "Choose two fields.")
    named, shown = _column(table, labels), _columns(table, values)
    how: dict[str, Combine] = {name: combine if name in table.columns else "sum" for name in shown}
    rows, left_out = _complete(table, [named, *shown.values()])
    groups: dict[tuple[bool, Any], list[int]] = {}
    for row in rows:
        for label in dict.fromkeys(labels_in(named.values[row])):
            # as a key, True would be 1
            groups.setdefault((isinstance(label, bool), label), []).append(row)
    bars = [
        (
            _label(label),
            {name: _combined(column, members, how[name]) for name, column in shown.items()},
            members,
        )
        for (_, label), members in groups.items()
    ]
    if not bars:
        raise Undrawable(_nothing([labels, *values]), "Choose other fields or another result.")
    if named.kind != "text":
        bars.sort(key=lambda bar: _place(named, bar[0]))
    if len(bars) > MAX_BARS:
        first = next(iter(shown))
        least = sorted(range(len(bars)), key=lambda at: -bars[at][1][first])[:MAX_BARS]
        left_out.append(f"the {len(bars) - MAX_BARS:,} smallest of {len(bars):,} bars")
        bars = [bars[at] for at in sorted(least)]
    data = BarChartData(
        x_labels=[label for label, _, _ in bars],
        y_values={name: [bar[1][name] for bar in bars] for name in shown},
    )
    ref_ids = [[table.ref_ids[row] for row in dict.fromkeys(members)] for _, _, members in bars]
    return Drawn(data, [_source(name, labels, name, ref_ids) for name in shown], left_out)


def draw_histogram(table: Table, values: Sequence[str]) -> Drawn[dict[str, HistogramData]]:
    """All numbers of each field."""
    data: dict[str, HistogramData] = {}
    sources: list[dict[str, Any]] = []
    left_out: list[str] = _not_retrieved(table)
    for name in dict.fromkeys(values):
        column = _column(table, name)
        rows, missing = _complete(Table(table.key, table.ref_ids, table.columns), [column])
        if len(rows) < 2:
            raise Undrawable(
                f"“{name}” of {table.key} has too few numbers for a histogram.",
                "Choose another field, or retrieve more objects.",
            )
        left_out += missing + _too_many(rows)
        rows = rows[:MAX_POINTS]
        data[name] = HistogramData(distribution=[column.values[row] for row in rows])
        sources.append(_source(name, name, None, [[table.ref_ids[row]] for row in rows]))
    return Drawn(data, sources, left_out)


def draw_points(
    table: Table, x: str, y: Sequence[str], kind: Literal["scatter", "line"] = "scatter"
) -> Drawn[ScatterOrLineDataPoints]:
    """Points, or lines, of each `y` field over the numbers or dates of `x`."""
    if x in y:
        raise Undrawable(f"“{x}” cannot be on both axes.", "Choose two fields.")
    across, up = _column(table, x), {name: _column(table, name) for name in dict.fromkeys(y)}
    rows, left_out = _complete(table, [across, *up.values()])
    if len(rows) < 2:
        raise Undrawable(
            _nothing([x, *y]), "It takes two objects that have all of them. Choose other fields."
        )
    left_out += _too_many(rows)
    rows = sorted(rows[:MAX_POINTS], key=lambda row: _place(across, across.values[row]))
    names = _names(table, rows)
    data = ScatterOrLineDataPoints(
        x_axis=[
            ScatterOrLineDataPoint(value=across.values[row], label=names[at]) for at, row in enumerate(rows)
        ],
        y_axis=[
            ScatterOrLineYAxisData(
                label=name,
                kind=kind,
                data_points=[ScatterOrLineDataPoint(value=column.values[row]) for row in rows],
            )
            for name, column in up.items()
        ],
        normalize_y_axis=_are_scales_apart([[column.values[row] for row in rows] for column in up.values()]),
    )
    ref_ids = [[table.ref_ids[row]] for row in rows]
    return Drawn(data, [_source(name, x, name, ref_ids) for name in up], left_out)


def _column(table: Table, name: str) -> Column:
    if name not in table.columns:
        raise Undrawable(f"{table.key} has no field “{name}”.", f"It has: {', '.join(table.columns)}.")
    return table.columns[name]


def _columns(table: Table, names: Sequence[str]) -> dict[str, Column]:
    """The columns to draw; the number of objects counts every row once."""
    ones = Column(COUNTED, "number", [1] * len(table.ref_ids))
    return {
        name: ones if name == COUNTED and table.counts else _column(table, name)
        for name in dict.fromkeys(names)
    }


def _complete(table: Table, columns: Sequence[Column]) -> tuple[list[int], list[str]]:
    """The rows that have a value in every column, and what is said of the others."""
    left_out = _not_retrieved(table)
    rows = list(range(len(table.ref_ids)))
    for column in columns:
        has = _has_label if column.kind != "number" else is_number
        kept = [row for row in rows if has(column.values[row])]
        missing = len(rows) - len(kept)
        if missing:
            left_out.append(f"{missing:,} without {column.name}")
        rows = kept
    return rows, left_out


def _not_retrieved(table: Table) -> list[str]:
    return [f"{table.more:,} more objects that match but were not retrieved"] if table.more else []


def _too_many(rows: Sequence[int]) -> list[str]:
    return [f"{len(rows) - MAX_POINTS:,} of {len(rows):,} values"] if len(rows) > MAX_POINTS else []


def _has_label(value: Any) -> bool:
    return bool(labels_in(value))


def _combined(column: Column, rows: Sequence[int], combine: Combine) -> Number:
    """The one value of a bar; a single one stands as it is."""
    values: list[Number] = [column.values[row] for row in rows]
    if len(values) == 1:
        return values[0]
    if all(isinstance(value, int) for value in values):
        total: Number = sum(values)
    else:
        try:
            total = fsum(values)
        except OverflowError:
            total = float("inf")
    result = total if combine == "sum" else total / len(values)
    if not is_number(result):
        raise Undrawable(
            f"The values of “{column.name}” are too large to be put together.", "Choose another."
        )
    return result


def _label(value: Any) -> str | int | float:
    if isinstance(value, bool):
        return "true" if value else "false"
    return compact(value, _LABEL_LENGTH) if isinstance(value, str) else value


def _place(column: Column, value: Any) -> Any:
    """What a value of a number or date column is sorted by."""
    return moment(value) if column.kind == "date" else value


def _names(table: Table, rows: Sequence[int]) -> list[str]:
    """What each row is called: by the first text that no two rows share, names before others, else not at all."""
    for name in sorted(table.of_kind("text"), key=lambda name: name.casefold() not in _NAMES):
        values = [table.columns[name].values[row] for row in rows]
        if all(isinstance(value, str) and value for value in values) and len(set(values)) == len(values):
            return [compact(value, _LABEL_LENGTH) for value in values]
    return [""] * len(rows)


def _are_scales_apart(series: Sequence[Sequence[Number]]) -> bool:
    sizes = [max(abs(float(value)) for value in values) for values in series]
    return len(sizes) > 1 and max(sizes) > _SCALES_APART * min(sizes)


def _nothing(fields: Sequence[str]) -> str:
    return f"No object has a value in {' and '.join(f'“{name}”' for name in dict.fromkeys(fields))}."


def _source(series: str, x: str, y: str | None, ref_ids: list[list[str]]) -> dict[str, Any]:
    return {"series": series, "x_field": x, "y_field": y, "ref_ids": ref_ids}
