"""What is read off a chart at one point."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from elysia_desktop.ui.theme import RADIUS_CONTROL, Tokens

_WIDEST = 280
_CHARACTERS = 160
_PADDING = QMarginsF(10, 7, 10, 7)
_SWATCH, _GAP = 8, 6
_AWAY = 10
"""How far the box keeps from what it is about."""


@dataclass(frozen=True)
class Reading:
    """What is at a point: its name, the series it belongs to, its value."""

    name: str
    series: str
    value: str

    @property
    def line(self) -> str:
        """The series and its value."""
        return f"{_short(self.series)}: {self.value}" if self.series else self.value

    @property
    def spoken(self) -> str:
        """The reading in one line."""
        return f"{self.name}, {self.line}" if self.name else self.line


def draw_read_out(
    painter: QPainter, reading: Reading, colour: QColor, spot: QRectF, bounds: QRectF, tokens: Tokens
) -> None:
    """Draw the reading in a box beside `spot` and within `bounds`."""
    strong = QFont(painter.font())
    strong.setWeight(QFont.Weight.DemiBold)
    wrap = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
    room = QRectF(0, 0, min(_WIDEST, bounds.width() - 2 * _PADDING.left() - _SWATCH - _GAP), 1000)
    name = QFontMetricsF(painter.font()).boundingRect(room, wrap, _short(reading.name))
    line = QFontMetricsF(strong).boundingRect(room, wrap, reading.line)
    if not reading.name:
        name.setHeight(0)
    width = max(name.width(), line.width() + _SWATCH + _GAP) + 2
    box = QRectF(0, 0, width, name.height() + line.height()).marginsAdded(_PADDING)
    box.moveTopLeft(_beside(spot, box.size(), bounds))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.setBrush(QColor(tokens.panel))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)
    inner = box.marginsRemoved(_PADDING)
    painter.setPen(QColor(tokens.mute))
    painter.drawText(QRectF(inner.topLeft(), QSizeF(width, name.height())), wrap, _short(reading.name))
    foot = inner.adjusted(0, name.height(), 0, 0)
    swatch = QRectF(
        foot.left(), foot.top() + QFontMetricsF(strong).height() / 2 - _SWATCH / 2, _SWATCH, _SWATCH
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(swatch, 2, 2)
    painter.setFont(strong)
    painter.setPen(QColor(tokens.text))
    painter.drawText(foot.adjusted(_SWATCH + _GAP, 0, 0, 0), wrap, reading.line)


def _beside(spot: QRectF, size: QSizeF, bounds: QRectF) -> QPointF:
    right = spot.right() + _AWAY
    left = right if right + size.width() <= bounds.right() else spot.left() - _AWAY - size.width()
    top = spot.center().y() - size.height() / 2
    if left < bounds.left():
        # There is no room on either side: above, or else below.
        left = spot.center().x() - size.width() / 2
        above = spot.top() - _AWAY - size.height()
        top = above if above >= bounds.top() else spot.bottom() + _AWAY
    return QPointF(
        max(bounds.left(), min(left, bounds.right() - size.width())),
        max(bounds.top(), min(top, bounds.bottom() - size.height())),
    )


def _short(text: str) -> str:
    return text if len(text) <= _CHARACTERS else f"{text[: _CHARACTERS - 1]}…"
