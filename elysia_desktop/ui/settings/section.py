"""Settings that belong together, under a heading."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from elysia_desktop.ui.settings.row import LABEL_WIDTH, SettingRow
from elysia_desktop.ui.settings.status_line import Level, StatusLine
from elysia_desktop.ui.settings.words import section_sentence, translated


class Section(QWidget):
    """A heading and its rows; it is shown when one of them is."""

    changed = Signal()

    def __init__(self, group: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.group = group
        self.title = title
        self.rows: list[SettingRow] = []
        self._status_row: QWidget | None = None
        self._status: StatusLine | None = None
        self._last: tuple[Level, str, str] = ("mute", "", "")
        heading = QLabel(translated(title), self)
        heading.setProperty("look", "title")
        about = QLabel("— " + section_sentence(title) if section_sentence(title) else "", self)
        about.setProperty("look", "mute")
        self._top = QHBoxLayout()
        self._top.setContentsMargins(0, 0, 0, 4)
        self._top.setSpacing(6)
        self._top.addWidget(heading, 0, Qt.AlignmentFlag.AlignBaseline)
        self._top.addWidget(about, 1, Qt.AlignmentFlag.AlignBaseline)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 20)
        self.column.setSpacing(10)
        self.column.addLayout(self._top)

    def add_row(self, row: SettingRow) -> None:
        """Put a setting at the end."""
        self.rows.append(row)
        self.column.addWidget(row)
        row.changed.connect(self.changed)

    def add_status(self) -> None:
        """Put the line that tells how a test went here."""
        self._status_row = QWidget(self)
        self._status_row.hide()
        self._status = StatusLine(self._status_row)
        indented = QHBoxLayout(self._status_row)
        indented.setContentsMargins(LABEL_WIDTH, 0, 0, 4)
        indented.addWidget(self._status)
        self.column.addWidget(self._status_row)

    def show_status(self, level: Level, word: str, details: str = "") -> None:
        """Say how a test went; nothing at all hides the line."""
        self._last = (level, word, details)
        if self._status is not None and self._status_row is not None:
            self._status.show_status(level, word, details)
            self._status_row.setVisible(bool(word or details))

    def show_busy(self, text: str) -> None:
        """Say what is being waited for; an empty text: nothing any more, and what was said before stands."""
        if self._status is not None and text:
            self._status.show_status("mute", text)
        else:
            self.show_status(*self._last)

    def show_rows(self, group: str, words: list[str]) -> bool:
        """Show what is relevant in this group, or what is about these words; whether that is anything."""
        anything = False
        for row in self.rows:
            shown = row.is_relevant and (row.matches(words) if words else self.group == group)
            row.setVisible(shown)
            anything = anything or shown
        if self._status_row is not None and self._status is not None:
            self._status_row.setVisible(anything and not words and bool(self._status.text()))
        self.setVisible(anything)
        return anything
