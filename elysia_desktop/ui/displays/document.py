"""Documents: title, where they come from, the passages that were found, the beginning of the text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.base import Payload, ResultDisplay, field_of, reveal
from elysia_desktop.ui.displays.clamped import ClampedText
from elysia_desktop.ui.displays.passages import passages_of
from elysia_desktop.ui.displays.rows import PADDING, Row, RowList
from elysia_desktop.ui.tables.formats import cell_text, full_text

_TEXT_LINES = 3
_PASSAGE_LINES = 6
_LINES_OF_FILE = 3
"""Lines of a passage whose file can be opened beside it."""
_PARTS_OF_PAYLOAD = {"chunk_spans", "chunk_uuid", "document_id", "is_excerpt"}


class DocumentDisplay(ResultDisplay):
    """Documents one below the other, their texts cut after three lines until asked for, passages after six."""

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        self._rows_of_passages: dict[str, Row] = {}
        self._passages: list[tuple[list[str], _Passage]] = []
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
        is_of_file = bool(item.get("document_id")) and any(passage.ref_ids for passage in passages)
        row.lights_up = not is_of_file
        lines = _LINES_OF_FILE if is_of_file else _PASSAGE_LINES
        for passage in passages:
            before, after = "… " * (passage.start > 0), " …" * (passage.end < len(text))
            part = text[passage.start : passage.end].strip()
            if is_of_file:  # whose lines are as wide as its pages were
                part = " ".join(part.split())
            shown = _Passage(f"{before}{part}{after}", lines)
            self._passages.append((passage.ref_ids, shown))
            layout.addWidget(shown)
            layout.addSpacing(2)
            self._rows_of_passages |= dict.fromkeys(passage.ref_ids, row)
        refs = [ref_id for passage in passages for ref_id in passage.ref_ids]
        if is_of_file:
            layout.addSpacing(2)
            layout.addWidget(self._opener(row, refs[0]), 0, Qt.AlignmentFlag.AlignLeft)
            return
        if passages:
            layout.addSpacing(4)
            layout.addWidget(_label(self.tr("Whole text"), "small"))
        marks = [(passage.start, passage.end) for passage in passages]
        layout.addWidget(ClampedText(text, 1 if passages else _TEXT_LINES, marks=marks))

    def _opener(self, row: Row, ref_id: str) -> QPushButton:
        """The button that opens the text of a file; all of it is not sent along."""
        button = QPushButton(self.tr("Open the text"))
        button.setProperty("look", "flat")
        button.setStyleSheet("QPushButton { padding: 3px 0; }")  # in line with what stands above
        button.setAccessibleName(f"{button.text()}: {row.accessibleName()}")
        button.clicked.connect(partial(self._want, ref_id))
        return button

    def _want(self, ref_id: str, _checked: bool = False) -> None:
        self.passage_wanted.emit(ref_id)

    def _show_summaries(self) -> None:
        self.list.show_summaries(self.objects)
        for row in self.list.rows:
            for text in row.findChildren(ClampedText):
                text.set_mute(bool(row.summary.text()))

    # Qt overrides
    @property
    @override
    def title(self) -> str:
        is_of_files = any(item.get("document_id") for item in self.objects)
        return self.tr("From the files") if is_of_files else super().title

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
        if row is None:
            return False
        for refs, shown in self._passages:
            shown.show_cited(ref_id in refs and not row.lights_up)
        if row.lights_up:  # a passage of a file is shown in the file, and the answer stays in sight
            reveal(row)
        return True


class _Passage(QFrame):
    """A passage, and the line at its side that says that it was found."""

    def __init__(self, text: str, lines: int) -> None:
        super().__init__()
        mark = QFrame(self)
        mark.setProperty("look", "mark")
        mark.setFixedWidth(2)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(mark)
        row.addWidget(ClampedText(text, lines), 1)

    def show_cited(self, is_cited: bool) -> None:
        """Put a ground under it, or none."""
        self.setProperty("look", "cited" if is_cited else "")
        self.style().polish(self)


def _label(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("look", look)
    label.setWordWrap(True)
    return label
