"""The axes of a chart and the area between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from elysia_desktop.ui.charts.scale import Axis, Scale
from elysia_desktop.ui.charts.values import AxisKind
from elysia_desktop.ui.theme import Tokens

_GAP = 6
_ROW = 36
"""The least height between two numbers on an upright axis."""
_LEAST_SLANT = 45
_LONGEST_SLANTED = 124
_INK = 0.88
"""How much of a line's height its letters take up."""
_WIDEST_NAME, _WIDEST_SHARE = 220, 0.4
_MOST_TICKS = 9


class Frame:
    """Where everything stands within `bounds`, in logical pixels.

    Names on the x axis slant where they are too wide for their slots, and some are left out where even
    that is not enough; names on the y axis read from top to bottom.
    """

    def __init__(self, x: Axis, y: Axis, bounds: QRectF, font: QFont) -> None:
        self._x_axis, self._y_axis = x, y
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._line = self._metrics.height()
        self._bounds = bounds
        self._slant = 0.0
        self._every = 1
        top = bounds.top() + (self._line + 2 * _GAP if y.label else self._line / 2)
        below = 2 * _GAP + self._line + (self._line + _GAP if x.label else 0)
        self.y = y.scale(_rows(bounds.bottom() - below - top))
        left = self._left()
        self.x = self._fitting(bounds.right() - left)
        overhang = 0.0 if x.kind is AxisKind.NAME else self._overhang(bounds.right() - left)
        self.area = QRectF(
            QPointF(left, top), QPointF(bounds.right() - max(4, overhang), bounds.bottom() - below)
        )
        if x.kind is AxisKind.NAME:
            self._place_names()
        self.y = y.scale(_rows(self.area.height()))

    def points(self, xs: Iterable[float], ys: Iterable[float]) -> list[QPointF]:
        """Where values of both axes meet, for thousands at once."""
        left, across = self._line_through(self.along_x, self.x)
        top, down = self._line_through(self.along_y, self.y)
        return [QPointF(left + across * x, top + down * y) for x, y in zip(xs, ys, strict=True)]

    def along_x(self, value: float) -> float:
        """Where a value of the x axis stands."""
        return self.area.left() + self.x.share(value) * self.area.width()

    def along_y(self, value: float) -> float:
        """Where a value of the y axis stands."""
        share = self.y.share(value)
        if self._y_axis.kind is not AxisKind.NAME:
            share = 1 - share
        return self.area.top() + share * self.area.height()

    @staticmethod
    def _line_through(along: Callable[[float], float], scale: Scale) -> tuple[float, float]:
        slope = (along(scale.high) - along(scale.low)) / (scale.high - scale.low)
        return along(scale.low) - slope * scale.low, slope

    def draw(self, painter: QPainter, tokens: Tokens) -> None:
        """Draw grid, axes and everything that is written at them."""
        painter.save()
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._draw_lines(painter, tokens)
        painter.setPen(QColor(tokens.mute))
        self._draw_y_texts(painter)
        self._draw_x_texts(painter)
        painter.restore()

    def _left(self) -> float:
        return self._bounds.left() + math.ceil(self._width_of(self.y)) + _GAP + 2

    def _overhang(self, width: float) -> float:
        """How far what is written at the last tick reaches beyond the axis."""
        if not self.x.ticks:
            return 0.0
        last = self.x.ticks[-1]
        return self._metrics.horizontalAdvance(last.text) / 2 - (1 - self.x.share(last.at)) * width

    def _width_of(self, scale: Scale) -> float:
        widest = max((self._metrics.horizontalAdvance(tick.text) for tick in scale.ticks), default=0.0)
        return min(widest, _WIDEST_NAME, self._bounds.width() * _WIDEST_SHARE)

    def _fitting(self, width: float) -> Scale:
        scale = self._x_axis.scale(_MOST_TICKS)
        if self._x_axis.kind is AxisKind.NAME:
            return scale
        for most in range(_MOST_TICKS, 0, -1):
            scale = self._x_axis.scale(most)
            if self._widest_apart(scale, width) >= self._width_of(scale) + 3 * _GAP:
                break
        return scale

    def _widest_apart(self, scale: Scale, width: float) -> float:
        if len(scale.ticks) < 2:
            return width
        return (
            min(second.at - first.at for first, second in pairwise(scale.ticks))
            / (scale.high - scale.low)
            * width
        )

    def _place_names(self) -> None:
        slot = self.area.width() / max(1, len(self.x.ticks))
        widest = max((self._metrics.horizontalAdvance(tick.text) for tick in self.x.ticks), default=0.0)
        if widest + _GAP <= slot:
            return
        # As slanted as it takes for all to fit; upright, some are left out.
        ink = self._line * _INK
        self._slant = max(math.radians(_LEAST_SLANT), math.asin(min(1.0, ink / slot)))
        self._every = max(1, math.ceil(ink / slot))
        length = self._slanted_length(widest)
        fall = (length + self._line / 2) * math.sin(self._slant)
        self.area.setBottom(self.area.bottom() - fall + self._line - _GAP)
        # The first name reaches to the left of its slot.
        reach = length * math.cos(self._slant) - slot / 2
        self.area.setLeft(max(self.area.left(), self._bounds.left() + min(reach, self._bounds.width() / 5)))

    def _slanted_length(self, widest: float) -> float:
        return min(widest, _LONGEST_SLANTED, self._bounds.height() * _WIDEST_SHARE)

    def _draw_lines(self, painter: QPainter, tokens: Tokens) -> None:
        area = self.area.toRect()
        painter.setPen(QPen(QColor(tokens.line), 1))
        if self._y_axis.kind is not AxisKind.NAME:
            for tick in self.y.ticks:
                height = round(self.along_y(tick.at))
                painter.drawLine(area.left(), height, area.right(), height)
        if self._y_axis.kind is AxisKind.NAME or self._x_axis.kind is not AxisKind.NAME:
            for tick in self.x.ticks:
                place = round(self.along_x(tick.at))
                painter.drawLine(place, area.top(), place, area.bottom())
        strong = QColor(tokens.mute)
        strong.setAlphaF(0.6)
        painter.setPen(QPen(strong, 1))
        if self._y_axis.kind is AxisKind.NAME:
            foot = round(self.along_x(min(max(0.0, self.x.low), self.x.high)))
            painter.drawLine(QLineF(foot, area.top(), foot, area.bottom()))
        else:
            zero = 0.0 if self.y.low <= 0 <= self.y.high else self.y.low
            painter.drawLine(area.left(), round(self.along_y(zero)), area.right(), round(self.along_y(zero)))

    def _draw_y_texts(self, painter: QPainter) -> None:
        room = self.area.left() - self._bounds.left() - _GAP
        for tick, text in zip(self.y.ticks, self._elided(self.y, room), strict=True):
            middle = self.along_y(tick.at)
            place = QRectF(self._bounds.left(), middle - self._line / 2, room, self._line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        label = self._y_axis.label + (f", {self.y.note}" if self.y.note else "")
        self._draw_label(painter, label, self._bounds.top(), Qt.AlignmentFlag.AlignLeft)

    def _draw_x_texts(self, painter: QPainter) -> None:
        top = self.area.bottom() + _GAP
        texts = self._elided(self.x, self._slanted_length(_LONGEST_SLANTED) if self._slant else math.inf)
        for tick, text in list(zip(self.x.ticks, texts, strict=True))[:: self._every]:
            if self._slant:
                self._draw_slanted(painter, text, QPointF(self.along_x(tick.at), top))
                continue
            half = self._metrics.horizontalAdvance(text) / 2 + 2
            centre = self.along_x(tick.at)
            centre = max(self._bounds.left() + half, min(centre, self._bounds.right() - half))
            place = QRectF(centre - half, top, 2 * half, self._line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        label = self._x_axis.label + (f", {self.x.note}" if self.x.note else "")
        self._draw_label(
            painter, label, self._bounds.bottom() - self._line - 1, Qt.AlignmentFlag.AlignHCenter
        )

    def _elided(self, scale: Scale, room: float) -> list[str]:
        """The texts of the ticks, cut in their middle where their beginnings alone would be alike."""
        texts = [tick.text for tick in scale.ticks]
        modes = (Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle)
        if room == math.inf:
            return texts
        cut, middle = ([self._metrics.elidedText(text, mode, room) for text in texts] for mode in modes)
        return cut if len(set(cut)) == len(set(texts)) else middle

    def _draw_slanted(self, painter: QPainter, text: str, end: QPointF) -> None:
        reach = (end.x() - self._bounds.left()) / max(0.1, math.cos(self._slant))
        text = self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, reach)
        width = self._metrics.horizontalAdvance(text) + 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(end)
        painter.rotate(-math.degrees(self._slant))
        place = QRectF(-width, -self._line / 2, width, self._line)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def _draw_label(self, painter: QPainter, label: str, top: float, side: Qt.AlignmentFlag) -> None:
        if label:
            left = self._bounds.left() if side is Qt.AlignmentFlag.AlignLeft else self.area.left()
            place = QRectF(left, top, self._bounds.right() - left, self._line)
            text = self._metrics.elidedText(label, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, text)


def _rows(height: float) -> int:
    return min(_MOST_TICKS, max(2, int(height / _ROW)))
