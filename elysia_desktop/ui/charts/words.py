"""A chart in words, for those who do not see it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from elysia_desktop.ui.charts.bars import Bars
from elysia_desktop.ui.charts.points import Points
from elysia_desktop.ui.charts.values import value_text
from elysia_desktop.ui.tables.formats import number_text


def summary(drawing: Bars | Points) -> str:
    """What kind of chart it is, how much it shows, from where to where the values run."""
    match drawing:
        case Bars():
            return _bars(drawing)
        case Points():
            return _points(drawing)


def count_of(drawing: Bars | Points | None) -> str:
    """How many bars or points there are."""
    match drawing:
        case None:
            return _tr("empty")
        case Bars(edges=()):
            return _many(len(drawing.marks), _tr("1 bar"), _tr("{count} bars"))
        case Bars():
            return _many(int(sum(drawing.values)), _tr("1 value"), _tr("{count} values"))
        case Points():
            return _many(len(drawing.marks), _tr("1 point"), _tr("{count} points"))


def _bars(bars: Bars) -> str:
    lengths = _range(value_text(min(bars.values)), value_text(max(bars.values)))
    if not bars.edges:
        return _tr("Bar chart with {count}{series}. {range}").format(
            count=count_of(bars), series=_series(len(bars.series)), range=lengths
        )
    return _tr("Histogram of {count}{series} in {bins}, from {low} to {high}. {range}").format(
        count=count_of(bars),
        series=_series(len(bars.series)),
        bins=_many(len(bars.names), _tr("1 bin"), _tr("{count} bins")),
        low=value_text(bars.edges[0]),
        high=value_text(bars.edges[-1]),
        range=lengths,
    )


def _points(points: Points) -> str:
    lines = [series.is_line for series in points.series]
    kind = _tr("Line chart") if all(lines) else _tr("Scatter chart")
    if any(lines) and not all(lines):
        kind = _tr("Scatter and line chart")
    xs = [mark.x for mark in points.marks]
    ys = [mark.y for mark in points.marks]
    return _tr("{kind} with {count}{series}, from {low} to {high}. {range}").format(
        kind=kind,
        count=count_of(points),
        series=_series(len(points.series)),
        low=points.x.text(min(xs)),
        high=points.x.text(max(xs)),
        range=_range(points.y.text(min(ys)), points.y.text(max(ys))),
    )


def _range(low: str, high: str) -> str:
    return _tr("The values run from {low} to {high}.").format(low=low, high=high)


def _series(count: int) -> str:
    return "" if count == 1 else _tr(" in {count} series").format(count=number_text(count))


def _many(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(count=number_text(count))


def _tr(text: str) -> str:
    return QCoreApplication.translate("charts", text)
