"""A thin bar for a share of the largest value."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from elysia_desktop.ui.theme import tokens_of

_THICKNESS = 6


class Bar(QWidget):
    """A bar as long as `share` of its width, from 0 to 1."""

    def __init__(self, share: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.share = min(1.0, max(0.0, share))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    # Qt overrides
    @override
    def sizeHint(self) -> QSize:
        return QSize(160, _THICKNESS)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        top = (self.height() - _THICKNESS) / 2
        painter.setBrush(QColor(tokens.chip))
        painter.drawRoundedRect(QRectF(0, top, self.width(), _THICKNESS), 3, 3)
        # Even the smallest value shows as a dot: it is not nothing.
        length = max(_THICKNESS, self.width() * self.share) if self.share else 0
        left = self.width() - length if self.isRightToLeft() else 0
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(QRectF(left, top, length, _THICKNESS), 3, 3)
        painter.end()
