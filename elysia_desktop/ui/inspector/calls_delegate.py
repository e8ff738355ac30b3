"""How a function call is painted: how it stands, its name, what it was given, what came of it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView
from typing_extensions import override

from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.inspector.calls_model import CallsModel
from elysia_desktop.ui.inspector.calls_words import about_text, detail_text
from elysia_desktop.ui.inspector.function_calls import CallNode
from elysia_desktop.ui.theme import tokens_of

ROW_HEIGHT = 26
EDGE = 12
MARK = 12
DOT = 7
GAP = 8
NAME_SHARE = 0.5
Index = QModelIndex | QPersistentModelIndex


class CallsDelegate(QStyledItemDelegate):
    """A hollow dot says that it runs, a filled one that it is done, a mute one that it was stopped or skipped."""

    def __init__(self, view: QTreeView, model: CallsModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model

    def _draw_state(self, painter: QPainter, place: QRect, node: CallNode) -> None:
        tokens = tokens_of(self._view.window())
        if node.outcome == "failed":
            icon("warning", self._view.window(), "error", MARK).paint(painter, place)
            return
        is_quiet = node.outcome not in {"running", "done"}
        colour = QColor(tokens.mute if is_quiet else tokens.accent)
        centre = QPointF(place.center()) + QPointF(0.5, 0.5)
        if node.outcome == "done":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(centre, DOT / 2, DOT / 2)
        else:
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, (DOT - 1) / 2, (DOT - 1) / 2)

    # Qt overrides

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, /) -> None:
        node = self._model.node_of(index)
        if node is None:
            return
        tokens, metrics = tokens_of(self._view.window()), self._view.fontMetrics()
        direction = self._view.layoutDirection()
        whole: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        is_mirrored = direction == Qt.LayoutDirection.RightToLeft
        whole = whole.adjusted(EDGE if is_mirrored else 2, 0, -2 if is_mirrored else -EDGE, 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._view.font())
        mark = QRect(whole.left(), whole.top() + (whole.height() - MARK) // 2, MARK, MARK)
        self._draw_state(painter, QStyle.visualRect(direction, whole, mark), node)
        left, room = MARK + GAP - 2, whole.width() - MARK - GAP + 2
        detail = detail_text(node)
        named = metrics.horizontalAdvance(node.name) + 1
        left_over = max(room - named - GAP, int(room * NAME_SHARE))
        at_end = min(metrics.horizontalAdvance(detail) + 1, left_over) if detail else 0
        name = min(named, room - at_end - (GAP if detail else 0))
        about = room - at_end - name - GAP - (GAP if detail else 0)
        at_start, side = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for text, offset, width, colour, where in (
            (node.name, left, name, tokens.text, at_start),
            (about_text(node), left + name + GAP, about, tokens.mute, at_start),
            (detail, left + room - at_end, at_end, tokens.mute, side),
        ):
            if width <= 0 or not text:
                continue
            place = QRect(whole.left() + offset, whole.top(), width, whole.height())
            alignment = QStyle.visualAlignment(direction, where | Qt.AlignmentFlag.AlignVCenter)
            painter.setPen(QColor(colour))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
            painter.drawText(
                QStyle.visualRect(direction, whole, place),
                int(alignment | Qt.TextFlag.TextSingleLine),
                shown,
            )
        painter.restore()

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index, /) -> QSize:
        return QSize(80, ROW_HEIGHT)
