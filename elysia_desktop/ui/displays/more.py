"""The button that shows what was left out."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget


class MoreButton(QPushButton):
    """A flat button whose words stand in line with the text above it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("look", "flat")
        self.setStyleSheet("QPushButton { padding: 3px 0; }")
