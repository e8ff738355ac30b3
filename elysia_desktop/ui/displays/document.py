"""Documents: title, where they come from, the passages that were found, the beginning of the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.base import Payload, ResultDisplay, field_of, reveal
from elysia_desktop.ui.displays.clamped import ClampedText
from elysia_desktop.ui.displays.passages import passages_of
from elysia_desktop.ui.displays.rows import PADDING, Row, RowList
from elysia_desktop.ui.tables.formats import cell_text, full_text

_TEXT_LINES = 3
_PASSAGE_LINES = 6
_PARTS_OF_PAYLOAD = {"chunk_spans", "chunk_uuid"}


class DocumentDisplay(ResultDisplay):
    """Documents one below the other, their texts cut after three lines until asked for, passages after six."""

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        self._rows_of_passages: dict[str, Row] = {}
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
            self._add_text(row, layout, item, full_text(content))
        return row

    def _add_text(self, row: Row, layout: QVBoxLayout, item: Mapping[str, Any], text: str) -> None:
        """The passages that were found, then the whole text, which is one line long until asked for."""
        passages = passages_of(item, len(text))
        for passage in passages:
            before, after = "… " * (passage.start > 0), " …" * (passage.end < len(text))
            layout.addLayout(_beside_mark(f"{before}{text[passage.start : passage.end].strip()}{after}"))
            layout.addSpacing(2)
            self._rows_of_passages |= dict.fromkeys(passage.ref_ids, row)
        if passages:
            layout.addSpacing(4)
            layout.addWidget(_label(self.tr("Whole text"), "small"))
        marks = [(passage.start, passage.end) for passage in passages]
        layout.addWidget(ClampedText(text, 1 if passages else _TEXT_LINES, marks=marks))

    def _show_summaries(self) -> None:
        self.list.show_summaries(self.objects)
        for row in self.list.rows:
            for text in row.findChildren(ClampedText):
                text.set_mute(bool(row.summary.text()))

    # Qt overrides
    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in row.items() if name not in _PARTS_OF_PAYLOAD}
            for row in super().rows()
        ]

    @override
    def show_summaries(self, payload: Payload) -> None:
        super().show_summaries(payload)
        self._show_summaries()

    @override
    def select_ref(self, ref_id: str) -> bool:
        passage = self._rows_of_passages.get(ref_id)
        row = self.list.highlight(passage.ref_id if passage is not None else ref_id)
        if row is not None:
            reveal(row)
        return row is not None


def _beside_mark(text: str) -> QHBoxLayout:
    """A passage, and the line at its side that says that it was found."""
    mark = QFrame()
    mark.setProperty("look", "mark")
    mark.setFixedWidth(2)
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(mark)
    row.addWidget(ClampedText(text, _PASSAGE_LINES), 1)
    return row


def _label(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("look", look)
    label.setWordWrap(True)
    return label
