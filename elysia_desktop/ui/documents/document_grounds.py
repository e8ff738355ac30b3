"""What is painted behind a text: passages, what a search found, and where pages begin."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from PySide6.QtCore import QCoreApplication, QLocale, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextBlock, QTextLine
from PySide6.QtWidgets import QStyle, QWidget

from elysia_desktop.ui.theme import SMALL_PX, Tokens, tokens_of

Placed = tuple[QTextBlock, QPointF]
_BAR = 3
_ROUND = 2
_ABOVE_FIRST = 8
"""How far above the text the rule of the first page is drawn, in the margin."""


@dataclass(frozen=True)
class Span:
    """A part of the document, in its positions."""

    start: int
    end: int


@dataclass(frozen=True)
class Grounds:
    """Where everything stands; `pages` are positions with page numbers, all in the order of the text."""

    marks: Sequence[Span] = ()
    current: Span | None = None
    matches: Sequence[Span] = ()
    pages: Sequence[tuple[int, int]] = field(default=())

    def paint(
        self, painter: QPainter, blocks: Sequence[Placed], room: QRectF, window: QWidget, *, is_mirrored: bool
    ) -> None:
        """Paint what stands behind these blocks."""
        if not blocks:
            return
        tokens = tokens_of(window)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_pages(painter, blocks, room, tokens, is_mirrored=is_mirrored)
        first = blocks[0][0].position()
        last = blocks[-1][0].position() + blocks[-1][0].length()
        painter.setPen(Qt.PenStyle.NoPen)
        for mark in self.marks:
            if mark.start < last and mark.end > first:
                is_current = mark == self.current
                painter.setBrush(QColor(tokens.accent_ground if is_current else tokens.chip))
                bar = QColor(tokens.accent if is_current else tokens.mute)
                self._paint_span(painter, mark, blocks, room, bar, is_mirrored=is_mirrored)
        painter.setPen(QColor(tokens.accent))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        begin = bisect_left(self.matches, first, key=lambda match: match.end)
        for match in self.matches[begin:]:
            if match.start >= last:
                break
            for place in _lines(match, blocks):
                painter.drawRoundedRect(place, _ROUND, _ROUND)

    @staticmethod
    def _paint_span(
        painter: QPainter,
        span: Span,
        blocks: Sequence[Placed],
        room: QRectF,
        bar: QColor,
        *,
        is_mirrored: bool,
    ) -> None:
        places = [place.adjusted(-2, 0, 2, 0) for place in _lines(span, blocks)]
        for place in places:
            painter.drawRect(place)
        if places:
            left = room.right() - _BAR - 4 if is_mirrored else room.left() + 4
            top, bottom = places[0].top(), places[-1].bottom()
            painter.save()
            painter.setBrush(bar)
            painter.drawRoundedRect(QRectF(left, top, _BAR, bottom - top), _BAR / 2, _BAR / 2)
            painter.restore()

    def _paint_pages(
        self, painter: QPainter, blocks: Sequence[Placed], room: QRectF, tokens: Tokens, *, is_mirrored: bool
    ) -> None:
        small = QFont(painter.font())
        small.setPixelSize(SMALL_PX)
        painter.setFont(small)
        metrics = painter.fontMetrics()
        direction = Qt.LayoutDirection.RightToLeft if is_mirrored else Qt.LayoutDirection.LeftToRight
        for y, page in self._page_tops(blocks):
            words = QCoreApplication.translate("Grounds", "Page {number}").format(
                number=QLocale().toString(page)
            )
            width = metrics.horizontalAdvance(words)
            place = QRectF(room.right() - 12 - width, y - 8, width, 16).toRect()
            place = QStyle.visualRect(direction, room.toRect(), place)
            painter.setPen(QColor(tokens.line))
            start, end = (place.right() + 8, room.right() - 12) if is_mirrored else (12, place.left() - 8)
            painter.drawLine(QPointF(start, y), QPointF(end, y))
            painter.setPen(QColor(tokens.mute))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def _page_tops(self, blocks: Sequence[Placed]) -> Iterator[tuple[float, int]]:
        """The pages that begin in these blocks, and where their rules are drawn: in the empty line before, if any."""
        for block, corner in blocks:
            begin = bisect_left(self.pages, block.position(), key=lambda page: page[0])
            if begin >= len(self.pages) or self.pages[begin][0] >= block.position() + block.length():
                continue
            before = block.previous()
            if not before.isValid():
                y = corner.y() - _ABOVE_FIRST
            elif before.length() == 1:
                y = corner.y() - before.layout().boundingRect().height() / 2
            else:
                y = corner.y()
            yield y, self.pages[begin][1]


def _lines(span: Span, blocks: Sequence[Placed]) -> Iterator[QRectF]:
    """The places of a span's lines on the screen."""
    for block, corner in blocks:
        start, end = span.start - block.position(), span.end - block.position()
        if end <= 0 or start >= block.length():
            continue
        layout = block.layout()
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            first = max(start, line.textStart())
            last = min(end, line.textStart() + line.textLength())
            if first < last:
                left, right = sorted((_x_of(line, first), _x_of(line, last)))
                yield QRectF(corner.x() + left, corner.y() + line.y(), right - left, line.height())


def _x_of(line: QTextLine, place: int) -> float:
    # The binding answers with the place it took as well, which the stubs do not say.
    x, _ = cast("tuple[float, int]", line.cursorToX(place))
    return x
