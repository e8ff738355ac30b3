"""A list of selectable rows of widgets, for displays that are not tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.more import MoreButton
from elysia_desktop.ui.displays.summaries import summary_of
from elysia_desktop.ui.theme import tokens_of

PADDING = 12
FIRST_ROWS = 5


class SummaryLabel(QLabel):
    """The summary of an object in as many lines as it takes; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show this summary."""
        self.setText(text)
        self.setVisible(bool(text))
        self._fit()

    def _fit(self) -> None:
        # Cards are no higher than their size hint, which knows nothing of how narrow they are.
        self.setFixedHeight(max(0, self.heightForWidth(self.width())))

    # Qt overrides
    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class Row(QFrame):
    """One object; a click, Enter or Space selects it.

    Its display gives `summary`, hidden while there is none, a place in the layout.
    """

    selected = Signal(str)

    def __init__(self, ref_id: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ref_id = ref_id
        self._is_selected = False
        self.last = False
        self.lights_up = True
        """Whether it stands on a ground of its own while it is selected."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name or self.tr("Object"))
        self.summary = SummaryLabel(self)

    @property
    def is_selected(self) -> bool:
        """Whether the row is highlighted."""
        return self._is_selected

    def set_selected(self, selected: bool) -> None:
        """Highlight the row, or no longer."""
        self._is_selected = selected
        self.update()

    def show_summary(self, text: str) -> None:
        """Show the summary of the object."""
        self.summary.show_text(text)

    # Qt overrides
    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self.selected.emit(self.ref_id)
            event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.selected.emit(self.ref_id)
            case Qt.Key.Key_Down:
                self.focusNextChild()
            case Qt.Key.Key_Up:
                self.focusPreviousChild()
            case _:
                super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_of(self)
        painter = QPainter(self)
        if self._is_selected and self.lights_up:
            painter.fillRect(self.rect(), QColor(tokens.selection))
        if not self.last:
            painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(tokens.line))
        if self.hasFocus():
            left = self.width() - 2 if self.isRightToLeft() else 0
            painter.fillRect(left, 0, 2, self.height(), QColor(tokens.accent))
        painter.end()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


class RowList(QWidget):
    """Rows one above the other, the first few until all are asked for; at most one is selected."""

    selected = Signal(str)

    def __init__(self, rows: Sequence[Row], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = list(rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        # One or two more take no more room than the button that would show them.
        few = len(self.rows) <= FIRST_ROWS + 2
        for number, row in enumerate(self.rows):
            layout.addWidget(row)
            row.setVisible(few or number < FIRST_ROWS)  # once it has a parent, or it would be a window
            row.selected.connect(self._select)
        if self.rows:
            self.rows[-1].last = few
        self.more = MoreButton(self.tr("Show all {count}").format(count=len(self.rows)), self)
        self.more.setVisible(not few)
        self.more.clicked.connect(self.show_all)
        foot = QHBoxLayout()
        foot.setContentsMargins(PADDING - 1, 0, PADDING, 0)
        foot.addWidget(self.more)
        foot.addStretch(1)
        layout.addLayout(foot)

    def show_all(self) -> None:
        """Show the rows that were left out."""
        self.more.hide()
        for row in self.rows:
            row.show()
        if self.rows:
            self.rows[-1].last = True

    def show_summaries(self, objects: Sequence[Mapping[str, Any]]) -> None:
        """Show the summaries of these objects, one per row, in the same order."""
        for row, item in zip(self.rows, objects, strict=True):
            row.show_summary(summary_of(item))

    def highlight(self, ref_id: str) -> Row | None:
        """Highlight the row of this object without announcing it; None when it is not here."""
        found = next((row for row in self.rows if row.ref_id == ref_id), None)
        if found is None:
            return None
        if found.isHidden():
            self.show_all()
        for row in self.rows:
            row.set_selected(row is found)
        return found

    def _select(self, ref_id: str) -> None:
        sender = self.sender()
        for row in self.rows:
            row.set_selected(row is sender)
        if ref_id:
            self.selected.emit(ref_id)
