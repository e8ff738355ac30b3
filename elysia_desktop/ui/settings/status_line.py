"""How a test went, in one line."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

Level = Literal["good", "warn", "error", "mute"]

_PX = 12


class StatusLine(QWidget):
    """A coloured dot with a word, and the details after it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = QLabel()
        self._details = QLabel()
        self._details.setProperty("look", "mute")
        self._details.setWordWrap(True)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._word.setStyleSheet("QLabel { background: transparent; border: none; }")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._word, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._details, 1)
        for label in (self._word, self._details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            font = label.font()
            font.setPixelSize(_PX)
            label.setFont(font)

    def show_status(self, level: Level, word: str, details: str = "") -> None:
        """Say how it stands; the colour only repeats what the word says."""
        dot = "●" if level != "mute" else "○"
        self._word.setText(f"{dot} {word}" if word else "")
        self._word.setVisible(bool(word))
        self._details.setText(f"· {details}" if word and details else details)
        self._word.setProperty("look", level)
        self._word.style().unpolish(self._word)
        self._word.style().polish(self._word)
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """All that it says."""
        return f"{self._word.text()} {self._details.text()}".strip()
