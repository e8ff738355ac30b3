"""Any objects as a table."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.base import Payload, ResultDisplay, reveal
from elysia_desktop.ui.displays.field_order import telling_order
from elysia_desktop.ui.tables.columns import Column, infer_columns
from elysia_desktop.ui.tables.view import ObjectTable

MOST_ROWS = 8


class TableDisplay(ResultDisplay):
    """The objects as rows, eight of them in sight and the others by scrolling.

    Subclasses name the fields to begin with, and fields that would only repeat these.
    """

    order: ClassVar[tuple[str, ...]] = ()

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        self.table = ObjectTable(self, last_rule=False)
        self.table.set_objects(self.rows(), self.columns())
        self.table.setAccessibleName(self.tr("{title}, table").format(title=self.title))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self._fit_height()
        self.table.horizontalScrollBar().rangeChanged.connect(self._fit_height)
        self.table.object_selected.connect(self._tell)
        self.table.object_activated.connect(self._open)

    def _fit_height(self) -> None:
        self.table.setFixedHeight(self.table.height_for(MOST_ROWS))

    def _tell(self, item: dict[str, Any]) -> None:
        if item.get("_REF_ID"):
            self.object_selected.emit(item["_REF_ID"])

    def _open(self) -> None:
        self.opened.emit()

    # Qt overrides
    @override
    def columns(self) -> list[Column]:
        order = self.order or telling_order(self.rows(), self.metadata.get("query_output"))
        return infer_columns(self.rows(), order)

    @override
    def select_ref(self, ref_id: str) -> bool:
        found = self.table.select_ref(ref_id)
        if found:
            reveal(self.table)
        return found
