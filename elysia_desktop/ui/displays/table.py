"""Any objects as a table."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.base import Payload, ResultDisplay, reveal
from elysia_desktop.ui.displays.field_order import telling_order
from elysia_desktop.ui.displays.summaries import summary_field, summary_of
from elysia_desktop.ui.displays.summary_cells import SummaryDelegate, lines_for
from elysia_desktop.ui.tables.columns import Column, infer_columns
from elysia_desktop.ui.tables.delegate import PADDING, ROW_HEIGHT
from elysia_desktop.ui.tables.view import ObjectTable

MOST_ROWS = 8
MOST_HIGH_ROWS = 5


class TableDisplay(ResultDisplay):
    """The objects as rows, eight of them in sight and the others by scrolling; with summaries fewer, but higher.

    Subclasses name the fields to begin with, and fields that would only repeat these.
    """

    order: ClassVar[tuple[str, ...]] = ()

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        self.table = ObjectTable(self, last_rule=False)
        self._summary_cells = SummaryDelegate(self.table, last_rule=False)
        self.table.setAccessibleName(self.tr("{title}, table").format(title=self.title))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self._fill()
        self.table.horizontalScrollBar().rangeChanged.connect(self._fit_height)
        self.table.horizontalHeader().sectionResized.connect(self._fit_rows)
        self.table.object_selected.connect(self._tell)
        self.table.object_activated.connect(self._open)

    def _fill(self) -> None:
        columns, summary = self.columns(), summary_field(self.objects)
        self.table.set_objects(self.rows(), columns)
        self._summaries = next(
            (at for at, each in enumerate(columns) if summary and each.name == summary), -1
        )
        for section in range(len(columns)):
            cells = self._summary_cells if section == self._summaries else self.table.itemDelegate()
            self.table.setItemDelegateForColumn(section, cells)
        self._fit_rows(self._summaries)

    def _fit_rows(self, section: int, *_widths: int) -> None:
        """Give the rows the height that the summaries need at the width of their column."""
        if section == self._summaries:
            height = ROW_HEIGHT
            if section >= 0:
                font = self._summary_cells.font(self.table.font())
                width = self.table.columnWidth(section) - 2 * PADDING
                lines = lines_for(map(summary_of, self.objects), font, width)
                height += (lines - 1) * self.table.fontMetrics().lineSpacing()
            self.table.verticalHeader().setDefaultSectionSize(height)
            self._fit_height()

    def _fit_height(self) -> None:
        row = self.table.verticalHeader().defaultSectionSize()
        most = MOST_ROWS if row == ROW_HEIGHT else MOST_HIGH_ROWS
        shown = min(most, len(self.objects))
        self.table.setFixedHeight(self.table.height_for(most) + shown * (row - ROW_HEIGHT))

    def _tell(self, item: dict[str, Any]) -> None:
        if item.get("_REF_ID"):
            self.object_selected.emit(item["_REF_ID"])

    def _open(self) -> None:
        self.opened.emit()

    # Qt overrides
    @override
    def columns(self) -> list[Column]:
        order = self.order or telling_order(self.rows(), self.metadata.get("query_output"))
        columns = infer_columns(self.rows(), order)
        summary = summary_field(self.objects)
        # What was asked for stands behind the name, not beyond what can be seen.
        others = [column for column in columns if column.name != summary]
        return [*others[:1], *(column for column in columns if column.name == summary), *others[1:]]

    @override
    def show_summaries(self, payload: Payload) -> None:
        super().show_summaries(payload)
        header, before = self.table.horizontalHeader(), self.table.object_model().columns
        sorted_by, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        selected = self.table.selected_object()
        place = self.table.verticalScrollBar().value()
        self._fill()
        if 0 <= sorted_by < len(before):
            names = [column.name for column in self.table.object_model().columns]
            if before[sorted_by].name in names:
                self.table.sortByColumn(names.index(before[sorted_by].name), order)
        if selected is not None:
            self.table.select_ref(str(selected.get("_REF_ID")))
        self.table.verticalScrollBar().setValue(place)

    @override
    def select_ref(self, ref_id: str) -> bool:
        found = self.table.select_ref(ref_id)
        if found:
            reveal(self.table)
        return found
