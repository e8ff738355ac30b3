"""How a row of the environment tree is painted: its name at the start, its value muted at the end."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView
from typing_extensions import override

from elysia_desktop.ui.theme import tokens_of

ROW_HEIGHT = 24
EDGE = 12
START = 8  # rows begin below the text of the header above
GAP = 16
NAME_SHARE = 0.6


class EnvironmentDelegate(QStyledItemDelegate):
    """Shares a row between both columns: the value takes what the name leaves, the name at most 60 %."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view

    def _room(self, index: QModelIndex | QPersistentModelIndex) -> QRect:
        """The part of a row behind its indentation."""
        first = self._view.visualRect(index.sibling(index.row(), 0))
        last = self._view.visualRect(index.sibling(index.row(), 1))
        is_mirrored = self._view.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return first.united(last).adjusted(
            EDGE if is_mirrored else START + 2, 0, -START - 2 if is_mirrored else -EDGE, 0
        )

    # Qt overrides

    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        tokens, metrics, room = tokens_of(self._view), self._view.fontMetrics(), self._room(index)
        name, value = (
            str(index.sibling(index.row(), 0).data()),
            str(index.sibling(index.row(), 1).data() or ""),
        )
        name_width = metrics.horizontalAdvance(name) + 1
        if name_width + GAP + metrics.horizontalAdvance(value) > room.width():
            name_width = min(name_width, int(room.width() * NAME_SHARE))
        is_name = index.column() == 0
        width = name_width if is_name else room.width() - name_width - GAP
        left = room.left() if is_name else room.left() + room.width() - width
        direction = self._view.layoutDirection()
        rect = QStyle.visualRect(direction, room, QRect(left, room.top(), width, room.height()))
        side = Qt.AlignmentFlag.AlignLeft if is_name else Qt.AlignmentFlag.AlignRight
        alignment = QStyle.visualAlignment(direction, side | Qt.AlignmentFlag.AlignVCenter)
        painter.save()
        painter.setFont(self._view.font())
        painter.setPen(QColor(tokens.text if is_name else tokens.mute))
        shown = metrics.elidedText(name if is_name else value, Qt.TextElideMode.ElideRight, width)
        painter.drawText(rect, int(alignment | Qt.TextFlag.TextSingleLine), shown)
        painter.restore()

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /) -> QSize:
        return QSize(80, max(ROW_HEIGHT, self._view.fontMetrics().height() + 8))
