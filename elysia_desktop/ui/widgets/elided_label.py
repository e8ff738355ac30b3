"""A line of text that ends in … where its room ends."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QStyle, QStyleOption, QWidget
from typing_extensions import override

from elysia_desktop.ui.widgets.plain import plain_tip


class ElidedLabel(QLabel):
    """One line of plain text, cut with … to the width it gets; the whole text is its tooltip when cut."""

    def __init__(self, text: str = "", parent: QWidget | None = None, look: str = "") -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", look)
        self.setText(text)

    def _shown(self) -> str:
        line = " ".join(self.text().split())
        return self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, self.contentsRect().width())

    # Qt overrides

    @override
    def setText(self, arg__1: str, /) -> None:
        super().setText(arg__1)
        self.setAccessibleName(arg__1)
        self._tell_whole()

    def _tell_whole(self) -> None:
        cut = self._shown() != " ".join(self.text().split())
        self.setToolTip(plain_tip(self.text()) if cut else "")

    @override
    def minimumSizeHint(self, /) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._tell_whole()

    @override
    def paintEvent(self, arg__1: QPaintEvent, /) -> None:
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        alignment = QStyle.visualAlignment(self.layoutDirection(), self.alignment())
        painter.drawText(self.contentsRect(), alignment, self._shown())
