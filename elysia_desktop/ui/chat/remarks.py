"""Lines that say something went otherwise than hoped: warnings, and errors that healed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from elysia_desktop.ui.widgets.icon_button import IconButton, IconMark
from elysia_desktop.ui.widgets.plain import menu_text


class UpdateLine(QLabel):
    """What the agent says it is doing, which is no answer."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("look", "mute")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)


class WarningLine(QFrame):
    """Something the person should know, which did not stop the run."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "warning")
        label = _words(text)
        label.setAccessibleName(self.tr("Warning: {text}").format(text=text))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(8)
        row.addWidget(IconMark("warning", "warn", self), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)


class HealedError(QFrame):
    """An error that the agent was told of so that it could try again; its message opens on a click."""

    def __init__(self, feedback: str, message: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "step")
        self.feedback = feedback.strip()
        words = self.tr("Healed: {text}").format(text=" ".join(feedback.split()))
        self._line = IconButton("chevron-right", menu_text(words), self, size=12)
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._line.setAccessibleName(words)
        self._line.setCheckable(True)
        self._line.toggled.connect(self.open)
        self._detail = _words(message or feedback)
        self._detail.setProperty("look", "mute")
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail.setContentsMargins(24, 0, 8, 4)
        self._detail.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(2)
        column.addWidget(self._line)
        column.addWidget(self._detail)

    @property
    def detail(self) -> QLabel:
        """The label with the whole message, hidden until it is opened."""
        return self._detail

    def open(self, wide: bool = True) -> None:
        """Show or hide the message."""
        self._line.setChecked(wide)
        self._line.show_icon("chevron-down" if wide else "chevron-right")
        self._detail.setVisible(wide)


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
