"""The titles of a table's columns."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget
from typing_extensions import override

from elysia_desktop.ui.tables.delegate import PADDING, draw_text, text_width
from elysia_desktop.ui.theme import tokens_of

HEADER_HEIGHT = 28

_ARROW_WIDTH = 14
_TITLE_PX = 11.5


class TableHeader(QHeaderView):
    """The titles of the columns, small and mute, with an arrow behind the one that is sorted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorClearable(True)
        self.setFixedHeight(HEADER_HEIGHT)
        self.setMinimumSectionSize(2 * PADDING + _ARROW_WIDTH)
        self.setAccessibleName(self.tr("Columns"))

    def title_font(self) -> QFont:
        """The font of the titles."""
        font = QFont(self.font())
        font.setPointSizeF(_TITLE_PX * 72 / self.logicalDpiY())
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def width_for(self, section: int) -> int:
        """The width that shows a title in full, arrow included."""
        return text_width(self.title_font(), self._title(section)) + _ARROW_WIDTH + 2 * PADDING

    def _title(self, section: int) -> str:
        model = self.model()
        return str(model.headerData(section, self.orientation(), Qt.ItemDataRole.DisplayRole) or "")

    # Qt overrides
    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        tokens = tokens_of(self)
        painter.fillRect(self.viewport().rect(), QColor(tokens.panel))
        bottom = self.viewport().height() - 1
        painter.fillRect(0, bottom, self.viewport().width(), 1, QColor(tokens.line))
        painter.end()
        super().paintEvent(event)

    @override
    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        if not rect.isValid():
            return
        tokens = tokens_of(self)
        painter.save()
        painter.setFont(self.title_font())
        painter.setPen(QColor(tokens.mute))
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        alignment = self.model().headerData(
            logicalIndex, self.orientation(), Qt.ItemDataRole.TextAlignmentRole
        )
        title = self._title(logicalIndex)
        if self.isSortIndicatorShown() and self.sortIndicatorSection() == logicalIndex:
            painter.setPen(QColor(tokens.text))
            up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            title = painter.fontMetrics().elidedText(
                title, Qt.TextElideMode.ElideRight, inner.width() - _ARROW_WIDTH
            )
            title = f"{title} {'▴' if up else '▾'}"
        draw_text(painter, inner, title, alignment, self)
        painter.restore()

    @override
    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:
        return QSize(self.width_for(logicalIndex), HEADER_HEIGHT)
