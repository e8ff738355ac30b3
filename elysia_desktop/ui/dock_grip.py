"""The thin handle by which a dock is moved, floated and closed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from elysia_desktop.ui.theme import tokens_of

GRIP_HEIGHT = 8
_MARK = (28.0, 3.0)


class DockGrip(QWidget):
    """Takes a title bar's place: dragging moves the dock, a double click floats it."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._dock = parent
        self.setToolTip(self.tr("Drag to move {0}, double-click to float it").format(title))
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # the mark comes and goes with the mouse

    # Qt overrides

    @override
    def sizeHint(self, /) -> QSize:
        return QSize(80, GRIP_HEIGHT)

    @override
    def minimumSizeHint(self, /) -> QSize:
        return QSize(20, GRIP_HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent, /) -> None:
        tokens = tokens_of(self)
        painter = QPainter(self)
        is_side = self._dock.objectName() == "conversations"
        painter.fillRect(self.rect(), QColor(tokens.side if is_side else tokens.panel))
        if self.underMouse():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.mute))
            mark = QRectF((self.width() - _MARK[0]) / 2, (self.height() - _MARK[1]) / 2, *_MARK)
            painter.drawRoundedRect(mark, 1.5, 1.5)
        painter.end()
