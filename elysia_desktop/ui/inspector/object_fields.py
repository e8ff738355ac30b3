"""One object, field by field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.ui.inspector.value_text import value_text

MOST_FIELDS = 200
LONGEST_VALUE = 10_000
LABEL_WIDTH = 120


class ObjectFields(QScrollArea):
    """Label and value rows of an object; long texts wrap and the whole scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Fields of the selected object"))
        self.show_object(None)

    def show_object(self, item: Mapping[str, Any] | None) -> None:
        """Show an object, or a sentence in its place."""
        content = QWidget()
        content.setProperty("look", "panel")
        grid = QGridLayout(content)
        grid.setContentsMargins(12, 8, 12, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        rows = [] if item is None else list(item.items())
        if item is None:
            grid.addWidget(_label(self.tr("Select an object to see its fields."), "mute"), 0, 0, 1, 2)
        for row, (key, value) in enumerate(rows[:MOST_FIELDS]):
            name = _label(str(key), "mute")
            name.setFixedWidth(LABEL_WIDTH)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_label(_whole(value), "mute" if value is None else ""), row, 1)
        if len(rows) > MOST_FIELDS:
            more = self.tr("{count} more fields").format(count=QLocale().toString(len(rows) - MOST_FIELDS))
            grid.addWidget(_label(more, "mute"), MOST_FIELDS, 1)
        grid.setRowStretch(MOST_FIELDS + 1, 1)
        self.setWidget(content)


def _label(text: str, look: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setText(text)
    label.setWordWrap(True)
    label.setProperty("look", look)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _whole(value: Any) -> str:
    """A value at length: text as it is, nested values as indented JSON."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, dict | list | tuple):
        text = json.dumps(jsonable(value, remove_unserialisable=True), ensure_ascii=False, indent=2)
    else:
        text = value_text(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
