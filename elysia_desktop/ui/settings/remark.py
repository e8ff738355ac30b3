"""What does not fit, under the field it is about."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from elysia_desktop.ui.widgets.icon_button import IconMark


class Remark(QWidget):
    """An error mark and a sentence; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        self._label.setProperty("look", "error")
        # The theme frames what has this look, which is meant for boxes.
        self._label.setStyleSheet("QLabel { background: transparent; border: none; }")
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(IconMark("error", "error", self, size=14), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.hide()

    def say(self, text: str) -> None:
        """Show a sentence, or nothing when it is empty."""
        self._label.setText(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        """What is said."""
        return self._label.text()
