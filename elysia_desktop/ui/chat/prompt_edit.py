"""The field a question is typed in: it grows with its text, Enter sends."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget
from typing_extensions import override

_MOST_LINES = 8


class PromptEdit(QPlainTextEdit):
    """One to eight lines high; Enter tells `submitted`, Shift+Enter breaks the line."""

    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "bare")
        self.setAccessibleName(self.tr("Question"))
        self.setPlaceholderText(self.tr("Ask about your data… (Shift+Enter for a new line)"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    @property
    def visible_lines(self) -> int:
        """How many lines high the field is."""
        # This document measures its height in lines, not pixels.
        return min(_MOST_LINES, max(1, round(self.document().size().height())))

    def _fit(self) -> None:
        lines = self.visible_lines
        fits = round(self.document().size().height()) <= _MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 4)

    # Qt overrides

    @override
    def keyPressEvent(self, e: QKeyEvent, /) -> None:
        if e.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            broken = e.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier)
            if not broken:
                self.submitted.emit()
                return
            self.insertPlainText("\n")
            self.ensureCursorVisible()
            return
        if e.key() == Qt.Key.Key_Escape:
            e.ignore()
            return
        super().keyPressEvent(e)

    @override
    def resizeEvent(self, e: QResizeEvent, /) -> None:
        super().resizeEvent(e)
        self._fit()

    @override
    def insertFromMimeData(self, source: QMimeData, /) -> None:
        # Text only: what is pasted from a page brings no formats along.
        if source.hasText():
            self.insertPlainText(source.text())
