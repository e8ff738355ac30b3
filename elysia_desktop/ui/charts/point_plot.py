"""Points, and lines through points."""

from __future__ import annotations

from itertools import groupby, pairwise
from math import hypot

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from elysia_desktop.ui.charts.colours import series_colour
from elysia_desktop.ui.charts.frame import Frame
from elysia_desktop.ui.charts.plot import Plot
from elysia_desktop.ui.charts.points import Points
from elysia_desktop.ui.charts.read_out import Reading
from elysia_desktop.ui.charts.scale import Axis
from elysia_desktop.ui.charts.shapes import LINE, draw_shape, line_pen
from elysia_desktop.ui.charts.values import AxisKind, Places
from elysia_desktop.ui.theme import Tokens

_REACH = 24
"""How near to a point the pointer must be."""
_POINT, _SMALL_POINT, _RING = 7.0, 5.0, 6.0
_ROOM = 0.03
_CROWD = 400
"""Beyond so many marks they are smaller, and see-through so that one sees where they are dense."""
_TANGLED = 8
"""A line so many times as long as the plot is wide crosses its own strokes everywhere."""
_MOST_DOTS = 60
"""A line with more marks than these is drawn without a dot at each."""


class PointPlot(Plot):
    """Points at values of both axes, those of some series joined by a line."""

    def __init__(
        self, points: Points, x_label: str, y_label: str, summary: str, parent: QWidget | None = None
    ) -> None:
        self.points = points
        self._x_label, self._y_label = x_label, y_label
        self._spots: tuple[Frame, list[QPointF]] | None = None
        super().__init__(summary, parent)

    def _placed(self) -> list[QPointF]:
        """Where the marks stand, computed once per frame."""
        frame = self.frame
        if self._spots is None or self._spots[0] is not frame:
            spots = frame.points((mark.x for mark in self.points.marks), self.points.heights)
            self._spots = (frame, spots)
        return self._spots[1]

    def _draw_line(self, painter: QPainter, series: int, colour: QColor) -> None:
        placed = self._placed()
        line = [placed[place] for place in self.points.by_series[series]]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(line) > _CROWD:
            line = thinned(line)
        if _length(line) > _TANGLED * self.width():
            # As one path with joins and dashes, a line that crosses itself so often would take seconds.
            painter.setPen(QPen(colour, LINE, c=Qt.PenCapStyle.RoundCap))
            # Smoothing costs five times as much where pixels are so fine that it does not show.
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, self.devicePixelRatioF() < 2)
            painter.drawLines([QLineF(begin, end) for begin, end in pairwise(line)])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            return
        painter.setPen(line_pen(colour, series))
        painter.drawPolyline(QPolygonF(line))
        if len(self.points.by_series[series]) <= _MOST_DOTS:
            for spot in line:
                draw_shape(painter, spot, _SMALL_POINT, colour, 0)

    def _draw_points(self, painter: QPainter, series: int, colour: QColor) -> None:
        size = _SMALL_POINT if len(self.points.marks) > _CROWD else _POINT
        stamp = _stamp(size, colour, series, self.devicePixelRatioF())
        half = stamp.deviceIndependentSize().width() / 2
        corner = QPointF(half, half)
        placed = self._placed()
        painter.setOpacity(0.55 if len(self.points.marks) > _CROWD else 0.9)
        # A picture of the point, for ten thousand paths would take ten times as long.
        for place in self.points.by_series[series]:
            painter.drawPixmap(placed[place] - corner, stamp)
        painter.setOpacity(1)

    # What a plot is made of
    @override
    def count(self) -> int:
        return len(self.points.marks)

    @override
    def reading(self, place: int) -> Reading:
        mark = self.points.marks[place]
        x = self.points.x.text(mark.x)
        if self._x_label:
            x = f"{self._x_label} {x}"
        name = f"{mark.label} · {x}" if mark.label else x
        return Reading(name, self.points.series[mark.series].name, self.points.y.text(mark.y))

    @override
    def series_of(self, place: int) -> int:
        return self.points.marks[place].series

    @override
    def spot(self, place: int) -> QRectF:
        centre = self._placed()[place]
        return QRectF(centre.x() - _RING, centre.y() - _RING, 2 * _RING, 2 * _RING)

    @override
    def place_at(self, position: QPointF) -> int | None:
        x, y = position.x(), position.y()
        found, least = None, float(_REACH)
        for place, spot in enumerate(self._placed()):
            across = spot.x() - x
            if -least < across < least:
                away = hypot(across, spot.y() - y)
                if away < least:
                    found, least = place, away
        return found

    @override
    def beside(self, place: int, steps: int) -> int:
        mark = self.points.marks[place]
        series = mark.series + steps
        if not 0 <= series < len(self.points.series):
            return place
        there = self.points.by_series[series]
        return min(there, key=lambda other: abs(self.points.marks[other].x - mark.x), default=place)

    @override
    def lay_out(self, bounds: QRectF, font: QFont) -> Frame:
        marks = self.points.marks
        x = _axis(self.points.x, [mark.x for mark in marks], self._x_label, is_across=True)
        if self.points.is_normalised:
            y = Axis(AxisKind.NUMBER, 0, 1, self._y_label)
        else:
            y = _axis(self.points.y, self.points.heights, self._y_label)
        return Frame(x, y, bounds, font)

    @override
    def draw(self, painter: QPainter, frame: Frame, tokens: Tokens) -> None:
        for series, kind in enumerate(self.points.series):
            if not kind.is_line:
                self._draw_points(painter, series, series_colour(series, tokens))
        for series, kind in enumerate(self.points.series):
            if kind.is_line:
                self._draw_line(painter, series, series_colour(series, tokens))

    @override
    def draw_current(self, painter: QPainter, place: int, tokens: Tokens) -> None:
        series = self.series_of(place)
        spot = self._placed()[place]
        draw_shape(painter, spot, _POINT + 1, series_colour(series, tokens), self._shape(series))
        painter.setPen(QPen(QColor(tokens.text), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(spot, _RING + 1, _RING + 1)

    def _shape(self, series: int) -> int:
        return 0 if self.points.series[series].is_line else series


def thinned(line: list[QPointF]) -> list[QPointF]:
    """The line with the first, highest, lowest and last of its points at each pixel, which look the same."""
    kept: list[QPointF] = []
    for _, there in groupby(line, key=lambda spot: int(spot.x())):
        spots = list(there)
        ends = [spots[0], min(spots, key=QPointF.y), max(spots, key=QPointF.y), spots[-1]]
        kept += ends if len(spots) > len(ends) else spots
    return kept


def _length(line: list[QPointF]) -> float:
    return sum(abs(end.y() - begin.y()) for begin, end in pairwise(line))


def _stamp(size: float, colour: QColor, series: int, ratio: float) -> QPixmap:
    side = int(size * 1.5) + 2
    stamp = QPixmap(round(side * ratio), round(side * ratio))
    stamp.setDevicePixelRatio(ratio)
    stamp.fill(Qt.GlobalColor.transparent)
    painter = QPainter(stamp)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_shape(painter, QPointF(side / 2, side / 2), size, colour, series)
    painter.end()
    return stamp


def _axis(places: Places, values: list[float], label: str, *, is_across: bool = False) -> Axis:
    low, high = min(values), max(values)
    if is_across and places.kind is AxisKind.NUMBER:
        room = (high - low) * _ROOM
        return Axis(places.kind, low - room, high + room, label, grouped=not places.are_years, fixed=True)
    return Axis(places.kind, low, high, label, places.names, grouped=not places.are_years)
