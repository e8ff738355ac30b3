"""What a conversation shows before its first question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from elysia_desktop.ui.widgets.plain import menu_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_PER_ROW = 2


class Welcome(QWidget):
    """A line of welcome and a few questions to click."""

    suggested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        title = QLabel(self.tr("Ask your data anything"), self)
        title.setProperty("look", "title")
        words = QLabel(
            self.tr(
                "The agent chooses its tools, shows what it found, and says where each answer comes from."
            ),
            self,
        )
        words.setProperty("look", "mute")
        words.setWordWrap(True)
        for label in (title, words):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._pills = QVBoxLayout()
        self._pills.setSpacing(8)
        self._suggestions: list[str] = []
        self._rows: list[QWidget] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(title)
        column.addWidget(words)
        column.addSpacing(12)
        column.addLayout(self._pills)
        column.addStretch(3)
        self.set_suggestions(
            [
                self.tr("What is in my data?"),
                self.tr("How many objects does each collection hold?"),
                self.tr("Show me a few examples"),
                self.tr("Which questions could I ask?"),
            ]
        )

    @property
    def suggestions(self) -> list[str]:
        """The questions that are offered."""
        return list(self._suggestions)

    def set_suggestions(self, questions: Sequence[str]) -> None:
        """Offer these questions instead of the ones before."""
        self._suggestions = list(questions)
        for row in self._rows:
            self._pills.removeWidget(row)
            row.hide()
            row.deleteLater()
        starts = range(0, len(questions), _PER_ROW)
        self._rows = [self._row(questions[start : start + _PER_ROW]) for start in starts]
        for row in self._rows:
            self._pills.addWidget(row)

    def _row(self, questions: Sequence[str]) -> QWidget:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addStretch(1)
        for question in questions:
            pill = QPushButton(menu_text(question), row)
            pill.setProperty("look", "pill")
            pill.setAccessibleName(question)
            pill.clicked.connect(lambda _=False, text=question: self.suggested.emit(text))
            line.addWidget(pill)
        line.addStretch(1)
        return row
