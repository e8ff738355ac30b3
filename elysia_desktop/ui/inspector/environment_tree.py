"""The tree widget of the environment, dense, with its own arrows and an opening that survives resets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget
from typing_extensions import override

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.ui.inspector.dense_tree import DenseTree
from elysia_desktop.ui.inspector.environment_delegate import START, EnvironmentDelegate
from elysia_desktop.ui.inspector.environment_model import EnvironmentModel, Path

INDENT = 12
NEAR_END = 3


class EnvironmentTree(DenseTree):
    """Shows an `EnvironmentModel`; opens tools as they come and fetches more rows when the end comes near."""

    def __init__(self, model: EnvironmentModel, parent: QWidget | None = None) -> None:
        super().__init__(INDENT, START, parent)
        self._source = model
        self._open: list[Path] = []
        self._current: Path = ()
        self._scrolled = 0
        self.setAllColumnsShowFocus(True)
        self.setItemDelegate(EnvironmentDelegate(self))
        self.setAccessibleName(self.tr("Environment"))
        self.setModel(model)
        self.header().setStretchLastSection(True)
        self.header().setMinimumSectionSize(20)
        model.modelAboutToBeReset.connect(self._remember)
        model.replaced.connect(self._restore)
        model.grown.connect(self._open_tools)
        self.verticalScrollBar().valueChanged.connect(self._fetch_near_end)
        self.expanded.connect(self._fetch_near_end)
        self._restore()

    def go_to(self, index: QModelIndex) -> None:
        """Select a row, open what it is in, and scroll to it."""
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def menu_for(self, index: QModelIndex) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        menu.addAction(self.tr("Copy value"), self.copy_value)
        menu.addAction(self.tr("Copy JSON"), self.copy_json)
        if ref_id := self._source.ref_of(index):
            menu.addAction(self.tr("Copy reference"), lambda: QGuiApplication.clipboard().setText(ref_id))
        menu.addSeparator()
        opening = self.tr("Close") if self.isExpanded(index) else self.tr("Open")
        toggle = menu.addAction(opening, lambda: self.setExpanded(index, not self.isExpanded(index)))
        toggle.setEnabled(self._source.hasChildren(index))
        return menu

    def copy_value(self) -> None:
        """Copy the current row's value: text as it is, anything else as JSON."""
        self._copy(lambda value: value if isinstance(value, str) else _json(value))

    def copy_json(self) -> None:
        """Copy the current row's value as JSON."""
        self._copy(_json)

    def _copy(self, form: Callable[[object], str]) -> None:
        index = self.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(form(self._source.value_of(index)))

    def _remember(self) -> None:
        self._open = [path for index in self._expanded() for path in self._source.open_paths_of(index)]
        self._current = self._source.path_of(self.currentIndex()) if self.currentIndex().isValid() else ()
        self._scrolled = self.verticalScrollBar().value()

    def _restore(self) -> None:
        if self._source.canFetchMore(QModelIndex()):
            self._source.fetchMore(QModelIndex())
        for path in self._open:
            index = self._source.index_of_path(path)
            if index.isValid():
                self._open_row(index)
        self._open_tools(QModelIndex(), 0, self._source.rowCount() - 1)
        if self._source.filter_text:
            self._open_found()
        if self._current and (index := self._source.index_of_path(self._current)).isValid():
            self.setCurrentIndex(index)
        self.verticalScrollBar().setValue(self._scrolled)

    def _open_tools(self, parent: QModelIndex, first: int, last: int) -> None:
        if parent.isValid():
            return
        for row in range(first, last + 1):
            index = self._source.index(row, 0)
            if self._source.is_tool(index):
                self._open_row(index)

    def _open_found(self) -> None:
        """Open the results below the tools, so that what a filter finds is seen."""
        for tool in range(self._source.rowCount()):
            parent = self._source.index(tool, 0)
            for row in range(self._source.rowCount(parent)):
                self._open_row(self._source.index(row, 0, parent))

    def _open_row(self, index: QModelIndex) -> None:
        # Qt fetches the rows below only where no layout is due, and here one always is.
        if self._source.canFetchMore(index):
            self._source.fetchMore(index)
        self.setExpanded(index, True)

    def _expanded(self, parent: QModelIndex | None = None) -> Iterator[QModelIndex]:
        parent = parent or QModelIndex()
        for row in range(self._source.rowCount(parent)):
            index = self._source.index(row, 0, parent)
            if self.isExpanded(index):
                yield index
                yield from self._expanded(index)

    def _fetch_near_end(self) -> None:
        """Let a result grow when its end comes in sight; Qt does so for the whole tree only."""
        index = self.indexAt(QPoint(0, self.viewport().height() - 1))
        index = index if index.isValid() else self._last_shown()
        if self.visualRect(index).top() > self.viewport().height():
            return  # the rows are not laid out yet
        while index.isValid() and self.visualRect(index).bottom() >= 0:
            parent = index.parent()
            is_near = index.row() >= self._source.rowCount(parent) - NEAR_END
            if is_near and self._source.can_grow(parent):
                self._source.fetchMore(parent)
                return
            index = self.indexAbove(index)

    def _last_shown(self) -> QModelIndex:
        index = QModelIndex()
        while (rows := self._source.rowCount(index)) and (not index.isValid() or self.isExpanded(index)):
            index = self._source.index(rows - 1, 0, index)
        return index

    # Qt overrides

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self.header().resizeSection(0, self.viewport().width() // 2)

    @override
    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        # The arrows stand further in than Qt thinks.
        index = self.indexAt(event.position().toPoint()).siblingAtColumn(0)
        rect, x = self.visualRect(index), event.position().x()
        is_mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        reach = rect.right() - x if is_mirrored else x - rect.left()
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and 0 <= reach <= START + 2:
            self.setExpanded(index, not self.isExpanded(index))
        else:
            super().mousePressEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_value()
        else:
            super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, arg__1: QContextMenuEvent, /) -> None:
        index = self.currentIndex()
        if arg__1.reason() == QContextMenuEvent.Reason.Mouse:
            index = self.indexAt(arg__1.pos())
        if index.isValid():
            menu = self.menu_for(index.siblingAtColumn(0))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(arg__1.globalPos())


def _json(value: object) -> str:
    return json.dumps(jsonable(value, remove_unserialisable=True), ensure_ascii=False, indent=2)
