"""The whole text of a file to read, search and copy."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget
from typing_extensions import override

from elysia_desktop.ui.documents.document_grounds import Grounds, Span
from elysia_desktop.ui.documents.document_text import DocumentText
from elysia_desktop.ui.theme import ANSWER_PX, tokens_of

BUDGET_S = 0.008
"""How long the text is filled in before the window gets its turn."""
MARGIN = 16
CODE_PX = 12
_HEADING_PX = {1: 18, 2: 16, 3: 15}
_ABOVE = 3
"""Lines left above a passage that is gone to."""


class DocumentView(QPlainTextEdit):
    """Plain text with page marks, strong headings and highlighted passages; long texts come bit by bit.

    Places are given as offsets in the text.
    """

    filled = Signal(float)
    """How much of the text is there, from 0 to 1."""
    page_changed = Signal(int)
    """The page at the top of what is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = DocumentText("")
        self._pages: list[tuple[int, int]] = []
        self._page = 0
        self._wanted: tuple[int, int] | None = None
        self._marks: list[tuple[int, int]] = []
        self._current: tuple[int, int] | None = None
        self._matches: list[tuple[int, int]] = []
        self._grounds = Grounds()
        self._placed: list[tuple[int, int]] = []
        self._filling = QTimer(self, interval=0, singleShot=True)
        self._filling.timeout.connect(self._fill)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setProperty("look", "bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(MARGIN)
        self.verticalScrollBar().valueChanged.connect(self._tell_page)

    @property
    def source(self) -> DocumentText:
        """The text on view."""
        return self._source

    @property
    def page(self) -> int:
        """The page at the top of what is seen; 0 where there are no pages."""
        return self._page

    def show_text(
        self, source: DocumentText, pages: Sequence[tuple[int, int]], *, is_code: bool = False
    ) -> None:
        """Show a text from its beginning; `pages` are page numbers with the offsets they begin at."""
        self._source, self._pages, self._page = source, sorted(pages, key=lambda page: page[1]), 0
        self._wanted, self._marks, self._current, self._matches = None, [], None, []
        self._grounds, self._placed = Grounds(), []
        self.setExtraSelections([])
        font = QFont(self.font())
        if is_code:
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(CODE_PX if is_code else ANSWER_PX)
        self.document().setDefaultFont(font)
        self.clear()
        self._fill()

    def set_marks(self, marks: Sequence[tuple[int, int]], current: tuple[int, int] | None = None) -> None:
        """Highlight these passages, one of them more than the others."""
        self._marks, self._current = list(marks), current
        self._place_grounds()

    def set_matches(self, matches: Sequence[tuple[int, int]]) -> None:
        """Highlight what a search has found."""
        self._matches = list(matches)
        if not self._matches:
            self.setExtraSelections([])
        self._place_grounds()

    def go_to(self, start: int, end: int | None = None) -> None:
        """Scroll to a place, as soon as it is there."""
        last = len(self._source.text)
        self._wanted = (min(start, last), min(start if end is None else end, last))
        self._go()

    def go_to_page(self, page: int) -> None:
        """Scroll to the beginning of a page."""
        offset = next((start for number, start in self._pages if number == page), None)
        if offset is not None:
            self.go_to(offset)

    def show_match(self, start: int, end: int) -> None:
        """Light one of the places that a search has found, and scroll to it."""
        cursor = self.textCursor()
        cursor.setPosition(self._source.position(start))
        self.setTextCursor(cursor)
        self.centerCursor()
        cursor.setPosition(self._source.position(end), QTextCursor.MoveMode.KeepAnchor)
        tokens = tokens_of(self.window())
        lit = QTextEdit.ExtraSelection()
        lit.cursor = cursor  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        lit.format.setBackground(QColor(tokens.accent))  # pyright: ignore[reportAttributeAccessIssue]
        lit.format.setForeground(QColor(tokens.on_accent))  # pyright: ignore[reportAttributeAccessIssue]
        self.setExtraSelections([lit])

    @property
    def selected(self) -> str:
        """What is selected, as it stands in the file."""
        cursor = self.textCursor()
        start, end = cursor.selectionStart(), cursor.selectionEnd()
        return self._source.text[self._source.offset(start) : self._source.offset(end)]

    def _fill(self) -> None:
        """Add slices for a few milliseconds; the rest comes in later turns of the event loop."""
        until = time.monotonic() + BUDGET_S
        is_beginning = not self._source.given
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        while not self._source.is_given:
            cursor.beginEditBlock()
            for run in self._source.next_slice():
                cursor.insertText(run.text, self._format(run.level))
            cursor.endEditBlock()
            if time.monotonic() >= until:
                self._filling.start()
                break
        if is_beginning:  # what is inserted where the cursor stands takes it along
            self.moveCursor(QTextCursor.MoveOperation.Start)
        whole = len(self._source.text)
        self._place_grounds()
        self.filled.emit(self._source.given / whole if whole else 1.0)
        self._go()
        self._tell_page()

    def _format(self, level: int) -> QTextCharFormat:
        form = QTextCharFormat()
        if level:
            form.setFontWeight(QFont.Weight.DemiBold)
            form.setProperty(QTextCharFormat.Property.FontPixelSize, _HEADING_PX.get(level, ANSWER_PX))
        return form

    def _go(self) -> None:
        if self._wanted is None or self._wanted[1] > self._source.given:
            return
        (start, _), self._wanted = self._wanted, None
        cursor = self.textCursor()
        cursor.setPosition(self._source.position(start))
        self.setTextCursor(cursor)
        line = cursor.block().layout().lineForTextPosition(cursor.positionInBlock())
        above = cursor.block().firstLineNumber() + (line.lineNumber() if line.isValid() else 0)
        self.verticalScrollBar().setValue(max(0, above - _ABOVE))

    def _place_grounds(self) -> None:
        """Work out where what is highlighted stands, as far as the text is there."""
        given, place = self._source.given, self._source.position
        while len(self._placed) < len(self._pages) and self._pages[len(self._placed)][1] < given:
            number, start = self._pages[len(self._placed)]
            self._placed.append((place(start), number))
        self._grounds = Grounds(
            marks=[Span(place(start), place(end)) for start, end in self._marks if end <= given],
            current=Span(*map(place, self._current)) if self._current and self._current[1] <= given else None,
            matches=[Span(place(start), place(end)) for start, end in self._matches],
            pages=self._placed,
        )
        self.viewport().update()

    def _tell_page(self) -> None:
        if not self._pages:
            return
        # The page that begins within what is just seen counts, or else a jump to it would tell the one before.
        block = self.cursorForPosition(self.viewport().rect().topLeft()).block()
        for _ in range(_ABOVE):
            block = block.next() if block.next().isValid() else block
        offset = self._source.offset(block.position())
        place = bisect_left(self._pages, offset + 1, key=lambda page: page[1])
        page = self._pages[max(0, place - 1)][0]
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)

    def _blocks(self) -> list[tuple[QTextBlock, QPointF]]:
        """The blocks in sight with their corners."""
        found: list[tuple[QTextBlock, QPointF]] = []
        block, corner = self.firstVisibleBlock(), self.contentOffset()
        while block.isValid() and corner.y() <= self.viewport().height():
            found.append((block, QPointF(corner)))
            corner.setY(corner.y() + self.blockBoundingRect(block).height())
            block = block.next()
        return found

    # Qt overrides

    @override
    def createMimeDataFromSelection(self, /) -> QMimeData:
        data = QMimeData()
        data.setText(self.selected)
        return data

    @override
    def paintEvent(self, e: QPaintEvent, /) -> None:
        painter = QPainter(self.viewport())
        room = QRectF(self.viewport().rect())
        self._grounds.paint(painter, self._blocks(), room, self.window(), is_mirrored=self.isRightToLeft())
        painter.end()
        super().paintEvent(e)

    @override
    def changeEvent(self, e: QEvent, /) -> None:
        super().changeEvent(e)
        if e.type() == QEvent.Type.PaletteChange:
            self.viewport().update()
