"""Which passage and which page of a document is on view, and the way to others."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSpinBox, QWidget

from elysia_desktop.ui.inspector.chevron_button import ChevronButton


class PlaceBar(QFrame):
    """At the start the cited passages, at the end the pages; what there is none of is left out."""

    passage_wanted = Signal(int)
    """The passage to go to, counted from 0 in the order of the answer."""
    page_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self._place = 0
        self._previous = ChevronButton(self.tr("Previous cited passage"), self, back=True)
        self._next = ChevronButton(self.tr("Next cited passage"), self)
        self._passage = QLabel(self)
        self._page_name = QLabel(self.tr("Page"), self)
        self._page = QSpinBox(self)
        self._pages = QLabel(self)
        for label in (self._page_name, self._pages):
            label.setProperty("look", "mute")
        for named in (self._page, self._page.lineEdit()):
            named.setAccessibleName(self.tr("Page"))
        self._page.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self._page.setKeyboardTracking(False)
        self._page.setStyleSheet("QSpinBox { padding: 2px 4px; }")
        self._page.valueChanged.connect(self.page_wanted)
        self._previous.clicked.connect(lambda: self.passage_wanted.emit(self._place - 1))
        self._next.clicked.connect(lambda: self.passage_wanted.emit(self._place + 1))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 12, 4)
        row.setSpacing(4)
        for widget in (self._previous, self._passage, self._next):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self._page_name, self._page, self._pages):
            row.addWidget(widget)
        self.show_passages(0, 0)
        self.show_pages(0)

    @property
    def passage(self) -> str:
        """Which passage is on view, as it is read."""
        return self._passage.text()

    @property
    def page(self) -> int:
        """The page that is told."""
        return self._page.value()

    def show_passages(self, place: int, count: int) -> None:
        """Tell of the passages of an answer; `place` from 0."""
        self._place = place
        say = QLocale().toString
        words = self.tr("Passage {number} of {count}").format(number=say(place + 1), count=say(count))
        self._passage.setText(words if count else "")
        self._previous.setEnabled(place > 0)
        self._next.setEnabled(place + 1 < count)
        for widget in (self._previous, self._passage, self._next):
            widget.setVisible(count > 0)
        self._show_or_hide()

    def show_pages(self, count: int) -> None:
        """Tell how many pages there are; none hides them."""
        self._page.blockSignals(True)
        self._page.setRange(min(1, count), count)
        self._page.setValue(1)
        self._page.blockSignals(False)
        self._pages.setText(self.tr("of {count}").format(count=QLocale().toString(count)))
        for widget in (self._page_name, self._page, self._pages):
            widget.setVisible(count > 0)
        self._show_or_hide()

    def show_page(self, page: int) -> None:
        """Tell another page, without going there."""
        self._page.blockSignals(True)
        self._page.setValue(page)
        self._page.blockSignals(False)

    def _show_or_hide(self) -> None:
        self.setVisible(not (self._passage.isHidden() and self._page.isHidden()))
