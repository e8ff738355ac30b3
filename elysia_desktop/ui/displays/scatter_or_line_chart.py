"""Charts of points and lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import override

from elysia_desktop.ui.charts.chart import Chart, captioned, distinct
from elysia_desktop.ui.charts.points import Mark, Points, PointSeries
from elysia_desktop.ui.charts.values import Places, caption, fields_of, items_of, places_of
from elysia_desktop.ui.displays.bar_chart import BarChartDisplay
from elysia_desktop.ui.tables.formats import cell_text


class ScatterOrLineChartDisplay(BarChartDisplay):
    """Points of each series above shared places, joined by a line where the series is one."""

    @override
    def chart(self, item: Mapping[str, Any]) -> Chart:
        data = fields_of(item.get("data"))
        x_axis = items_of(data.get("x_axis"))
        given = [fields_of(series) for series in items_of(data.get("y_axis"))]
        heights = [items_of(series.get("data_points")) for series in given]
        x = places_of(_value(point) for point in x_axis)
        y = places_of(_value(point) for points in heights for point in points)
        series: list[PointSeries] = []
        marks: list[Mark] = []
        begin = 0
        for each, points in zip(given, heights, strict=True):
            at = y.at[begin : begin + len(points)]
            begin += len(points)
            found = _marks(len(series), x, at, x_axis, points)
            if found:
                levels = [mark.y for mark in found]
                name = caption(each.get("label"))
                series.append(PointSeries(name, each.get("kind") == "line", min(levels), max(levels)))
                marks += found
        marks.sort(key=lambda mark: (mark.x, mark.series))
        is_normalised = data.get("normalize_y_axis") is True
        drawing = Points(tuple(series), tuple(marks), x, y, is_normalised) if marks else None
        return captioned(item, drawing, _rows(item, x_axis, given, heights), begin - len(marks))


def _marks(
    series: int, x: Places, at: Sequence[float | None], x_axis: Sequence[Any], points: Sequence[Any]
) -> list[Mark]:
    return [
        Mark(across, up, series, source, _label(points[source]) or _label(x_axis[source]))
        for source, (across, up) in enumerate(zip(x.at, at, strict=False))
        if across is not None and up is not None
    ]


def _rows(
    item: Mapping[str, Any],
    x_axis: Sequence[Any],
    given: Sequence[Mapping[str, Any]],
    heights: Sequence[Sequence[Any]],
) -> list[dict[str, Any]]:
    columns = [distinct(str(item.get("x_axis_label") or "x"), ())]
    has_labels = any(_label(point) for point in x_axis)
    if has_labels:
        columns.append(distinct("label", columns))
    for series in given:
        columns.append(distinct(str(series.get("label") or "y"), columns))
    rows: list[dict[str, Any]] = []
    for place, point in enumerate(x_axis):
        labels = (_label(point),) if has_labels else ()
        values = (_value(points[place]) if place < len(points) else None for points in heights)
        rows.append(dict(zip(columns, (_value(point), *labels, *values), strict=True)))
    return rows


def _value(point: Any) -> Any:
    return fields_of(point).get("value") if isinstance(point, Mapping) else point


def _label(point: Any) -> str:
    label = fields_of(point).get("label")
    return "" if label is None else cell_text(label)
