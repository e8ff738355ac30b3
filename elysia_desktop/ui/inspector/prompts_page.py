"""What was sent to models in a run and what came back: the requests, and the chosen one in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QStackedLayout, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.prompts_detail import PromptDetail
from elysia_desktop.ui.inspector.prompts_list import PromptsList, PromptsModel
from elysia_desktop.ui.inspector.prompts_rows import PromptRow, rows_of
from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.section_header import HEIGHT, SectionHeader
from elysia_desktop.ui.inspector.value_text import count_text

if TYPE_CHECKING:
    from elysia_desktop.engine.recorder import Exchange

LIST_SHARE = 0.4


class PromptsPage(QWidget):
    """Shows the newest request while a run goes on, the first of one that is over, until one is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: RunRecord | None = None
        self._period: tuple[datetime | None, datetime | None] = (None, None)
        self._exchanges: list[Exchange] = []
        self._chosen = ""
        self._followed = ""
        self._is_told = False
        self._is_arranged = False
        self._model = PromptsModel(self)
        self._list = PromptsList(self._model, self)
        self._header = SectionHeader(self.tr("Model calls"), self)
        self._header.setStyleSheet(
            "SectionHeader { border-top: none; }"
        )  # the tabs bring a line of their own
        self._detail = PromptDetail(self)
        self._parts = QSplitter(Qt.Orientation.Vertical, self)
        self._empty = QLabel(self)
        self._pages = QStackedLayout(self)
        self._build()
        self._list.selectionModel().currentChanged.connect(self._choose)
        self._parts.splitterMoved.connect(self._keep_arrangement)
        self._read()

    @property
    def rows(self) -> list[PromptRow]:
        """The requests on the list."""
        return self._model.rows

    @property
    def shown(self) -> PromptRow | None:
        """The request that is chosen."""
        index = self._list.currentIndex()
        return self._model.rows[index.row()] if index.isValid() else None

    @property
    def requests(self) -> PromptsList:
        """The list of requests."""
        return self._list

    @property
    def header(self) -> SectionHeader:
        """The bar above the list."""
        return self._header

    @property
    def detail(self) -> PromptDetail:
        """The chosen request."""
        return self._detail

    def set_exchanges(self, exchanges: Sequence[Exchange]) -> None:
        """Show from now on what is kept of the conversation, oldest first."""
        known = [exchange.id for exchange in self._exchanges]
        if [exchange.id for exchange in exchanges] != known:
            self._exchanges = list(exchanges)
            self._read()

    def set_period(self, began: datetime | None, ended: datetime | None) -> None:
        """Show of the run that comes next what was sent in this time too, though no call tells of it."""
        self._period = (began, ended)

    def show_run(self, record: RunRecord | None) -> None:
        """Show a run, the latest state of it."""
        if record is not self._record:
            self._record, self._chosen, self._followed = record, "", ""
            self._list.setCurrentIndex(QModelIndex())
        self._read()

    def select_call(self, call: int | None) -> bool:
        """Choose the first request of a call, by its index in the run; False when there is none."""
        for row in self._model.rows:
            if call is not None and row.call == call:
                self._chosen = row.key
                self._show_current()
                return True
        return False

    def _read(self) -> None:
        record = self._record
        rows = rows_of(record.calls, self._exchanges, *self._period) if record else []
        self._is_told = True
        self._model.set_rows(rows)
        self._is_told = False
        count = len(rows)
        one, many = self.tr("1 call"), self.tr("{count} calls")
        self._header.show_chip(count_text(count, one, many) if rows else "")
        self._empty.setText(self._words())
        self._pages.setCurrentIndex(0 if rows else 1)
        self._arrange()
        self._show_current()

    def _words(self) -> str:
        if self._record is None:
            return self.tr("What is sent to the model, and what comes back, appears here.")
        if not self._record.is_over:
            return self.tr("The first prompt appears here as soon as it is answered.")
        return self.tr("No model was asked in this run.")

    def _show_current(self) -> None:
        rows = self._model.rows
        if not rows:
            return
        keys = [row.key for row in rows]
        if self._chosen in keys:
            place = keys.index(self._chosen)
        elif self._record is not None and not self._record.is_over:
            place = len(rows) - 1
        else:
            place = keys.index(self._followed) if self._followed in keys else 0
        self._followed = keys[place]
        index = self._model.index(place)
        if self._list.currentIndex() != index:
            self._is_told = True
            self._list.setCurrentIndex(index)
            self._is_told = False
        if self.isVisible():  # texts are not laid out for nobody
            self._detail.show_row(rows[place], place + 1, len(rows))

    def _choose(self, current: QModelIndex) -> None:
        if not self._is_told and current.isValid():
            self._chosen = self._model.rows[current.row()].key
            self._show_current()

    def _build(self) -> None:
        upper = QWidget(self)
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._list, 1)
        self._parts.setChildrenCollapsible(False)
        self._parts.addWidget(upper)
        self._parts.addWidget(self._detail)
        self._parts.setStretchFactor(1, 1)
        # The headers bring lines of their own.
        self._parts.setStyleSheet("QSplitter::handle { background: transparent; }")
        self._parts.setHandleWidth(0)
        self._empty.setProperty("look", "mute")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setContentsMargins(16, 16, 16, 16)
        self._pages.addWidget(self._parts)
        self._pages.addWidget(self._empty)

    def _keep_arrangement(self) -> None:
        self._is_arranged = True

    def _arrange(self) -> None:
        """Give the list what it needs, unless the person has moved the border."""
        height = self._parts.height()
        if not self._is_arranged and height >= 100:
            needed = min(HEIGHT + self._list.content_height, int(height * LIST_SHARE))
            self._parts.setSizes([needed, height - needed])

    # Qt overrides

    @override
    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        self._arrange()
        self._show_current()

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._arrange()
