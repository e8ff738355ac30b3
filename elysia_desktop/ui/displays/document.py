"""Documents: title, where they come from, the beginning of the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.base import Payload, ResultDisplay, field_of, reveal
from elysia_desktop.ui.displays.clamped import ClampedText
from elysia_desktop.ui.displays.rows import PADDING, Row, RowList
from elysia_desktop.ui.tables.formats import cell_text, full_text


class DocumentDisplay(ResultDisplay):
    """Documents one below the other, their texts cut after three lines until asked for."""

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        self.list = RowList([self._row(item) for item in self.objects], self)
        self._show_summaries()
        self.list.selected.connect(self.object_selected)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)

    def _row(self, item: Mapping[str, Any]) -> Row:
        title = field_of(item, "title", "name", "subject")
        name = cell_text(title) if title is not None else self.tr("Untitled")
        row = Row(str(item.get("_REF_ID") or ""), name)
        layout = QVBoxLayout(row)
        layout.setContentsMargins(PADDING, 8, PADDING, 9)
        layout.setSpacing(2)
        layout.addWidget(_label(name, "strong"))
        origin = " · ".join(
            cell_text(item[part]) for part in ("category", "author", "date") if item.get(part)
        )
        if origin:
            layout.addWidget(_label(origin, "small"))
        layout.addWidget(row.summary)
        content = field_of(item, "content", "text", "body", "description")
        if content is not None:
            layout.addSpacing(2)
            layout.addWidget(ClampedText(full_text(content)))
        return row

    def _show_summaries(self) -> None:
        self.list.show_summaries(self.objects)
        for row in self.list.rows:
            for text in row.findChildren(ClampedText):
                text.set_mute(bool(row.summary.text()))

    # Qt overrides
    @override
    def show_summaries(self, payload: Payload) -> None:
        super().show_summaries(payload)
        self._show_summaries()

    @override
    def select_ref(self, ref_id: str) -> bool:
        row = self.list.highlight(ref_id)
        if row is not None:
            reveal(row)
        return row is not None


def _label(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("look", look)
    label.setWordWrap(True)
    return label
