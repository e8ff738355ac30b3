"""A file of the conversation in full: its text, the passages that an answer cites, the way to the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from elysia_desktop.ui.documents.cited_passage import CitedPassage
from elysia_desktop.ui.documents.document_header import DocumentHeader
from elysia_desktop.ui.documents.document_text import DocumentText, Heading
from elysia_desktop.ui.documents.document_view import DocumentView
from elysia_desktop.ui.documents.find_bar import FindBar
from elysia_desktop.ui.documents.place_bar import PlaceBar

MOST_MATCHES = 2_000
CODE_KINDS = frozenset({"csv", "json"})


@dataclass(frozen=True)
class OpenFile:
    """What is shown of a file; `pages` are page numbers with the offsets they begin at."""

    document_id: str
    name: str
    kind: str
    text: str
    pages: Sequence[tuple[int, int]] = ()
    headings: Sequence[Heading] = ()
    note: str = ""
    has_original: bool = False


class DocumentPage(QWidget):
    """Shows one file at a time, or in words why there is none."""

    passage_wanted = Signal(int)
    """Another cited passage of the same answer, counted from 0."""
    original_wanted = Signal(str)
    """The id of the file whose original is to be opened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._file: OpenFile | None = None
        self._passages: list[CitedPassage] = []
        self._current = 0
        self._matches: list[int] = []
        self._match = 0
        self.header = DocumentHeader(self)
        self.places = PlaceBar(self)
        self.finding = FindBar(self)
        self.view = DocumentView(self)
        self._progress = QProgressBar(self)
        self._words = QLabel(self)
        self._stack = QStackedWidget(self)
        self._build()
        self._connect()
        self.clear()

    @property
    def file(self) -> OpenFile | None:
        """The file on view."""
        return self._file

    @property
    def words(self) -> str:
        """What is said in place of a text; empty while there is one."""
        return "" if self._stack.currentWidget() is self.view else self._words.text()

    def clear(self) -> None:
        """Show no file."""
        self._say(
            "",
            self.tr("Click a citation of a file, or open a file beside the question: its text appears here."),
        )

    def show_opening(self, name: str) -> None:
        """Say that a file's text is being fetched."""
        self._say(name, self.tr("Opening…"))

    def show_missing(self, passage: CitedPassage, reason: str) -> None:
        """Say why a cited file cannot be shown, and show what is known of the passage."""
        cited = self.tr("What the answer cited of it:") if passage.text.strip() else ""
        self._say(passage.label, "\n\n".join(part for part in (reason, cited, passage.text.strip()) if part))

    def show_failure(self, name: str, reason: str) -> None:
        """Say why a file cannot be shown."""
        self._say(name, reason)

    def show_file(self, file: OpenFile) -> None:
        """Show a file from its beginning, unless it is on view already."""
        self._stack.setCurrentWidget(self.view)
        if self._file is not None and self._file.document_id == file.document_id:
            return
        self._file = file
        self.header.show_file(file.name, file.kind, file.note, has_original=file.has_original)
        self.view.setAccessibleName(self.tr("Text of {name}").format(name=file.name))
        self.places.show_pages(len(file.pages))
        self.places.show_passages(0, 0)
        self._matches = []
        self.view.show_text(
            DocumentText(file.text, file.headings, flows=file.kind == "pdf"),
            file.pages,
            is_code=file.kind in CODE_KINDS,
        )
        if self.finding.isVisible():
            self._search(self.finding.words)

    def show_passages(self, passages: Sequence[CitedPassage], current: int) -> None:
        """Highlight the cited passages of an answer, and go to one of them."""
        self._passages, self._current = list(passages), current
        self.places.show_passages(current, len(passages))
        chosen = passages[current]
        here = [each for each in passages if self._file and each.document_id == self._file.document_id]
        self.view.set_marks([(each.start, each.end) for each in here], (chosen.start, chosen.end))
        self.view.go_to(chosen.start, chosen.end)
        self.view.setAccessibleDescription(self.tr("Cited: {text}").format(text=chosen.text[:500]))

    def copy(self) -> None:
        """Put on the clipboard what is selected, else the passage, else the whole text."""
        text = self.view.selected
        if not text and self._file is not None:
            text = self._file.text
            if self._passages and self._passages[self._current].document_id == self._file.document_id:
                passage = self._passages[self._current]
                text = self._file.text[passage.start : passage.end]
        if text:
            QGuiApplication.clipboard().setText(text)

    def open_search(self) -> None:
        """Let the person type what to look for."""
        if self._file is not None and self._stack.currentWidget() is self.view:
            self.finding.open_search()

    def _say(self, name: str, words: str) -> None:
        self._file = None
        self._passages = []
        self.header.show_file(name, "", "", has_original=False)
        self.finding.hide()
        self.places.show_passages(0, 0)
        self.places.show_pages(0)
        self._progress.hide()
        self._words.setText(words)
        self._stack.setCurrentWidget(self._words)

    def _search(self, words: str) -> None:
        self._matches = self.view.source.matches(words, MOST_MATCHES)
        self.view.set_matches([(at, at + len(words)) for at in self._matches])
        here = self.view.source.offset(self.view.textCursor().selectionStart())
        self._match = next((n for n, at in enumerate(self._matches) if at >= here), 0)
        self._show_match(words)

    def _step(self, by: int) -> None:
        if self._matches:
            self._match = (self._match + by) % len(self._matches)
        self._show_match(self.finding.words)

    def _show_match(self, words: str) -> None:
        count = len(self._matches)
        self.finding.show_place(self._match + 1, count, are_more=count == MOST_MATCHES)
        if self._matches:
            at = self._matches[self._match]
            self.view.show_match(at, at + len(words))

    def _show_share(self, share: float) -> None:
        self._progress.setVisible(share < 1)
        self._progress.setValue(round(share * 100))
        if share >= 1 and self.finding.isVisible():
            self._search(self.finding.words)

    def _build(self) -> None:
        self._progress.setAccessibleName(self.tr("How much of the text is there"))
        self._progress.setFixedHeight(3)
        self._words.setProperty("look", "mute")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setMargin(16)  # a style sheet takes other margins away
        self.view.setAccessibleName(self.tr("Text of the file"))
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._words)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.header, self.places, self.finding, self._progress):
            column.addWidget(part)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.places.passage_wanted.connect(self.passage_wanted)
        self.places.page_wanted.connect(self.view.go_to_page)
        self.view.page_changed.connect(self.places.show_page)
        self.view.filled.connect(self._show_share)
        self.finding.searched.connect(self._search)
        self.finding.stepped.connect(self._step)
        self.finding.closed.connect(self.view.setFocus)
        self.header.find_wanted.connect(self.open_search)
        self.header.copy_wanted.connect(self.copy)
        self.header.original_wanted.connect(self._tell_original)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.open_search)

    def _tell_original(self) -> None:
        if self._file is not None:
            self.original_wanted.emit(self._file.document_id)
