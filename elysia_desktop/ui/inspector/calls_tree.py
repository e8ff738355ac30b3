"""The tree widget of a run's function calls."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyleOptionViewItem, QTreeView, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.calls_delegate import ROW_HEIGHT, CallsDelegate
from elysia_desktop.ui.inspector.calls_model import CallsModel
from elysia_desktop.ui.theme import tokens_of

INDENT = 18


class CallsTree(QTreeView):
    """Shows a `CallsModel`; what was called within a call is in sight until the person closes it."""

    def __init__(self, model: CallsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(INDENT)
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(self.tr("Function calls"))
        self.setModel(model)
        self.setItemDelegate(CallsDelegate(self, model))
        model.rowsInserted.connect(self._open)
        model.modelReset.connect(self.expandAll)

    @property
    def content_height(self) -> int:
        """What all rows take when they are open, in pixels."""
        return self._rows(QModelIndex()) * ROW_HEIGHT

    def _rows(self, parent: QModelIndex) -> int:
        count = self.model().rowCount(parent)
        return count + sum(self._rows(self.model().index(row, 0, parent)) for row in range(count))

    def _open(self, parent: QModelIndex, first: int, _last: int) -> None:
        if parent.isValid() and first == 0:
            self.setExpanded(parent, True)

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
        x = rect.left() + INDENT / 2 - 1 if is_mirrored else rect.right() - INDENT / 2 + 2
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
