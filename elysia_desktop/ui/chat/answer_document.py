"""A Markdown document that loads nothing and looks like the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
)
from typing_extensions import override

from elysia_desktop.ui.chat.answer_text import REF_SCHEME
from elysia_desktop.ui.theme import ANSWER_PX, SMALL_PX, Tokens
from elysia_desktop.ui.widgets.plain import plain_tip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QTextList, QTextTable

_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_HEADING_PX = {1: 18, 2: 16, 3: 15}
_LINE_PERCENT = 128
_INDENT = 20
FENCE_AIR = 8
_P = QTextFormat.Property


@dataclass(frozen=True)
class Run:
    """A run of text and its format; code in a fence has none of its own."""

    position: int
    length: int
    form: QTextCharFormat | None


@dataclass(frozen=True)
class Badge:
    """Where a citation stands in the document."""

    position: int
    length: int


class AnswerDocument(QTextDocument):
    """Answer text; images become links, and no file or address is ever read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        font = QFont(self.defaultFont())
        font.setPixelSize(ANSWER_PX)
        self.setDefaultFont(font)
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setIndentWidth(_INDENT)

    def show_markdown(self, markdown: str, tokens: Tokens, tip: Callable[[str], str]) -> list[Badge]:
        """Show a text, with `tip` saying what a citation's tooltip is; answers where the citations stand."""
        self.setMarkdown(markdown, _FEATURES)
        cursor = QTextCursor(self)
        cursor.beginEditBlock()
        badges = self._dress_text(cursor, tokens, tip)
        self._dress_blocks(cursor, tokens)
        cursor.endEditBlock()
        return badges

    def fences(self) -> list[QRectF]:
        """Where code stands, with the air around it; the document must have been laid out."""
        found: list[QRectF] = []
        layout = self.documentLayout()
        open_fence = False
        for block in self._blocks():
            if not _in_fence(block):
                open_fence = False
                continue
            place = layout.blockBoundingRect(block)
            place = QRectF(0, place.top(), self.textWidth(), place.height())
            found.append(found.pop().united(place) if open_fence else place)
            open_fence = True
        return [place.adjusted(0, -FENCE_AIR, 0, FENCE_AIR) for place in found]

    def _blocks(self) -> Iterator[QTextBlock]:
        block = self.begin()
        while block.isValid():
            yield block
            block = block.next()

    def _runs(self) -> list[Run]:
        """The runs of text that are not plain words; collected first, as a change splits and joins runs."""
        found: list[Run] = []
        for block in self._blocks():
            start = block.position()
            if _in_fence(block):
                found.append(Run(start, block.length() - 1, None))
                continue
            for run in block.textFormats():
                form: QTextCharFormat = run.format  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
                if form.isAnchor() or form.isImageFormat() or form.fontFixedPitch():
                    # A copy: the format belongs to the run, which ends with this loop.
                    found.append(Run(start + run.start, run.length, QTextCharFormat(form)))  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        return found

    def _dress_text(self, cursor: QTextCursor, tokens: Tokens, tip: Callable[[str], str]) -> list[Badge]:
        badges: list[Badge] = []
        code = _code_format()
        shift = 0
        for run in self._runs():
            start = run.position + shift
            cursor.setPosition(start)
            cursor.setPosition(start + run.length, QTextCursor.MoveMode.KeepAnchor)
            if run.form is not None and run.form.isImageFormat():
                shift += _image_to_link(cursor, run.form.toImageFormat(), tokens) - run.length
            elif run.form is None or not run.form.isAnchor():
                cursor.mergeCharFormat(code)
            elif run.form.anchorHref().startswith(f"{REF_SCHEME}:"):
                cursor.mergeCharFormat(_badge_format(run.form.anchorHref(), tokens, tip))
                badges.append(Badge(start, run.length))
            else:
                cursor.mergeCharFormat(_link_format(run.form.anchorHref(), tokens))
        return badges

    def _dress_blocks(self, cursor: QTextCursor, tokens: Tokens) -> None:
        last = self.lastBlock()
        for block in list(self._blocks()):
            cursor.setPosition(block.position())
            table = cast("QTextTable | None", cursor.currentTable())
            change = QTextBlockFormat()
            if table is None:
                change.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
                change.setBottomMargin(0 if block == last else _air_below(block))
                change.setNonBreakableLines(False)
            else:
                _dress_table(table, tokens)
            self._dress_kind(cursor, block, change, tokens)
            cursor.setPosition(block.position())
            cursor.mergeBlockFormat(change)

    @staticmethod
    def _dress_kind(cursor: QTextCursor, block: QTextBlock, change: QTextBlockFormat, tokens: Tokens) -> None:
        form = block.blockFormat()
        text = QTextCharFormat()
        if form.headingLevel():
            text.setProperty(_P.FontSizeAdjustment, 0)
            text.setProperty(_P.FontPixelSize, _HEADING_PX.get(form.headingLevel(), ANSWER_PX))
            text.setFontWeight(QFont.Weight.DemiBold)
            change.setTopMargin(8 if block.position() else 0)
        elif _in_fence(block):
            _dress_fence(block, change)
            return
        elif form.intProperty(_P.BlockQuoteLevel):
            change.setLeftMargin(16 * form.intProperty(_P.BlockQuoteLevel))
            text.setForeground(QColor(tokens.mute))
        else:
            return
        cursor.setPosition(block.position())
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(text)

    # Qt overrides

    @override
    def loadResource(self, type: int, name: QUrl | str, /) -> Any:
        # Anything but an empty answer would let a model's text reach files and the network.
        return QByteArray()


def _link_format(address: str, tokens: Tokens) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setAnchor(True)
    form.setAnchorHref(address)
    form.setForeground(QColor(tokens.accent))
    form.setFontUnderline(True)
    form.setToolTip(plain_tip(address))
    return form


def _badge_format(address: str, tokens: Tokens, tip: Callable[[str], str]) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setForeground(QColor(tokens.accent))
    form.setFontUnderline(False)
    form.setProperty(_P.FontPixelSize, SMALL_PX)
    form.setFontWeight(QFont.Weight.DemiBold)
    form.setToolTip(plain_tip(tip(QUrl(address).path(QUrl.ComponentFormattingOption.FullyDecoded))))
    return form


def _code_format() -> QTextCharFormat:
    form = QTextCharFormat()
    form.setFontFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
    form.setFontFixedPitch(True)
    form.setProperty(_P.FontPixelSize, ANSWER_PX - 1)
    return form


def _image_to_link(cursor: QTextCursor, image: QTextImageFormat, tokens: Tokens) -> int:
    words = str(image.property(_P.ImageAltText) or image.name())
    cursor.insertText(words, _link_format(image.name(), tokens))
    return len(words)


def _in_fence(block: QTextBlock) -> bool:
    form = block.blockFormat()
    return form.hasProperty(_P.BlockCodeFence) or form.hasProperty(_P.BlockCodeLanguage)


def _air_below(block: QTextBlock) -> int:
    after = block.next()
    if _in_fence(block) and _in_fence(after):
        return 0
    if block.blockFormat().headingLevel():
        return 4
    in_list = [cast("QTextList | None", each.textList()) is not None for each in (block, after)]
    return 2 if all(in_list) else 8


def _dress_fence(block: QTextBlock, change: QTextBlockFormat) -> None:
    change.setLineHeight(0, QTextBlockFormat.LineHeightTypes.SingleHeight.value)
    change.setLeftMargin(FENCE_AIR + 2)
    change.setRightMargin(FENCE_AIR)
    change.setTopMargin(0 if block.position() and _in_fence(block.previous()) else FENCE_AIR + 2)
    change.setBottomMargin(0 if _in_fence(block.next()) else FENCE_AIR + 8)


def _dress_table(table: QTextTable, tokens: Tokens) -> None:
    form = table.format()
    if form.borderCollapse() and form.cellPadding() == 6:
        return
    form.setBorderCollapse(True)
    form.setBorder(1)
    form.setBorderBrush(QBrush(QColor(tokens.line)))
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setCellPadding(6)
    form.setCellSpacing(0)
    form.setTopMargin(2)
    form.setBottomMargin(8)
    form.setWidth(QTextLength(QTextLength.Type.VariableLength, 0))
    form.setAlignment(Qt.AlignmentFlag.AlignLeft)
    table.setFormat(form)
