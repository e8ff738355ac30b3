"""Shapes of points and dashes of lines, so that series differ by more than their colour."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

_DASHES: tuple[tuple[float, ...], ...] = ((), (5, 2.5), (1.5, 2), (6, 2, 1.5, 2))
_CORNERS: tuple[tuple[int, float], ...] = ((0, 0), (4, 45), (3, -90), (4, 0), (3, 90))
"""Number of corners and the angle of the first, in degrees; none is a circle."""
LINE = 2.0


def line_pen(colour: QColor, place: int) -> QPen:
    """The pen of the line of the series at this place."""
    pen = QPen(colour, LINE)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    dashes = _DASHES[place % len(_DASHES)]
    if dashes:
        pen.setDashPattern(dashes)
    return pen


def draw_dash(painter: QPainter, bounds: QRectF, colour: QColor, place: int) -> None:
    """Draw a short piece of the line of a series."""
    painter.setPen(line_pen(colour, place))
    middle = bounds.center().y()
    painter.drawLine(QPointF(bounds.left(), middle), QPointF(bounds.right(), middle))


def draw_shape(painter: QPainter, centre: QPointF, size: float, colour: QColor, place: int) -> None:
    """Draw the point of a series, about as large as a circle of this diameter."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    corners, turn = _CORNERS[place % len(_CORNERS)]
    if not corners:
        painter.drawEllipse(centre, size / 2, size / 2)
        return
    radius = size * (0.64 if corners == 4 else 0.68)
    angles = (math.radians(turn + 360 * corner / corners) for corner in range(corners))
    painter.drawPolygon(
        QPolygonF([centre + QPointF(math.cos(angle), math.sin(angle)) * radius for angle in angles])
    )
