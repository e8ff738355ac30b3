"""Bars, upright or lying, and bins of a histogram."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from elysia_desktop.ui.charts.bars import Bars
from elysia_desktop.ui.charts.colours import series_colour
from elysia_desktop.ui.charts.frame import Frame
from elysia_desktop.ui.charts.plot import HEIGHT, Plot
from elysia_desktop.ui.charts.read_out import Reading
from elysia_desktop.ui.charts.scale import Axis
from elysia_desktop.ui.charts.values import AxisKind, value_text
from elysia_desktop.ui.theme import Tokens

MOST_LYING = 20
"""With more bars than these a chart of lying ones would be higher than a window."""
_USUAL_WIDTH = 560
_THICKEST = 44
_ROW, _BAR = 28, 14
_AXES = 64
_FALL = 64
"""How much higher a chart is whose names slant."""
_ROUND = 2
_ROOM = 0.04


class BarPlot(Plot):
    """A bar per slot and series; bars lie where their names are long."""

    def __init__(
        self, bars: Bars, x_label: str, y_label: str, summary: str, parent: QWidget | None = None
    ) -> None:
        self.bars = bars
        self._marks = bars.marks
        self._places = {mark: place for place, mark in enumerate(self._marks)}
        self._x_label, self._y_label = x_label, y_label
        super().__init__(summary, parent)
        has_long_names = self._has_long_names()
        self.is_lying = has_long_names and 1 < len(bars.names) <= MOST_LYING
        if self.is_lying:
            thickness = max(_ROW, _BAR * len(bars.series) + 10)
            self.setFixedHeight(_AXES + thickness * len(bars.names))
        else:
            self.setFixedHeight(HEIGHT + (_FALL if has_long_names else 0))

    def _has_long_names(self) -> bool:
        if self.bars.edges:
            return False
        metrics = QFontMetricsF(self.small_font())
        widest = max(metrics.horizontalAdvance(name) for name in self.bars.names)
        return widest > _USUAL_WIDTH / len(self.bars.names)

    def _bar(self, slot: int, place: int) -> QRectF:
        """The rectangle of a bar, on whole pixels."""
        frame = self.frame
        low, high = self._across(slot, place)
        zero, value = 0.0, self.bars.value(slot, place)
        if self.is_lying:
            left, right = sorted((frame.along_x(zero), frame.along_x(value)))
            return QRectF(QPointF(round(left), round(low)), QPointF(round(right), round(high)))
        top, bottom = sorted((frame.along_y(zero), frame.along_y(value)))
        return QRectF(QPointF(round(low), round(top)), QPointF(round(high), round(bottom)))

    def _across(self, slot: int, place: int) -> tuple[float, float]:
        """From where to where a bar reaches across the direction in which it grows."""
        begin, end = self._slot(slot)
        series = len(self.bars.series)
        gap = min(1.0, (end - begin) / 6) if self.bars.edges else (end - begin) * 0.14
        width = (end - begin - 2 * gap) / series
        if not self.bars.edges:
            width = min(width, _THICKEST)
        middle = (begin + end) / 2
        low = middle + (place - series / 2) * width
        return low, low + max(1.0, width - (1 if width > 4 and series > 1 else 0))

    def _slot(self, slot: int) -> tuple[float, float]:
        frame, edges = self.frame, self.bars.edges
        along = frame.along_y if self.is_lying else frame.along_x
        if edges:
            return along(edges[slot]), along(edges[slot + 1])
        return along(slot - 0.5), along(slot + 0.5)

    # What a plot is made of
    @override
    def count(self) -> int:
        return len(self._marks)

    @override
    def reading(self, place: int) -> Reading:
        slot, series = self._marks[place]
        value = self.bars.value(slot, series)
        name = self.bars.series[series].name
        if self.bars.edges and len(self.bars.series) == 1:
            name = self._y_label
        return Reading(self.bars.names[slot], name, value_text(value))

    @override
    def series_of(self, place: int) -> int:
        return self._marks[place][1]

    @override
    def spot(self, place: int) -> QRectF:
        return self._bar(*self._marks[place])

    @override
    def anchor(self, place: int) -> QRectF:
        bar = self.spot(place)
        if self.is_lying:
            # At the end of the bar, so that the names in front of it stay in sight.
            bar.setLeft(bar.right() - 1)
        return bar

    @override
    def place_at(self, position: QPointF) -> int | None:
        area = self.frame.area
        if not area.adjusted(-area.left(), 0, 0, self.height()).contains(position):
            return None
        across = position.y() if self.is_lying else position.x()
        slot = next((slot for slot in range(len(self.bars.names)) if _holds(self._slot(slot), across)), None)
        if slot is None:
            return None
        there = [series for series in range(len(self.bars.series)) if (slot, series) in self._places]
        nearest = min(
            there, key=lambda series: abs(sum(self._across(slot, series)) / 2 - across), default=None
        )
        return None if nearest is None else self._places[slot, nearest]

    @override
    def beside(self, place: int, steps: int) -> int:
        slot, series = self._marks[place]
        return self._places.get((slot, series + steps), place)

    @override
    def lay_out(self, bounds: QRectF, font: QFont) -> Frame:
        low, high = min(0.0, *self.bars.values), max(0.0, *self.bars.values)
        if low == high:
            high = 1.0  # bars of nothing stand on the axis, not in the middle
        edges = self.bars.edges
        if self.is_lying:
            # Numbers are wide, so ticks are few: an axis that ended at one would leave half the width empty.
            room = (high - low) * _ROOM
            low, high = low - room * (low < 0), high + room * (high > 0)
        unit = 1.0 if edges else 0.0
        lengths = Axis(AxisKind.NUMBER, low, high, self._y_label, unit=unit, fixed=self.is_lying)
        if edges:
            width = edges[1] - edges[0]
            slots = Axis(AxisKind.NUMBER, edges[0], edges[-1], self._x_label, unit=width, fixed=True)
        else:
            slots = Axis(AxisKind.NAME, 0, 0, self._x_label, self.bars.names)
        return Frame(lengths, slots, bounds, font) if self.is_lying else Frame(slots, lengths, bounds, font)

    @override
    def draw(self, painter: QPainter, frame: Frame, tokens: Tokens) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for slot, series in self._marks:
            bar = self._bar(slot, series)
            painter.setBrush(series_colour(series, tokens))
            if min(bar.width(), bar.height()) < 3 * _ROUND or self.bars.edges:
                painter.fillRect(bar, painter.brush())
            else:
                painter.drawRoundedRect(bar, _ROUND, _ROUND)

    @override
    def draw_current(self, painter: QPainter, place: int, tokens: Tokens) -> None:
        painter.setPen(QPen(QColor(tokens.text), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.spot(place).adjusted(-1.5, -1.5, 1.5, 1.5), _ROUND + 1, _ROUND + 1)

    # Qt overrides
    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.minimumHeight())


def _holds(reach: tuple[float, float], place: float) -> bool:
    return reach[0] <= place < reach[1]
