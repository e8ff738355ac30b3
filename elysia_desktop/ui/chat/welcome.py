"""What a conversation shows before its first question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.ui.widgets.plain import menu_text, plain_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

_PER_ROW = 2
_SIDE = 24
_NARROWEST = 280
_PILL_SIDES = 26


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
        self._per_row = _PER_ROW
        self._needed = 0
        # Else the longest question would decide how narrow the window can be.
        self.setMinimumWidth(_NARROWEST)
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE, 24, _SIDE, 24)
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
        self._place_pills()

    def _place_pills(self) -> None:
        questions = self._suggestions
        for row in self._rows:
            self._pills.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [
            self._row(questions[start : start + self._per_row])
            for start in range(0, len(questions), self._per_row)
        ]
        for row in self._rows:
            self._pills.addWidget(row)
        if self._per_row == _PER_ROW:
            self._needed = max((row.sizeHint().width() for row in self._rows), default=0)

    def _row(self, questions: Sequence[str]) -> QWidget:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addStretch(1)
        for question in questions:
            pill = Pill(question, row)
            pill.clicked.connect(lambda _=False, text=question: self.suggested.emit(text))
            line.addWidget(pill)
        line.addStretch(1)
        return row

    # Qt overrides

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        fitting = _PER_ROW if self._needed <= event.size().width() - 2 * _SIDE else 1
        if fitting != self._per_row:
            self._per_row = fitting
            self._place_pills()


class Pill(QPushButton):
    """A question to click, cut with … where it is wider than the pane."""

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        super().__init__(menu_text(question), parent)
        self._question = question
        self.setProperty("look", "pill")
        self.setAccessibleName(question)

    # Qt overrides

    @override
    def minimumSizeHint(self, /) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    @override
    def paintEvent(self, arg__1: QPaintEvent, /) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.width() - _PILL_SIDES
        shown = self.fontMetrics().elidedText(self._question, Qt.TextElideMode.ElideRight, room)
        option.text = menu_text(shown)  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)
        self.setToolTip("" if shown == self._question else plain_tip(self._question))
