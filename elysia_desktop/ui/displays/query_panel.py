"""The request behind a result, and its code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from elysia_desktop.ui.widgets.icon_button import IconButton

_MOST_LINES = 14
_CODE_PX = 12
_INSET = 4
"""How far the frame of the code, which shows the focus, stands out from its text."""
_FRAME_HEIGHT = 6
_COPIED_MS = 1500
_LANGUAGES = {"python": "Python"}


class QueryPanel(QFrame):
    """The request as JSON and as code, to read and to copy."""

    def __init__(self, payload: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "ground")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12 - _INSET, 8, 12 - _INSET, 8)
        layout.setSpacing(4)
        self.texts: list[QPlainTextEdit] = []
        self.copy_buttons: list[CopyButton] = []
        for title, text in self._parts(payload):
            layout.addLayout(self._header(title, text))
            self.texts.append(CodeView(title, text.rstrip(), self))
            layout.addWidget(self.texts[-1])

    def _header(self, title: str, text: str) -> QHBoxLayout:
        label = QLabel(title, self)
        label.setProperty("look", "small")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        copy = CopyButton(title, text, self)
        self.copy_buttons.append(copy)
        row = QHBoxLayout()
        row.setContentsMargins(_INSET, 0, 0, 0)
        row.addWidget(label, 1)
        row.addWidget(copy)
        return row

    def _parts(self, payload: Mapping[str, Any]) -> list[tuple[str, str]]:
        parts: list[tuple[str, str]] = []
        request = _mapping(payload.get("metadata")).get("query_output")
        if request:
            parts.append((self.tr("Request"), json.dumps(request, ensure_ascii=False, indent=2, default=str)))
        code = _mapping(payload.get("code"))
        if code.get("text"):
            language = str(code.get("language") or "")
            named = [str(code.get("title") or ""), _LANGUAGES.get(language, language)]
            parts.append((" · ".join(filter(None, named)) or self.tr("Code"), str(code["text"])))
        return parts

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the request."""
        return not self.texts


class CopyButton(IconButton):
    """Copies a text, and says for a moment that it did."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        self._words = self.tr("Copy: {title}").format(title=title)
        super().__init__("copy", self._words, parent, bare=True, size=14)
        self._copied = text
        self._timer = QTimer(self, interval=_COPIED_MS, singleShot=True)
        self._timer.timeout.connect(self._forget)
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._copied)
        self.show_icon("check")
        self.setToolTip(self.tr("Copied"))
        self._timer.start()

    def _forget(self) -> None:
        self.show_icon("copy")
        self.setToolTip(self._words)


class CodeView(QPlainTextEdit):
    """Code to read and to select from, as high as its lines, up to a height."""

    def __init__(self, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setReadOnly(True)
        self.setProperty("look", "code")
        self.setAccessibleName(title)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(_CODE_PX)
        self.setFont(font)
        self.document().setDocumentMargin(0)
        if self.blockCount() <= _MOST_LINES:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalScrollBar().rangeChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Whole lines and their frame, and a scroll bar only where there is one."""
        bar = self.horizontalScrollBar()
        room = bar.sizeHint().height() if bar.maximum() > bar.minimum() else 0
        lines = min(_MOST_LINES, self.blockCount())
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + room + _FRAME_HEIGHT)


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
