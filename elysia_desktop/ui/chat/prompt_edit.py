"""The field a question is typed in: it grows with its text, Enter sends."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget
from typing_extensions import override

from elysia_desktop.ui.files.intake import LONG_TEXT, files_in, refusal_of

_MOST_LINES = 8


class PromptEdit(QPlainTextEdit):
    """One to eight lines high; Enter tells `submitted`, Shift+Enter breaks the line."""

    submitted = Signal()
    files_given = Signal(list)
    """Files were pasted; their paths."""
    long_text_given = Signal(str)
    """A text was pasted that is long enough to be a file; it is not in the field."""
    refused = Signal(str)
    """Why what was pasted is of no use."""

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
    def canInsertFromMimeData(self, source: QMimeData, /) -> bool:
        return bool(files_in(source)) or source.hasImage() or super().canInsertFromMimeData(source)

    @override
    def insertFromMimeData(self, source: QMimeData, /) -> None:
        if paths := files_in(source):
            self.files_given.emit(paths)
        elif refusal := refusal_of(source):
            self.refused.emit(refusal)
        elif len(text := source.text()) > LONG_TEXT:
            self.long_text_given.emit(text)
        else:
            # Text only: what is pasted from a page brings no formats along.
            self.insertPlainText(text)

    @override
    def dragEnterEvent(self, e: QDragEnterEvent, /) -> None:
        # Files are for the page around it.
        if files_in(e.mimeData()):
            e.ignore()
        else:
            super().dragEnterEvent(e)

    @override
    def dragMoveEvent(self, e: QDragMoveEvent, /) -> None:
        if files_in(e.mimeData()):
            e.ignore()
        else:
            super().dragMoveEvent(e)
