"""The tree of a run's function calls as Qt shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from elysia_desktop.ui.inspector.calls_words import detail_text, spoken_text
from elysia_desktop.ui.inspector.function_calls import CALL, CallNode, FunctionCalls

Index = QModelIndex | QPersistentModelIndex


@dataclass(eq=False)
class _Row:
    """A node as it is shown, with the rows below that Qt has been told of."""

    node: CallNode
    parent: _Row | None = None
    children: list[_Row] = field(default_factory=list["_Row"])


class CallsModel(QAbstractItemModel):
    """Rows of `CallNode`; what is there stays in its place while more come."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: FunctionCalls | None = None
        self._root = _Row(CallNode(CALL, "", ""))

    def show_calls(self, calls: FunctionCalls | None) -> None:
        """Show these calls, the latest state of them."""
        if calls is not self._calls:
            self.beginResetModel()
            self._calls = calls
            self._root = _Row(calls.root if calls is not None else CallNode(CALL, "", ""))
            self.endResetModel()
        self._refresh(self._root)

    def node_of(self, index: Index) -> CallNode | None:
        """The node of a row; None for no row."""
        return self._row(index).node if index.isValid() else None

    def index_of(self, node: CallNode) -> QModelIndex:
        """The row of a node; an invalid one when it is not shown."""
        return self._find(self._root, node)

    def _find(self, row: _Row, node: CallNode) -> QModelIndex:
        for child in row.children:
            if child.node is node:
                return self._index(child)
            if (found := self._find(child, node)).isValid():
                return found
        return QModelIndex()

    def _refresh(self, row: _Row) -> None:
        here = self._index(row)
        for place in reversed(range(len(row.children))):
            if row.children[place].node not in row.node.children:
                self.beginRemoveRows(here, place, place)
                del row.children[place]
                self.endRemoveRows()
        shown = len(row.children)
        if shown < len(row.node.children):
            self.beginInsertRows(here, shown, len(row.node.children) - 1)
            row.children += [_Row(node, row) for node in row.node.children[shown:]]
            self.endInsertRows()
        if shown:
            self.dataChanged.emit(self.index(0, 0, here), self.index(shown - 1, 0, here))
        for child in row.children:
            self._refresh(child)

    def _row(self, index: Index) -> _Row:
        return cast("_Row", index.internalPointer()) if index.isValid() else self._root

    def _index(self, row: _Row) -> QModelIndex:
        if row.parent is None:
            return QModelIndex()
        return self.createIndex(row.parent.children.index(row), 0, row)

    # Qt overrides

    @override
    def index(self, row: int, column: int, parent: Index | None = None, /) -> QModelIndex:
        above = self._row(parent) if parent is not None else self._root
        if column != 0 or not 0 <= row < len(above.children):
            return QModelIndex()
        return self.createIndex(row, column, above.children[row])

    @override
    def parent(self, child: Index | None = None, /) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - Qt's own is overloaded
        if child is None:
            return super().parent()
        above = self._row(child).parent if child.isValid() else None
        return self._index(above) if above is not None else QModelIndex()

    @override
    def rowCount(self, parent: Index | None = None, /) -> int:
        return len(self._row(parent).children) if parent is not None else len(self._root.children)

    @override
    def columnCount(self, parent: Index | None = None, /) -> int:
        return 1

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole, /) -> Any:
        node = self.node_of(index)
        if node is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return node.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_text(node)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return detail_text(node)
        return None
