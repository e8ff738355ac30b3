"""The field in which words are looked for in a text."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.chevron_button import ChevronButton
from elysia_desktop.ui.widgets.icon_button import IconButton

_TYPED_MS = 150


class FindBar(QFrame):
    """Enter goes to the next place, Shift+Enter to the one before, Esc closes."""

    searched = Signal(str)
    """The words to look for; empty when nothing is looked for any more."""
    stepped = Signal(int)
    """1 for the next place, -1 for the one before."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self._told = ""
        self._field = QLineEdit(self)
        self._field.setPlaceholderText(self.tr("Find in the text…"))
        self._field.setAccessibleName(self.tr("Find in the text"))
        self._field.setStyleSheet("QLineEdit { padding: 4px 6px; }")
        self._count = QLabel(self)
        self._count.setProperty("look", "mute")
        self._previous = ChevronButton(self.tr("Previous place"), self, back=True)
        self._next = ChevronButton(self.tr("Next place"), self)
        close = IconButton("close", self.tr("Close the search"), self, bare=True, size=14)
        self._typed = QTimer(self, interval=_TYPED_MS, singleShot=True)
        self._typed.timeout.connect(self._tell)
        self._field.textChanged.connect(self._typed.start)
        self._previous.clicked.connect(lambda: self._step(-1))
        self._next.clicked.connect(lambda: self._step(1))
        close.clicked.connect(self.close_search)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        row.addWidget(self._field, 1)
        for widget in (self._count, self._previous, self._next, close):
            row.addWidget(widget)
        self.show_place(0, 0)
        self.hide()

    @property
    def words(self) -> str:
        """What is looked for."""
        return self._field.text()

    @property
    def count(self) -> str:
        """How many places were found, as it is read."""
        return self._count.text()

    def open_search(self) -> None:
        """Show the field, ready to be typed in."""
        self.show()
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def close_search(self) -> None:
        """Look for nothing any more."""
        self._typed.stop()
        self.hide()
        self._told = ""
        self.searched.emit("")
        self.closed.emit()

    def show_place(self, number: int, count: int, *, are_more: bool = False) -> None:
        """Say at which of how many places the text is; `are_more` where not all were counted."""
        say = QLocale().toString
        if count:
            most = f"{say(count)}+" if are_more else say(count)
            words = self.tr("{number} of {count}").format(number=say(number), count=most)
        else:
            words = self.tr("Not found") if self._told else ""
        self._count.setText(words)
        for button in (self._previous, self._next):
            button.setEnabled(bool(count))

    def _tell(self) -> None:
        self._typed.stop()
        if self.words != self._told:
            self._told = self.words
            self.searched.emit(self.words)

    def _step(self, by: int) -> None:
        if self.words != self._told:
            self._tell()
        else:
            self.stepped.emit(by)

    # Qt overrides

    @override
    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_search()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            case _:
                super().keyPressEvent(event)
