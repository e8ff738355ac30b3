"""A part of a prompt or reply: a text that can be folded away and copied."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication, QResizeEvent, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.prompts_words import characters_text
from elysia_desktop.ui.widgets.icon_button import IconButton

MOST_LINES = 24
LONGEST_SHOWN = 100_000
LONGEST_LINE = 20_000
CODE_PX = 12
COPIED_MS = 1500


class TextSection(QWidget):
    """A title that folds the text below it, its length, and a button that copies all of it as it was."""

    def __init__(self, title: str, copy: str, parent: QWidget | None = None, *, is_open: bool = True) -> None:
        super().__init__(parent)
        self._text = ""
        self._form: Callable[[str], str] = str
        self._is_stale = False
        self._copy_name = copy
        self._fold = IconButton("chevron-down", title, self)
        self._fold.setStyleSheet("IconButton { font-weight: 600; color: palette(text); padding-left: 0; }")
        self._fold.setCheckable(True)
        self._fold.setChecked(is_open)
        self._fold.toggled.connect(self._show_opening)
        self._length = QLabel(self)
        self._length.setProperty("look", "small")
        self._copy = IconButton("copy", copy, self, bare=True, size=14)
        self._copy.clicked.connect(self.copy)
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(COPIED_MS)
        self._copied.timeout.connect(self._show_copy)
        self._pane = _Pane(title, self)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._fold)
        row.addStretch(1)
        row.addWidget(self._length)
        row.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._pane)
        self._show_opening(is_open)

    @property
    def is_open(self) -> bool:
        """Whether the text is in sight."""
        return self._fold.isChecked()

    @property
    def shown(self) -> str:
        """The text in sight."""
        return self._pane.toPlainText()

    def show_text(self, text: str, form: Callable[[str], str] = str) -> None:
        """Show a text, formed for the eye; nothing hides the section."""
        self._text, self._form, self._is_stale = text, form, True
        self._length.setText(characters_text(len(text)))
        self._copied.stop()
        self._show_copy()
        self.setVisible(bool(text))
        self._fill()

    def copy(self) -> None:
        """Put the whole text on the clipboard, as it was sent."""
        QGuiApplication.clipboard().setText(self._text)
        self._copy.show_icon("check")
        self._copy.setAccessibleName(self.tr("Copied"))
        self._copied.start()

    def _show_copy(self) -> None:
        self._copy.show_icon("copy")
        self._copy.setAccessibleName(self._copy_name)

    def _show_opening(self, is_open: bool) -> None:
        self._fold.show_icon("chevron-down" if is_open else "chevron-right")
        self._pane.setVisible(is_open)
        self._fill()

    def _fill(self) -> None:
        """Lay out what is in sight; a folded text waits until it is opened."""
        if self.is_open and self._is_stale:
            self._is_stale = False
            self._pane.setPlainText(self._cut(self._form(self._text)))
            self._pane.fit()

    def _cut(self, text: str) -> str:
        """The text without what would take long to lay out; the rest is copied all the same."""
        lines = [
            line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
            for line in text[:LONGEST_SHOWN].split("\n")
        ]
        if len(text) <= LONGEST_SHOWN:
            return "\n".join(lines)
        more = self.tr("{count} more characters; copying gives all of them.")
        return "\n".join([*lines, "…", more.format(count=QLocale().toString(len(text) - LONGEST_SHOWN))])


class _Pane(QPlainTextEdit):
    """A text to read, as high as its lines up to a limit."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setProperty("look", "field")
        self.setAccessibleName(title)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(CODE_PX)
        self.setFont(font)
        self.document().setDocumentMargin(0)

    def fit(self) -> None:
        """Take the height that the lines need at this width."""
        lines, block, layout = 0, self.document().firstBlock(), self.document().documentLayout()
        while block.isValid() and lines <= MOST_LINES:
            layout.blockBoundingRect(block)  # lays the block out
            lines += max(1, block.layout().lineCount())
            block = block.next()
        # Decided here: the bar that comes by itself comes before the height, and narrows the lines.
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded
        if lines <= MOST_LINES:
            policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        around = max(0, self.height() - self.viewport().height())  # before it is laid out this says nothing
        self.setFixedHeight(min(lines, MOST_LINES) * self.fontMetrics().lineSpacing() + around)

    # Qt overrides

    @override
    def resizeEvent(self, e: QResizeEvent, /) -> None:
        super().resizeEvent(e)
        if e.size().width() != e.oldSize().width():
            self.fit()
