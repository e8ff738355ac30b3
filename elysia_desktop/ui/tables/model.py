"""A list of objects as a Qt model that sorts itself."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from typing_extensions import override

from elysia_desktop.ui.tables.columns import Column, Kind, infer_columns
from elysia_desktop.ui.tables.formats import cell_text, full_text
from elysia_desktop.ui.tables.sorting import SortKeys, sort_keys

Index = QModelIndex | QPersistentModelIndex

_NO_PARENT = QModelIndex()
_TOOLTIP_CHARACTERS = 4000
_FEW = 8
_NUMBER = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_OTHER = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Role(IntEnum):
    """What the model tells beyond Qt's own roles."""

    VALUE = Qt.ItemDataRole.UserRole
    NULL = Qt.ItemDataRole.UserRole + 1


class ObjectTableModel(QAbstractTableModel):
    """Objects as rows, their fields as columns; sorts in place, nulls last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._objects: list[dict[str, Any]] = []
        self._columns: list[Column] = []
        self._order: list[int] = []
        self._keys: dict[str, SortKeys] = {}
        self._refs: dict[str, int] | None = None

    @property
    def columns(self) -> list[Column]:
        """The columns, from left to right."""
        return self._columns

    def set_objects(self, objects: Sequence[dict[str, Any]], columns: Sequence[Column] | None = None) -> None:
        """Show other objects, in their order; without columns these are inferred."""
        self.beginResetModel()
        self._objects = list(objects)
        self._columns = list(infer_columns(objects) if columns is None else columns)
        self._order = list(range(len(self._objects)))
        self._keys.clear()
        self._refs = None
        self.endResetModel()

    def objects(self) -> list[dict[str, Any]]:
        """All objects in the order shown."""
        return [self._objects[position] for position in self._order]

    def object_at(self, row: int) -> dict[str, Any]:
        """The object of a row; raises IndexError where there is none."""
        if row < 0:
            raise IndexError(row)
        return self._objects[self._order[row]]

    def row_of(self, ref_id: str) -> int | None:
        """The row of the object with this `_REF_ID`, None where there is none."""
        if self._refs is None:
            self._refs = {
                item["_REF_ID"]: position
                for position, item in enumerate(self._objects)
                if item.get("_REF_ID")
            }
        position = self._refs.get(ref_id)
        return None if position is None else self._order.index(position)

    def _rows_of(self, positions: set[int]) -> dict[int, int]:
        if len(positions) <= _FEW:  # a selected row is found faster than all rows are listed
            return {position: self._order.index(position) for position in positions}
        return {position: row for row, position in enumerate(self._order)}

    def _sorted(self, column: int, *, descending: bool) -> list[int]:
        order = list(self._order)
        if not 0 <= column < len(self._columns):
            return sorted(order)
        field = self._columns[column]
        keys = self._keys.get(field.name)
        if keys is None:
            keys = sort_keys([item.get(field.name) for item in self._objects], field.kind)
            self._keys[field.name] = keys
        keys.sort(order, descending=descending)
        return order

    # Qt overrides
    @override
    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._order)

    @override
    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        value = self._objects[self._order[index.row()]].get(column.name)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(value, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _NUMBER if column.kind is Kind.NUMBER else _OTHER
            case Qt.ItemDataRole.ToolTipRole:
                return _tooltip(value)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{column.title}: {cell_text(value, column)}"
            case Role.VALUE:
                return value
            case Role.NULL:
                return value is None
            case _:
                return None

    @override
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.name
            case Qt.ItemDataRole.TextAlignmentRole:
                return _NUMBER if column.kind is Kind.NUMBER else _OTHER
            case _:
                return None

    @override
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, keeping the order so far among equals; column −1 restores the first order."""
        self.layoutAboutToBeChanged.emit()
        before = self._order
        self._order = self._sorted(column, descending=order is Qt.SortOrder.DescendingOrder)
        # Views hold on to their selection and current cell by persistent index.
        held = self.persistentIndexList()
        if held:
            row_now = self._rows_of({before[index.row()] for index in held})
            moved = [self.index(row_now[before[index.row()]], index.column()) for index in held]
            self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()


def _tooltip(value: Any) -> str:
    if value is None or value == "":
        return ""
    # As HTML, or Qt would read text that looks like it as HTML, and would not wrap long lines.
    return f"<p style='white-space: pre-wrap'>{escape(full_text(value)[:_TOOLTIP_CHARACTERS])}</p>"
