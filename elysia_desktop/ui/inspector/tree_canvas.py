"""The decision tree as a drawing that lights up while a run goes on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QStyle, QToolTip, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.tree_course import course_of, path_in_words
from elysia_desktop.ui.inspector.tree_layout import Box, TreeLayout, TreeNode, lay_out
from elysia_desktop.ui.inspector.tree_painter import TreePainter
from elysia_desktop.ui.theme import SMALL_PX, tokens_of
from elysia_desktop.ui.widgets.plain import plain_tip

MIN_SCALE = 0.8
FRAME_MS = 60
EMPTY_HEIGHT = 96


class TreeCanvas(QAbstractScrollArea):
    """Draws a decision tree and the path that a run takes in it.

    Arrow keys move the selection; a tree too wide is scaled down a little, then scrolled.
    """

    node_selected = Signal(str)
    """The person chose a box; its node's id."""
    height_changed = Signal()
    """The drawing needs another height than before; see `content_height`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tree: TreeNode = {}
        self._record: RunRecord | None = None
        self._layout = TreeLayout()
        self._scale = 1.0
        self._selected = ""
        self._is_animated = True
        self._dash = 0
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._next_frame)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Decision tree"))
        self._describe()

    def set_tree(self, tree: TreeNode) -> None:
        """Draw another tree: `{"name", "id", "description", "branch", "options", …}`."""
        self._tree = tree
        self._lay_out()

    def show_run(self, record: RunRecord | None) -> None:
        """Light what this run has taken; None lights nothing."""
        self._record = record
        self._lay_out()

    def select_node(self, node: str) -> bool:
        """Select a node without announcing it; False, and nothing selected, where the tree has none such."""
        box = self._layout.box_of(node)
        self._select(box)
        return box is not None

    def set_animated(self, animated: bool) -> None:
        """Whether what runs may move; never does where the desktop asks for reduced motion."""
        self._is_animated = animated
        self._animate()

    @property
    def selected_node(self) -> str:
        """The id of the selected node, empty without one."""
        box = self._layout.box(self._selected)
        return box.node if box else ""

    @property
    def drawing(self) -> TreeLayout:
        """The boxes and links as they are drawn, before scaling."""
        return self._layout

    @property
    def content_height(self) -> int:
        """The height at which nothing needs to scroll up and down."""
        if not self._layout.boxes:
            return EMPTY_HEIGHT
        bar = self.horizontalScrollBar()
        return round(self._layout.height * self._scale) + (bar.sizeHint().height() if bar.maximum() else 0)

    def box_rect(self, box: Box) -> QRectF:
        """Where a box stands in the viewport."""
        origin, scale = self._origin(), self._scale
        return QRectF(
            origin.x() + box.x * scale, origin.y() + box.y * scale, box.width * scale, box.height * scale
        )

    def _lay_out(self) -> None:
        before, width = self.content_height, self._full_width()
        self._layout = lay_out(
            self._tree,
            course_of(self._tree, self._record),
            self._width_of,
            width,
            mirrored=self.layoutDirection() == Qt.LayoutDirection.RightToLeft,
        )
        self._scale = max(MIN_SCALE, min(1.0, width / self._layout.width)) if self._layout.width else 1.0
        self._set_scroll_ranges()
        self._describe()
        self._animate()
        self.viewport().update()
        if self.content_height != before:
            self.updateGeometry()
            self.height_changed.emit()

    def _full_width(self) -> int:
        """The width without a bar, lest the bar changes the scale and the scale removes the bar."""
        return self.contentsRect().width()

    def _set_scroll_ranges(self) -> None:
        size, width = self.viewport().size(), round(self._layout.width * self._scale)
        height = round(self._layout.height * self._scale)
        across = width - size.width() if width > self._full_width() else 0
        for bar, overhang, room in (
            (self.horizontalScrollBar(), across, size.width()),
            (self.verticalScrollBar(), height - size.height(), size.height()),
        ):
            bar.setRange(0, max(0, overhang))
            bar.setPageStep(room)
            bar.setSingleStep(24)

    def _origin(self) -> QPointF:
        """The drawing's corner in the viewport; what is lower than the viewport stands in its middle."""
        spare = max(0.0, (self.viewport().height() - self._layout.height * self._scale) / 2)
        return QPointF(-self.horizontalScrollBar().value(), spare - self.verticalScrollBar().value())

    def _width_of(self, text: str, style: str) -> float:
        return QFontMetricsF(self.text_font(style)).horizontalAdvance(text)

    def text_font(self, style: str) -> QFont:
        """The font of a `plain`, `strong` or `small` text."""
        font = QFont(self.font())
        if style == "strong":
            font.setWeight(QFont.Weight.DemiBold)
        if style == "small":
            font.setPixelSize(SMALL_PX)
        return font

    def _box_at(self, position: QPointF) -> Box | None:
        point = (position - self._origin()) / self._scale
        return self._layout.box_at(point.x(), point.y())

    def _select(self, box: Box | None, *, announce: bool = False) -> None:
        key = box.key if box else ""
        changed, self._selected = key != self._selected, key
        self._describe()
        self.viewport().update()
        if box is not None:
            self._show_box(box)
            if announce:
                self.node_selected.emit(box.node)
        elif changed and announce:
            self.node_selected.emit("")

    def _show_box(self, box: Box) -> None:
        rect, view = self.box_rect(box).adjusted(-8, -8, 8, 8), self.viewport().rect()
        for bar, low, high, room in (
            (self.horizontalScrollBar(), rect.left(), rect.right(), view.width()),
            (self.verticalScrollBar(), rect.top(), rect.bottom(), view.height()),
        ):
            bar.setValue(round(bar.value() + min(0.0, low) + max(0.0, high - room)))

    def _describe(self) -> None:
        if not self._tree:
            words = self.tr("Ask something: the path the agent takes appears here.")
        else:
            words = path_in_words(self._record)
            if selected := self._layout.box(self._selected):
                words = self.tr("Selected: {node}.").format(node=selected.title) + f" {words}"
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def _animate(self) -> None:
        runs = any(box.is_running for box in self._layout.boxes)
        moves = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self) > 0
        if runs and moves and self._is_animated and self.isVisible():
            self._frames.start()
        else:
            self._frames.stop()

    def _next_frame(self) -> None:
        self._dash += 1
        self.viewport().update()

    def _neighbour(self, key: int) -> Box | None:
        """The box an arrow key leads to."""
        box = self._layout.box(self._selected)
        boxes = self._layout.boxes
        if box is None or key == Qt.Key.Key_Home:
            return boxes[0] if boxes else None
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return self._layout.neighbour(box, -1 if key == Qt.Key.Key_Up else 1)
        if key == (Qt.Key.Key_Right if mirrored else Qt.Key.Key_Left):
            return self._layout.box(box.parent or "") or box
        options = self._layout.options_of(box)
        return next((option for option in options if option.is_taken), options[0] if options else box)

    # Qt overrides

    @override
    def paintEvent(self, event: QPaintEvent, /) -> None:
        tokens = tokens_of(self)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), tokens.bg)
        if not self._layout.boxes:
            painter.setPen(tokens.mute)
            text = self.tr("Ask something: the path the agent takes appears here.")
            room = self.viewport().rect().adjusted(16, 8, -16, -8)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
            return
        painter.translate(self._origin())
        painter.scale(self._scale, self._scale)
        drawing = TreePainter(painter, tokens, self.text_font, dash=self._dash)
        for link in sorted(self._layout.links, key=lambda link: link.is_taken):
            drawing.link(link)
        for box in self._layout.boxes:
            is_selected = box.key == self._selected
            drawing.box(box, is_selected=is_selected, has_focus=is_selected and self.hasFocus())

    @override
    def sizeHint(self, /) -> QSize:
        return QSize(round(self._layout.width) or 320, self.content_height)

    @override
    def minimumSizeHint(self, /) -> QSize:
        return QSize(160, 64)

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @override
    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        self._animate()

    @override
    def hideEvent(self, event: QHideEvent, /) -> None:
        super().hideEvent(event)
        self._frames.stop()

    @override
    def changeEvent(self, arg__1: QEvent, /) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() in (QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange):
            self._lay_out()
        elif arg__1.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.viewport().update()

    @override
    def focusInEvent(self, event: QFocusEvent, /) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    @override
    def focusOutEvent(self, event: QFocusEvent, /) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    @override
    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (box := self._box_at(event.position())):
            self._select(box, announce=True)
        else:
            super().mousePressEvent(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        event.accept()

    @override
    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        over = self._box_at(event.position()) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    @override
    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home)
        chosen = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in arrows:
            self._select(self._neighbour(event.key()), announce=True)
        elif event.key() in chosen and (box := self._layout.box(self._selected)):
            self.node_selected.emit(box.node)
        else:
            super().keyPressEvent(event)

    @override
    def viewportEvent(self, event: QEvent, /) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            box = self._box_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tip(box.description) if box else "", self)
            return True
        return super().viewportEvent(event)
