"""A slim bar that tells the person something without getting in the way."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from elysia_desktop.ui.widgets.icon_button import IconButton, IconMark
from elysia_desktop.ui.widgets.plain import menu_text

_LOOKS = {
    "info": ("step", "info", "mute"),
    "warn": ("warning", "warning", "warn"),
    "error": ("error", "error", "error"),
}


class Notice(QFrame):
    """What happened, what to do about it, and at most two buttons for that; `kind` is info, warn or error."""

    acted = Signal(str)
    closed = Signal()

    def __init__(
        self,
        kind: str,
        text: str,
        hint: str = "",
        action: str = "",
        parent: QWidget | None = None,
        *,
        other: str = "",
    ) -> None:
        super().__init__(parent)
        look, mark, role = _LOOKS[kind]
        self.setProperty("look", look)
        self.text = text
        names = {"info": self.tr("Note"), "warn": self.tr("Warning"), "error": self.tr("Error")}
        self.setAccessibleName(f"{names[kind]}: {text}")
        self.setAccessibleDescription(hint)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(_line(text, ""))
        if hint:
            words.addWidget(_line(hint, "mute"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        row.addWidget(IconMark(mark, role, self))
        row.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for each in filter(None, (action, other)):
            button = QPushButton(menu_text(each), self)
            button.clicked.connect(partial(self._act, each))
            buttons.addWidget(button)
        if other:  # beside two, a narrow window has no room for the words
            buttons.addStretch()
            buttons.setContentsMargins(0, 4, 0, 2)
            words.addLayout(buttons)
        else:
            row.addLayout(buttons)
        close = IconButton("close", self.tr("Close this notice"), self, bare=True, size=14)
        close.clicked.connect(self.closed)
        row.addWidget(close)

    def _act(self, action: str, _checked: bool = False) -> None:
        self.acted.emit(action)


def _line(text: str, look: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("look", look)
    return label
