"""An answer as it is written, then as it stands: Markdown with citations to click."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocumentFragment,
    QTextLine,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget
from typing_extensions import override

from elysia_desktop.ui.chat.answer_document import AnswerDocument, Badge
from elysia_desktop.ui.chat.answer_text import REF_SCHEME, AnswerText, answer_text
from elysia_desktop.ui.theme import RADIUS_CONTROL, Tokens, tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable

_FLUSH_MS = 40
_BADGE_RADIUS = 3
_SCROLL_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)


class AnswerView(QTextBrowser):
    """Selectable answer text, always as high as its content.

    While it is written, paragraphs that are complete are shown as Markdown and the one under the pen as it
    comes. `describe` says what a cited object is, for the tooltip of its badge.
    """

    citation_selected = Signal(str)
    link_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None, describe: Callable[[str], str] = str) -> None:
        super().__init__(parent)
        self._describe = describe
        self._pending: list[str] = []
        self._written: list[str] = []
        self._open = ""
        self._open_at = 0
        self._final: AnswerText | None = None
        self._badges: list[Badge] = []
        self._has_code = False
        self._tokens: Tokens | None = None
        self._answer = AnswerDocument(self)
        self._adopt(self._answer)
        self._timer = QTimer(self, interval=_FLUSH_MS, singleShot=True)
        self._timer.timeout.connect(self._write)
        self.setProperty("look", "bare")
        self.setAccessibleName(self.tr("Answer"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._follow)

    @property
    def text(self) -> str:
        """What the answer says so far, as Markdown without citations."""
        if self._final is not None:
            return self._final.words
        return "".join([*self._written, *self._pending])

    @property
    def citations(self) -> dict[str, str]:
        """The cited ref ids and what stands on their badges, in order of appearance."""
        return dict(self._final.labels) if self._final else {}

    def append(self, delta: str) -> None:
        """Add a piece of the answer; pieces that come close together are shown together."""
        self._pending.append(delta)
        if not self._timer.isActive():
            self._timer.start()

    def replace(self, text: str) -> None:
        """Show this instead of what was written so far; more may follow."""
        self._timer.stop()
        self._pending.clear()
        self._written.clear()
        self._open, self._open_at = "", 0
        self._answer.clear()
        self._badges = []
        self.append(text)

    def show_payload(self, content: dict[str, Any]) -> None:
        """Show the whole answer: the content of a `text` payload."""
        self._timer.stop()
        self._pending.clear()
        self._final = answer_text(content)
        self._show_final()

    def name_citations(self) -> None:
        """Ask again what the cited objects are called."""
        if self.citations:
            self._show_final()

    def end(self) -> None:
        """Nothing more will come: show what is there as Markdown."""
        if self._final is None:
            self.show_payload({"objects": [{"text": self.text}]})

    def _write(self) -> None:
        piece = "".join(self._pending)
        self._pending.clear()
        self._written.append(piece)
        self._open += piece
        ready = _finished(self._open)
        cursor = QTextCursor(self._answer)
        cursor.beginEditBlock()
        if ready:
            cursor.setPosition(self._open_at)
            cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
            cursor.removeSelectedText()
            self._insert_markdown(cursor, self._open[:ready])
            self._open = piece = self._open[ready:]
            self._open_at = cursor.position()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece, QTextCharFormat())
        cursor.endEditBlock()

    def _insert_markdown(self, cursor: QTextCursor, markdown: str) -> None:
        self._has_code = self._has_code or _has_fence(markdown)
        part = AnswerDocument()
        part.show_markdown(f"{markdown}\n\n", tokens_of(self.window()), self._describe)
        cursor.insertFragment(QTextDocumentFragment(part))
        cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())

    def _show_final(self) -> None:
        if self._final is None:
            return
        # Made apart from the view, so that it is laid out once, not at each of its changes.
        self._tokens = tokens_of(self.window())
        document = AnswerDocument(self)
        badges = document.show_markdown(self._final.markdown, self._tokens, self._describe)
        self._adopt(document)
        self.setAccessibleDescription(self._spoken_citations())
        self._badges = badges
        self._has_code = _has_fence(self._final.markdown)
        self.viewport().update()

    def _spoken_citations(self) -> str:
        """What each badge stands for; nobody hovers over them who cannot see them."""
        names = (f"{label}: {self._describe(ref_id)}" for ref_id, label in self.citations.items())
        spoken = "; ".join(" ".join(name.split()) for name in names)
        return self.tr("Citations: {list}").format(list=spoken) if spoken else ""

    def _adopt(self, document: AnswerDocument) -> None:
        before, self._answer = self._answer, document
        self._badges = []
        self.setDocument(document)
        document.documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()
        if before is not document:
            before.deleteLater()

    def _fit(self) -> None:
        height = max(1, math.ceil(self._answer.size().height()))
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _follow(self, address: QUrl) -> None:
        if address.scheme() == REF_SCHEME:
            self.citation_selected.emit(address.path(QUrl.ComponentFormattingOption.FullyDecoded))
        else:
            self.link_wanted.emit(address.toString())

    def _draw_grounds(self) -> None:
        tokens = tokens_of(self.window())
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.chip))
        for place in self._answer.fences() if self._has_code else ():
            painter.drawRoundedRect(place, RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setBrush(QColor(tokens.accent_ground))
        for badge in self._badges:
            painter.drawRoundedRect(self._badge_place(badge), _BADGE_RADIUS, _BADGE_RADIUS)
        painter.end()

    def _badge_place(self, badge: Badge) -> QRectF:
        block = self._answer.findBlock(badge.position)
        start = badge.position - block.position()
        line = block.layout().lineForTextPosition(start)
        left, right = sorted(_x_of(line, place) for place in (start, start + badge.length))
        corner = self._answer.documentLayout().blockBoundingRect(block).topLeft()
        baseline = line.y() + line.ascent()
        return QRectF(corner.x() + left, corner.y() + baseline - 12, right - left, 16)

    # Qt overrides

    @override
    def loadResource(self, type: int, name: QUrl | str, /) -> Any:
        return QByteArray()

    @override
    def sizeHint(self, /) -> QSize:
        return QSize(320, self.minimumHeight())

    @override
    def paintEvent(self, e: QPaintEvent, /) -> None:
        if self._badges or self._has_code:
            self._draw_grounds()
        super().paintEvent(e)

    @override
    def changeEvent(self, e: QEvent, /) -> None:
        super().changeEvent(e)
        # A style sheet changes palettes often, colours seldom.
        if e.type() == QEvent.Type.PaletteChange and self._tokens not in {None, tokens_of(self.window())}:
            self._show_final()

    @override
    def wheelEvent(self, e: QWheelEvent, /) -> None:
        # The timeline scrolls, not the answer.
        e.ignore()

    @override
    def keyPressEvent(self, ev: QKeyEvent, /) -> None:
        if ev.key() in _SCROLL_KEYS:
            ev.ignore()
            return
        super().keyPressEvent(ev)


def _x_of(line: QTextLine, place: int) -> float:
    # The binding answers with the place it took as well, which the stubs do not say.
    x, _ = cast("tuple[float, int]", line.cursorToX(place))
    return x


def _has_fence(markdown: str) -> bool:
    return any(mark in markdown for mark in ("```", "~~~", "    ", "\t"))


def _finished(text: str) -> int:
    """How much of the text, from its start, is paragraphs that nothing can change any more."""
    ready, place, fence = 0, 0, ""
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if fence:
            fence = "" if bare.startswith(fence) and not bare.strip(fence[0]) else fence
        elif bare.startswith(("```", "~~~")):
            fence = bare[:3]
        place += len(line)
        if not bare and not fence and line.endswith("\n"):
            ready = place
    return ready
