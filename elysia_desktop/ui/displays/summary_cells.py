"""Cells that show a summary in a few lines."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from typing_extensions import override

from elysia_desktop.ui.tables.delegate import PADDING, CellDelegate
from elysia_desktop.ui.theme import tokens_of

MOST_LINES = 4


class SummaryDelegate(CellDelegate):
    """Paints a text in as many lines as the row is high."""

    # Qt overrides
    @override
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        room = option.rect.adjusted(PADDING, 0, -PADDING, -1)
        font = self.font(option.font)
        layout = laid_out(text, font, room.width(), self._view().layoutDirection())
        if layout.lineCount() < 2:
            return
        tokens = tokens_of(self._view())
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        # The ground, the rule and the focus are painted; the text, which is cut to one line, is painted anew.
        painter.fillRect(room, QColor(tokens.selection if selected else tokens.panel))
        painter.setPen(QColor(tokens.text))
        painter.setClipRect(room)
        height = layout.lineAt(layout.lineCount() - 1).rect().bottom()
        layout.draw(painter, QPointF(room.x(), room.y() + (room.height() - height) / 2))
        painter.restore()


def lines_for(texts: Iterable[str], font: QFont, width: int) -> int:
    """How many lines the longest of these texts takes, at least one and at most four."""
    longest = max(texts, key=len, default="")
    return max(1, laid_out(longest, font, width).lineCount())


def laid_out(
    text: str, font: QFont, width: int, direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight
) -> QTextLayout:
    """The text in at most four lines of this width, the last one elided where more would follow."""
    flat = " ".join(text.split())
    layout = _broken(flat, font, width, direction)
    if layout.lineCount() <= MOST_LINES:
        return layout
    kept = flat[: _letters(flat, layout.lineAt(MOST_LINES).textStart())].rstrip()
    while (layout := _broken(f"{kept}…", font, width, direction)).lineCount() > MOST_LINES and kept:
        kept = kept[:-1].rstrip()
    return layout


def _letters(text: str, place: int) -> int:
    """How many characters stand before a place that Qt counts in UTF-16."""
    return len(text.encode("utf-16-le", "replace")[: 2 * place].decode("utf-16-le", "ignore"))


def _broken(text: str, font: QFont, width: int, direction: Qt.LayoutDirection) -> QTextLayout:
    """The text in lines of this width, at most one more than are shown."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setTextDirection(direction)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    top = 0.0
    while layout.lineCount() <= MOST_LINES:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1, width))
        line.setPosition(QPointF(0, top))
        top += line.height()
    layout.endLayout()
    return layout
