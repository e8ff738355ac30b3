"""The table that shows objects, wherever the application shows them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QItemSelection, QModelIndex, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QFrame, QMenu, QTableView, QWidget
from typing_extensions import override

from elysia_desktop.ui.tables.columns import Column
from elysia_desktop.ui.tables.copying import as_json, as_markdown, as_tsv
from elysia_desktop.ui.tables.delegate import ROW_HEIGHT, CellDelegate
from elysia_desktop.ui.tables.formats import full_text
from elysia_desktop.ui.tables.header import HEADER_HEIGHT, TableHeader
from elysia_desktop.ui.tables.model import ObjectTableModel, Role
from elysia_desktop.ui.tables.widths import fit_widths, natural_widths


class ObjectTable(QTableView):
    """Objects as rows, one of them selected; sorts by a click on a title, copies rows.

    `object_selected` tells what the person selects, not what `select_ref` does.
    """

    # `object` and not `dict`: Qt would copy the dict into a map of its own.
    object_selected = Signal(object)
    object_activated = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, last_rule: bool = True) -> None:
        super().__init__(parent)
        self._model = ObjectTableModel(self)
        self._natural: list[int] = []
        self._fitting = False
        self._widths_are_own = False
        self._announces = True
        self._header = TableHeader(self)
        self._dress(last_rule=last_rule)
        self.setModel(self._model)
        self._header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self._header.sectionResized.connect(self._keep_own_widths)
        self.selectionModel().selectionChanged.connect(self._announce)
        self.clicked.connect(self._announce_again)
        self.activated.connect(self._announce_activated)

    def object_model(self) -> ObjectTableModel:
        """The model shown; of this table alone."""
        return self._model

    def set_objects(self, objects: Sequence[dict[str, Any]], columns: Sequence[Column] | None = None) -> None:
        """Show other objects, unsorted, with columns as wide as their contents."""
        self._header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._model.set_objects(objects, columns)
        self._widths_are_own = False
        self._natural = natural_widths(self._model, self._header, self.font())
        self._fit_columns()

    def selected_object(self) -> dict[str, Any] | None:
        """The object of the selected row, None when none is."""
        rows = self.selectionModel().selectedRows()
        return self._model.object_at(rows[0].row()) if rows else None

    def select_ref(self, ref_id: str) -> bool:
        """Select the object with this `_REF_ID` and scroll to it; False when it is not here."""
        row = self._model.row_of(ref_id)
        if row is None:
            return False
        self._announces = False
        self.selectRow(row)
        self.scrollTo(self._model.index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)
        return True

    def height_for(self, most_rows: int) -> int:
        """The height that shows all rows, at most so many, in pixels."""
        bar = self.horizontalScrollBar()
        beneath = bar.sizeHint().height() if bar.maximum() > bar.minimum() else 0
        return HEADER_HEIGHT + ROW_HEIGHT * min(self._model.rowCount(), most_rows) + beneath

    def copy(self) -> None:
        """Put the selected row on the clipboard, ready for a spreadsheet."""
        item = self.selected_object()
        if item is not None:
            _to_clipboard(as_tsv(self._model.columns, [item], header=False))

    def row_menu(self, index: QModelIndex) -> QMenu:
        """What can be done with a cell and its row."""
        columns, item = self._model.columns, self._model.object_at(index.row())
        value = index.data(Role.VALUE)
        copies = (
            (self.tr("Copy cell"), "" if value is None else full_text(value)),
            (self.tr("Copy row"), as_tsv(columns, [item], header=False)),
            (self.tr("Copy row as JSON"), as_json(columns, [item])),
            (self.tr("Copy row as Markdown"), as_markdown(columns, [item])),
        )
        menu = QMenu(self)
        for label, text in copies:
            menu.addAction(label).triggered.connect(partial(_to_clipboard, text))
        return menu

    def _dress(self, *, last_rule: bool) -> None:
        self.setHorizontalHeader(self._header)
        self.setItemDelegate(CellDelegate(self, last_rule=last_rule))
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(ROW_HEIGHT)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizeAdjustPolicy(QAbstractScrollArea.SizeAdjustPolicy.AdjustIgnored)
        corner = QWidget(self)
        corner.setProperty("look", "panel")
        self.setCornerWidget(corner)
        self.setAccessibleName(self.tr("Objects"))

    def _fit_columns(self) -> None:
        self._fitting = True
        for section, width in enumerate(
            fit_widths(self._natural, self._model.columns, self.viewport().width())
        ):
            self._header.resizeSection(section, width)
        self._fitting = False

    def _keep_own_widths(self) -> None:
        self._widths_are_own = self._widths_are_own or not self._fitting

    def _announce(self, selected: QItemSelection) -> None:
        if self._announces and not selected.isEmpty():
            self.object_selected.emit(self.selected_object())

    def _announce_again(self) -> None:
        """A click tells of a row that `select_ref` had selected without a word."""
        item = self.selected_object()
        if not self._announces and item is not None:
            self._announces = True
            self.object_selected.emit(item)

    def _announce_activated(self, index: QModelIndex) -> None:
        self.object_activated.emit(self._model.object_at(index.row()))

    # Qt overrides
    @override
    def event(self, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            event.accept()  # before an action of the window takes the keys
            return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        self._announces = True
        super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._widths_are_own:
            self._fit_columns()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if not index.isValid():
            return
        menu = self.row_menu(index)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(
            event.globalPos() if by_mouse else self.viewport().mapToGlobal(self.visualRect(index).center())
        )


def _to_clipboard(text: str, _checked: bool = False) -> None:
    QGuiApplication.clipboard().setText(text)
