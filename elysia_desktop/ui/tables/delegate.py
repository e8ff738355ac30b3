"""How a cell is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget
from typing_extensions import override

from elysia_desktop.ui.tables.model import Role
from elysia_desktop.ui.theme import tokens_of

PADDING = 12
ROW_HEIGHT = 28

_FOCUS_BAR = 2

if TYPE_CHECKING:
    Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Paints a cell on one line with a rule below; nulls italic and mute."""

    def __init__(self, parent: QTableView, *, last_rule: bool = True) -> None:
        super().__init__(parent)
        self.last_rule = last_rule
        self._fonts: dict[tuple[str, bool], QFont] = {}

    def font(self, base: QFont, *, null: bool = False) -> QFont:
        """The font of a cell: figures of one width, nulls italic."""
        kind = (base.key(), null)
        if kind not in self._fonts:
            font = QFont(base)
            font.setFeature(QFont.Tag("tnum"), 1)
            font.setItalic(null)
            self._fonts[kind] = font
        return self._fonts[kind]

    def _view(self) -> QTableView:
        return cast("QTableView", self.parent())

    def _stands_first(self, index: Index) -> bool:
        return self._view().horizontalHeader().visualIndex(index.column()) == 0

    # Qt overrides
    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = self._view()
        tokens = tokens_of(view)
        # Asked directly: by way of the index each answer would cross the language border twice.
        model = index.model()
        rect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(rect, QColor(tokens.selection if selected else tokens.panel))
        if self.last_rule or index.row() < model.rowCount() - 1:
            painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, QColor(tokens.line))
        if view.hasFocus() and index.row() == view.currentIndex().row() and self._stands_first(index):
            left = rect.right() - _FOCUS_BAR + 1 if view.isRightToLeft() else rect.left()
            painter.fillRect(left, rect.top(), _FOCUS_BAR, rect.height(), QColor(tokens.accent))
        null = bool(model.data(index, Role.NULL))
        painter.setFont(self.font(option.font, null=null))
        painter.setPen(QColor(tokens.mute if null else tokens.text))
        draw_text(
            painter,
            rect.adjusted(PADDING, 0, -PADDING, -1),
            str(model.data(index, Qt.ItemDataRole.DisplayRole)),
            model.data(index, Qt.ItemDataRole.TextAlignmentRole),
            view,
        )
        painter.restore()

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        null = bool(index.data(Role.NULL))
        return QSize(text_width(self.font(option.font, null=null), text) + 2 * PADDING, ROW_HEIGHT)


def text_width(font: QFont, text: str) -> int:
    """The width of a text in this font, in pixels."""
    return QFontMetrics(font).horizontalAdvance(text) + 1


def draw_text(
    painter: QPainter, rect: QRect, text: str, alignment: Qt.AlignmentFlag, widget: QWidget
) -> None:
    """One line of text within the rectangle, elided at its end."""
    # Measuring is slow, and no letter is narrower than two pixels.
    text = text[: rect.width() // 2 + 8]
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    visual = QStyle.visualAlignment(widget.layoutDirection(), alignment)
    painter.drawText(rect, int(visual) | int(Qt.TextFlag.TextSingleLine), shown)
