"""The environment: everything that was found, as a tree that can be filtered."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QStackedLayout, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.environment_model import EnvironmentModel
from elysia_desktop.ui.inspector.environment_tree import EnvironmentTree
from elysia_desktop.ui.inspector.section_header import SectionHeader
from elysia_desktop.ui.inspector.value_text import objects_text

FILTER_DELAY_MS = 120
FILTER_WIDTH = 120


class EnvironmentView(QWidget):
    """A header with a filter and the number of objects above the tree; several views may share one model."""

    object_selected = Signal(str)
    """The person went to an object or one of its fields; the object's reference id."""

    def __init__(
        self, model: EnvironmentModel, parent: QWidget | None = None, *, is_alone: bool = False
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._is_told = False
        self._wanted = ""
        self._header = SectionHeader(self.tr("Environment"), self)
        if is_alone:  # the tabs above bring a line of their own
            self._header.setStyleSheet("SectionHeader { border-top: none; }")
        self._filter = QLineEdit(self)
        self._filter.setPlaceholderText(self.tr("Filter…"))
        self._filter.setAccessibleName(self.tr("Filter the environment"))
        self._filter.setClearButtonEnabled(True)
        self._filter.setFixedWidth(FILTER_WIDTH)
        self._filter.setStyleSheet("QLineEdit { padding: 3px 6px; }")
        self._header.add(self._filter)
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(FILTER_DELAY_MS)
        self._typed.timeout.connect(self._apply_filter)
        self._filter.textChanged.connect(self._typed.start)
        self._tree = EnvironmentTree(model, self)
        self._tree.selectionModel().currentChanged.connect(self._announce)
        self._empty = QLabel(self)
        self._empty.setProperty("look", "mute")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(16, 16, 16, 16)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._tree)
        self._pages.addWidget(self._empty)
        self._empty.setAutoFillBackground(True)
        self._empty.setBackgroundRole(self._empty.backgroundRole().Base)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addLayout(self._pages, 1)
        model.refreshed.connect(self._show_counts)
        self._show_counts()

    @property
    def tree(self) -> EnvironmentTree:
        """The tree itself."""
        return self._tree

    @property
    def header(self) -> SectionHeader:
        """The bar above the tree."""
        return self._header

    @property
    def filter_field(self) -> QLineEdit:
        """Where the filter is typed."""
        return self._filter

    def select_ref(self, ref_id: str) -> bool:
        """Select an object without announcing it; False when it is not here or does not pass the filter.

        A view out of sight selects it when it comes into sight: rows are not made for nobody.
        """
        self._wanted = "" if self.isVisible() else ref_id
        if self._wanted:
            return self._model.has_ref(ref_id)
        index = self._model.index_of_ref(ref_id)
        if not index.isValid():
            return False
        self._is_told = True
        self._tree.go_to(index)
        self._is_told = False
        return True

    def _apply_filter(self) -> None:
        self._model.set_filter(self._filter.text())

    def _show_counts(self) -> None:
        count, text = self._model.object_count, self._model.filter_text
        if not self._filter.hasFocus() and self._filter.text().strip() != text:
            # Another view of the same model was typed into; what it has done is not done again.
            self._filter.blockSignals(True)
            self._filter.setText(text)
            self._filter.blockSignals(False)
        if text:
            shown = QLocale().toString(self._model.shown_count)
            self._header.show_chip(self.tr("{shown} of {all}").format(shown=shown, all=objects_text(count)))
        else:
            self._header.show_chip(objects_text(count) if count else "")
        is_empty = not self._model.hasChildren() if text else self._model.is_blank
        nothing = self.tr("Nothing matches “{text}”.").format(text=text)
        self._empty.setText(nothing if text else self.tr("What the agent finds is collected here."))
        self._pages.setCurrentWidget(self._empty if is_empty else self._tree)

    def _announce(self, current: QModelIndex) -> None:
        if not self._is_told and (ref_id := self._model.ref_of(current)):
            self.object_selected.emit(ref_id)

    # Qt overrides

    @override
    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        if self._wanted:
            self.select_ref(self._wanted)
