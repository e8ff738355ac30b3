"""Products in compact rows: name, category, rating, price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.base import Payload, ResultDisplay, field_of, reveal
from elysia_desktop.ui.displays.rows import PADDING, Row, RowList
from elysia_desktop.ui.tables.columns import Column, infer_columns
from elysia_desktop.ui.tables.formats import cell_text
from elysia_desktop.ui.widgets.elided_label import ElidedLabel

_ORDER = ("name", "price", "rating", "category", "subcategory", "brand", "description")
_FIGURES = ("rating", "price")
_FIGURE_WIDTH = 72


class ProductDisplay(ResultDisplay):
    """Products one below the other, prices and ratings in line with each other."""

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        known = {column.name: column for column in self.columns()}
        self.list = RowList([self._row(item, known) for item in self.objects], self)
        self.list.show_summaries(self.objects)
        self.list.selected.connect(self.object_selected)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        figures = [known[name] for name in _FIGURES if name in known]
        if figures:
            layout.addWidget(_titles(figures))
        layout.addWidget(self.list)

    def _row(self, item: Mapping[str, Any], known: Mapping[str, Column]) -> Row:
        title = field_of(item, "name", "title", "id")
        name = cell_text(title) if title is not None else self.tr("Unnamed")
        row = Row(str(item.get("_REF_ID") or ""), name)
        grid = QGridLayout(row)
        grid.setContentsMargins(PADDING, 6, PADDING, 7)
        grid.setHorizontalSpacing(PADDING)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        grid.addWidget(_line(name, "strong"), 0, 0)
        kinds = (field_of(item, part) for part in ("category", "subcategory", "brand"))
        about = " · ".join(cell_text(kind) for kind in kinds if kind is not None)
        description = field_of(item, "description")
        if description is not None:
            about = " — ".join(part for part in (about, cell_text(description)) if part)
        if about:
            grid.addWidget(_line(about, "small"), 1, 0)
        grid.addWidget(row.summary, 2, 0, 1, -1)
        for place, part in enumerate(_FIGURES, 1):
            if part in known:
                look = "strong" if part == "price" else ""
                grid.addWidget(_figure(item.get(part), known[part], look), 0, place, 2, 1)
        return row

    # Qt overrides
    @override
    def show_summaries(self, payload: Payload) -> None:
        super().show_summaries(payload)
        self.list.show_summaries(self.objects)

    @override
    def columns(self) -> list[Column]:
        return infer_columns(self.rows(), _ORDER)

    @override
    def select_ref(self, ref_id: str) -> bool:
        row = self.list.highlight(ref_id)
        if row is not None:
            reveal(row)
        return row is not None


def _line(text: str, look: str) -> QLabel:
    """A label of one line that is cut at the end rather than widen its row."""
    label = ElidedLabel(text, look=look)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _figure(value: Any, column: Column, look: str) -> QLabel:
    figure = _right(cell_text(value, column) if value is not None else "–", look)
    figure.setAccessibleName(f"{column.title}: {figure.text()}")
    return figure


def _titles(columns: list[Column]) -> QWidget:
    """The titles of the figures, above them."""
    titles = QWidget()
    line = QHBoxLayout(titles)
    line.setContentsMargins(PADDING, 6, PADDING, 0)
    line.setSpacing(PADDING)
    line.addStretch(1)
    for column in columns:
        line.addWidget(_right(column.title, "small"))
    return titles


def _right(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("look", look)
    label.setMinimumWidth(_FIGURE_WIDTH)
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
