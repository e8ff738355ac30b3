"""The bar above a part of the inspector."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from elysia_desktop.ui.widgets.chip import Chip

HEIGHT = 37
CHIP_HEIGHT = 22  # the style sheet's radius of 11 is not drawn on anything lower


class SectionHeader(QFrame):
    """A title at the left, a chip at the right that is hidden while it is empty, widgets between."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "header")
        self.setFixedHeight(HEIGHT)
        self._title = QLabel(title, self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("look", "strong")
        self._chip = Chip("", self)
        self._chip.setMinimumHeight(CHIP_HEIGHT)
        self._chip.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self._title)
        row.addStretch(1)
        row.addWidget(self._chip)
        self._row = row
        self._after_title = 0

    @property
    def title(self) -> str:
        """What the bar says."""
        return self._title.text()

    @property
    def chip(self) -> str:
        """What the chip says."""
        return self._chip.text()

    def show_title(self, title: str) -> None:
        """Say another title."""
        self._title.setText(title)

    def show_chip(self, text: str) -> None:
        """Say something else in the chip; nothing hides it."""
        self._chip.setText(text)
        self._chip.setVisible(bool(text))

    def add(self, widget: QWidget, *, after_title: bool = False) -> None:
        """Place a widget after the title or before the chip."""
        if after_title:
            self._row.insertWidget(self._row.indexOf(self._title) + 1 + self._after_title, widget)
            self._after_title += 1
        else:
            self._row.insertWidget(self._row.count() - 1, widget)
