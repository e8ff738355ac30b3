"""The tree widget of a run's function calls."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QWidget

from elysia_desktop.ui.inspector.calls_delegate import ROW_HEIGHT, CallsDelegate
from elysia_desktop.ui.inspector.calls_model import CallsModel
from elysia_desktop.ui.inspector.dense_tree import DenseTree

INDENT = 18


class CallsTree(DenseTree):
    """Shows a `CallsModel`; what was called within a call is in sight until the person closes it."""

    def __init__(self, model: CallsModel, parent: QWidget | None = None) -> None:
        super().__init__(INDENT, parent=parent)
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
