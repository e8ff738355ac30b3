"""A dense tree view: rows lit from edge to edge, and arrows of its own."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyleOptionViewItem, QTreeView, QWidget
from typing_extensions import override

from elysia_desktop.ui.theme import tokens_of


class DenseTree(QTreeView):
    """Each level stands `indent` pixels further in; its arrows stand `start` pixels behind their place."""

    def __init__(self, indent: int, start: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start = start
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(indent)
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    # Qt overrides

    @override
    def drawRow(
        self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        # The current row is lit from edge to edge, indentation included.
        if self.selectionModel().isSelected(index):
            row = QRect(0, options.rect.y(), self.viewport().width(), options.rect.height())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType] - stubs lack it
            tokens = tokens_of(self)
            painter.fillRect(row, QColor(tokens.selection))
            if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
                painter.setPen(QColor(tokens.accent))
                painter.drawRect(row.adjusted(0, 0, -1, -1))
        super().drawRow(painter, options, index)

    @override
    def drawBranches(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex, /
    ) -> None:
        if not self.model().hasChildren(index):
            return
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        inward = self.indentation() / 2 - 2 - self._start
        x = rect.left() + inward + 1 if is_mirrored else rect.right() - inward
        y = rect.center().y() + 0.5
        if self.isExpanded(index):
            corners = [(-3.5, -2), (3.5, -2), (0, 3)]
        else:
            corners = [(2, -3.5), (2, 3.5), (-3, 0)] if is_mirrored else [(-2, -3.5), (-2, 3.5), (3, 0)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens_of(self).text))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
        painter.restore()
