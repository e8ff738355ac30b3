"""How a conversation is drawn in the list, and renamed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from typing_extensions import override

from elysia_desktop.ui.conversations.model import Role
from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.theme import RADIUS_CONTROL, SMALL_PX, Tokens, tokens_of

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel

Index = QModelIndex | QPersistentModelIndex
_HEADING_HEIGHT = 32
_FIRST_HEADING_HEIGHT = 24
_ROW_HEIGHT = 56
_GAP = 8
_INSET = 8


class ConversationDelegate(QStyledItemDelegate):
    """A heading as small mute text; a conversation as title and second line, on a ground when selected."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._pin: tuple[str, QIcon] | None = None

    def _draw_heading(self, painter: QPainter, rect: QRect, text: str, tokens: Tokens, font: QFont) -> None:
        painter.setFont(_sized(font, SMALL_PX))
        painter.setPen(QColor(tokens.mute))
        place = rect.adjusted(_INSET - 2, 0, -_INSET, -8)
        painter.drawText(place, _ALIGNED | Qt.AlignmentFlag.AlignBottom, text)

    def _draw_ground(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, tokens: Tokens, *, current: bool
    ) -> None:
        state = option.state  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if not (current or hovered or focused):
            return
        painter.setPen(QPen(QColor(tokens.accent), 1) if focused else Qt.PenStyle.NoPen)
        ground = tokens.selection if current else tokens.chip if hovered else ""
        painter.setBrush(QColor(ground) if ground else Qt.BrushStyle.NoBrush)
        shape = rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(shape, RADIUS_CONTROL, RADIUS_CONTROL)

    def _pin_icon(self, tokens: Tokens) -> QIcon:
        if self._pin is None or self._pin[0] != tokens.mute:
            self._pin = (tokens.mute, icon("pin", self._view.window(), "mute", 12))
        return self._pin[1]

    # Qt overrides

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, /) -> None:
        tokens = tokens_of(self._view.window())
        whole: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        font: QFont = option.font  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        title = str(index.data(Qt.ItemDataRole.DisplayRole))
        if index.data(Role.HEADING) is not None:
            self._draw_heading(painter, whole, title, tokens, font)
            painter.restore()
            return
        rect = whole.adjusted(0, 0, 0, -_GAP)
        current = bool(index.data(Role.CURRENT))
        self._draw_ground(painter, rect, option, tokens, current=current)
        inner = rect.adjusted(_INSET, 7, -_INSET, -6)
        if index.data(Role.PINNED):
            mark = QStyle.alignedRect(
                self._view.layoutDirection(),
                Qt.AlignmentFlag.AlignRight,
                QSize(12, 12),
                inner.adjusted(0, 2, 0, 0),
            )
            self._pin_icon(tokens).paint(painter, mark)
            inner_title = (
                inner.adjusted(0, 0, -18, 0) if mark.left() > inner.left() else inner.adjusted(18, 0, 0, 0)
            )
        else:
            inner_title = inner
        _draw_line(painter, inner_title, title, _weighted(font, bold=current), tokens.text, top=True)
        _draw_line(
            painter, inner, str(index.data(Role.DETAIL)), _sized(font, SMALL_PX), tokens.mute, top=False
        )
        painter.restore()

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index, /) -> QSize:
        if index.data(Role.HEADING) is not None:
            return QSize(80, _FIRST_HEADING_HEIGHT if index.row() == 0 else _HEADING_HEIGHT)
        return QSize(80, _ROW_HEIGHT)

    @override
    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index, /) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("Title of the conversation"))
        editor.setMaxLength(200)
        return editor

    @override
    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index, /) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text(), Qt.ItemDataRole.EditRole)

    @override
    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index, /) -> None:
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        height = editor.sizeHint().height()
        editor.setGeometry(rect.x(), rect.y() + (_ROW_HEIGHT - _GAP - height) // 2, rect.width(), height)


_ALIGNED = Qt.AlignmentFlag.AlignLeading


def _draw_line(painter: QPainter, rect: QRect, text: str, font: QFont, colour: str, *, top: bool) -> None:
    painter.setFont(font)
    painter.setPen(QPen(QColor(colour)))
    edge = Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignBottom
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, _ALIGNED | edge | Qt.TextFlag.TextSingleLine, shown)


def _sized(font: QFont, pixels: int) -> QFont:
    result = QFont(font)
    result.setPixelSize(pixels)
    return result


def _weighted(font: QFont, *, bold: bool) -> QFont:
    result = QFont(font)
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return result
