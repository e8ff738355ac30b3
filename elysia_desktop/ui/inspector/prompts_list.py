"""The list of requests to models: two lines each, the failed ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.inspector.prompts_rows import PromptRow
from elysia_desktop.ui.inspector.prompts_words import (
    facts_of,
    purpose_text,
    spoken_text,
    state_text,
    tokens_text,
)
from elysia_desktop.ui.theme import SMALL_PX, tokens_of

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 44
EDGE = 12
NUMBER_WIDTH = 24
GAP = 12
MARK = 12


class PromptsModel(QAbstractListModel):
    """The rows of a run; what is there already stays in its place while more come."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[PromptRow] = []

    @property
    def rows(self) -> list[PromptRow]:
        """The rows as they are shown."""
        return self._rows

    def set_rows(self, rows: Sequence[PromptRow]) -> None:
        """Show these; a selection stays where only rows at the end are new."""
        before, after = [row.key for row in self._rows], [row.key for row in rows]
        if after[: len(before)] != before or (before and not after):
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        count = len(before)
        changed = [place for place in range(count) if self._rows[place] != rows[place]]
        self._rows[:] = rows[:count]
        if changed:
            self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
        if len(rows) > count:
            self.beginInsertRows(QModelIndex(), count, len(rows) - 1)
            self._rows += rows[count:]
            self.endInsertRows()

    # Qt overrides

    @override
    def rowCount(self, parent: Index | None = None, /) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole, /) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return purpose_text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_text(row, index.row() + 1)
        return None


class PromptsList(QListView):
    """Shows a `PromptsModel`; the arrow keys go from one request to the next."""

    def __init__(self, model: PromptsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setItemDelegate(_Delegate(self, model))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(self.tr("Model calls"))

    @property
    def content_height(self) -> int:
        """What all rows take, in pixels."""
        return self.model().rowCount() * ROW_HEIGHT


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: QListView, model: PromptsModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model

    # Qt overrides

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, /) -> None:
        tokens, row = tokens_of(self._view.window()), self._model.rows[index.row()]
        whole: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(whole, QColor(tokens.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(whole, QColor(tokens.chip))
        if state & QStyle.StateFlag.State_HasFocus and self._view.window().testAttribute(
            Qt.WidgetAttribute.WA_KeyboardFocusChange
        ):
            painter.setPen(QColor(tokens.accent))
            painter.drawRect(whole.adjusted(0, 0, -1, -1))
        room = whole.adjusted(EDGE, 4, -EDGE, -5)
        upper, lower = room.adjusted(0, 0, 0, -room.height() // 2), room.adjusted(0, room.height() // 2, 0, 0)
        painter.setFont(self._view.font())
        line = _Line(painter, upper, self._view.layoutDirection())
        line.draw(QLocale().toString(index.row() + 1), tokens.mute, NUMBER_WIDTH)
        line.draw(tokens_text(row), tokens.mute, at_end=True)
        line.draw(purpose_text(row), tokens.text)
        small = QFont(self._view.font())
        small.setPixelSize(SMALL_PX)
        painter.setFont(small)
        line = _Line(painter, lower, self._view.layoutDirection())
        line.take(NUMBER_WIDTH)
        if row.failed:
            icon("error", self._view.window(), "error", MARK).paint(painter, line.take(MARK))
            line.take(GAP // 3)
        if outcome := state_text(row):
            line.draw(outcome, tokens.error if row.failed else tokens.text)
        line.draw(" · ".join(facts_of(row)), tokens.mute)
        painter.restore()

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index, /) -> QSize:
        return QSize(80, ROW_HEIGHT)


class _Line:
    """Draws along a line from its start or its end, in reading direction, and knows what room is left."""

    def __init__(self, painter: QPainter, room: QRect, direction: Qt.LayoutDirection) -> None:
        self._painter = painter
        self._whole = room
        self._room = QRect(room)
        self._direction = direction

    def take(self, width: int, *, at_end: bool = False) -> QRect:
        """Take room; returns where it is on the screen."""
        taken = QRect(self._room)
        if at_end:
            taken.setLeft(self._room.right() - width + 1)
            self._room.setRight(taken.left() - 1)
        else:
            taken.setWidth(width)
            self._room.setLeft(taken.right() + 1)
        return QStyle.visualRect(self._direction, self._whole, taken)

    def draw(self, text: str, colour: str, width: int = 0, *, at_end: bool = False) -> None:
        """Draw a text in the room it needs and a gap after it, or in a column of this width."""
        metrics = self._painter.fontMetrics()
        needed = min(width or metrics.horizontalAdvance(text) + 1, max(self._room.width(), 0))
        place = self.take(needed, at_end=at_end)
        side = Qt.AlignmentFlag.AlignRight if at_end else Qt.AlignmentFlag.AlignLeft
        alignment = QStyle.visualAlignment(self._direction, side | Qt.AlignmentFlag.AlignVCenter)
        self._painter.setPen(QColor(colour))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, needed)
        self._painter.drawText(place, int(alignment | Qt.TextFlag.TextSingleLine), shown)
        if text and not width:
            self.take(min(GAP, max(self._room.width(), 0)), at_end=at_end)
