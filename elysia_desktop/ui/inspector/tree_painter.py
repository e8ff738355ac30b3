"""The boxes and links of a decision tree in the colours of a theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from elysia_desktop.ui.inspector.tree_layout import PADDING, Box, Link
from elysia_desktop.ui.theme import RADIUS_CONTROL, Tokens


class TreePainter:
    """Paints boxes and links with one painter; `dash` moves the border of what runs."""

    def __init__(
        self, painter: QPainter, tokens: Tokens, font_of: Callable[[str], QFont], *, dash: int = 0
    ) -> None:
        self._painter = painter
        self._tokens = tokens
        self._font_of = font_of
        self._dash = dash

    def link(self, link: Link) -> None:
        """A curve that leaves and arrives level."""
        start, end = QPointF(*link.start), QPointF(*link.end)
        middle = (start.x() + end.x()) / 2
        curve = QPainterPath(start)
        curve.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
        pen = QPen(QColor(self._tokens.accent if link.is_taken else self._tokens.line))
        pen.setWidthF(2.0 if link.is_taken else 1.5)
        self._painter.setPen(pen)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPath(curve)

    def box(self, box: Box, *, is_selected: bool, has_focus: bool) -> None:
        """A node: its name, its line below, lit where it was taken."""
        tokens, is_lit = self._tokens, box.is_taken or box.is_running
        # Half a pixel in, so that a border of one pixel is not smeared over two.
        rect = QRectF(round(box.x), round(box.y), round(box.width), round(box.height)).adjusted(
            0.5, 0.5, -0.5, -0.5
        )
        edge = tokens.error if box.is_failed else tokens.accent if is_lit or is_selected else tokens.line
        pen = QPen(QColor(edge), 2.0 if is_selected else 1.0)
        if box.is_running:
            pen.setWidthF(1.5)
            pen.setDashPattern([4.0, 3.0])
            pen.setDashOffset(self._dash % 7)
        self._painter.setPen(pen)
        self._painter.setBrush(QBrush(QColor(tokens.accent_ground if is_lit else tokens.panel)))
        self._painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
        if has_focus:
            self._painter.setPen(QPen(QColor(tokens.accent), 1.5))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), RADIUS_CONTROL + 3, RADIUS_CONTROL + 3)
        inner = rect.adjusted(PADDING - 0.5, 0, -PADDING + 1.5, 0)
        if box.note:
            self._text(inner.adjusted(0, 5, 0, -20), box.title, "strong", tokens.text)
            note = tokens.error if box.is_failed else tokens.mute
            self._text(inner.adjusted(0, 23, 0, -5), box.note, "small", note)
        else:
            self._text(inner, box.title, "strong" if is_lit else "plain", tokens.text)

    def _text(self, rect: QRectF, text: str, style: str, colour: str) -> None:
        font = self._font_of(style)
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        self._painter.setFont(font)
        self._painter.setPen(QColor(colour))
        self._painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
