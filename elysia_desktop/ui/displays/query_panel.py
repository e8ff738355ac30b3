"""The request behind a result, and its code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

_MOST_LINES = 14
_CODE_PX = 12


class QueryPanel(QFrame):
    """The request as JSON and as code, to read and to copy."""

    def __init__(self, payload: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "ground")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        self.texts: list[QPlainTextEdit] = []
        for title, text in self._parts(payload):
            label = QLabel(title, self)
            label.setProperty("look", "small")
            label.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(label)
            self.texts.append(_code(title, text, self))
            layout.addWidget(self.texts[-1])

    def _parts(self, payload: Mapping[str, Any]) -> list[tuple[str, str]]:
        parts: list[tuple[str, str]] = []
        request = _mapping(payload.get("metadata")).get("query_output")
        if request:
            parts.append((self.tr("Request"), json.dumps(request, ensure_ascii=False, indent=2, default=str)))
        code = _mapping(payload.get("code"))
        if code.get("text"):
            named = [str(code[part]) for part in ("title", "language") if code.get(part)]
            parts.append((" · ".join(named) or self.tr("Code"), str(code["text"])))
        return parts

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the request."""
        return not self.texts


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _code(title: str, text: str, parent: QWidget) -> QPlainTextEdit:
    code = QPlainTextEdit(text.rstrip(), parent)
    code.setReadOnly(True)
    code.setProperty("look", "bare")
    code.setAccessibleName(title)
    code.setTabChangesFocus(True)
    code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(_CODE_PX)
    code.setFont(font)
    code.document().setDocumentMargin(0)
    lines = min(_MOST_LINES, code.document().blockCount())
    scroll = code.horizontalScrollBar().sizeHint().height()
    code.setFixedHeight(lines * code.fontMetrics().lineSpacing() + scroll)
    return code
