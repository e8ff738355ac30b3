"""One step of a run as a small box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QLocale, QPointF, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QFont, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QStyle, QWidget
from typing_extensions import override

from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.theme import RADIUS_CONTROL, Tokens, tokens_of
from elysia_desktop.ui.widgets.plain import plain_tip

if TYPE_CHECKING:
    from elysia_desktop.ui.chat.steps import Step

_HEIGHT = 26
_SIDE = 10
_DOT = 7
_AFTER_DOT = 8
_AFTER_NAME = 8
_TEXT_PX = 12


class StepBox(QAbstractButton):
    """Tool, what it found and seconds.

    A hollow beating dot says that it runs, a filled one that it is done, a mute one that it was stopped, a
    mark that it failed.
    """

    selected = Signal(int)

    def __init__(self, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = step
        self._beat = QVariantAnimation(self, duration=1200, startValue=1.0, endValue=0.25)
        self._beat.setLoopCount(-1)
        self._beat.setEasingCurve(QEasingCurve.Type.SineCurve)
        self._beat.valueChanged.connect(self.update)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        font = QFont(self.font())
        font.setPixelSize(_TEXT_PX)
        self.setFont(font)
        self.clicked.connect(self._tell)
        self.show_step(step)

    def show_step(self, step: Step) -> None:
        """Show the step as it is now."""
        self._step = step
        states = {
            "running": self.tr("running"),
            "failed": self.tr("failed"),
            "stopped": self.tr("stopped"),
            "done": "",
        }
        words = ", ".join(filter(None, [step.node, self._detail(), states.get(step.state, "")]))
        self.setAccessibleName(words)
        self.setToolTip(plain_tip(words))
        self._beat_or_rest()
        self.updateGeometry()
        self.update()

    def _tell(self) -> None:
        self.selected.emit(self._step.index)

    def _detail(self) -> str:
        seconds = self._step.seconds
        took = (
            "" if seconds is None else self.tr("{n} s").format(n=QLocale().toString(float(seconds), "f", 1))
        )
        return " · ".join(filter(None, [self._step.found, took]))

    def _beat_or_rest(self) -> None:
        # A style answers 0 when the person asked for less motion.
        calm = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self) == 0
        if self._step.state == "running" and self.isVisible() and not calm:
            self._beat.start()
        else:
            self._beat.stop()

    def _draw_state(self, painter: QPainter, x: float, middle: float, tokens: Tokens) -> None:
        if self._step.state == "failed":
            mark = QRectF(x - 3, middle - 6, 12, 12).toRect()
            icon("warning", self.window(), "error", 12).paint(painter, mark)
            return
        centre = QPointF(x + _DOT / 2, middle)
        colour = QColor(tokens.mute if self._step.state == "stopped" else tokens.accent)
        if self._step.state == "done":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(centre, _DOT / 2, _DOT / 2)
            return
        if self._step.state == "running" and self._beat.state() == QVariantAnimation.State.Running:
            colour.setAlphaF(float(self._beat.currentValue()))
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, (_DOT - 1) / 2, (_DOT - 1) / 2)

    # Qt overrides

    @override
    def sizeHint(self, /) -> QSize:
        metrics = self.fontMetrics()
        detail = self._detail()
        width = _SIDE * 2 + _DOT + _AFTER_DOT + metrics.horizontalAdvance(self._step.node) + 2
        return QSize(width + (_AFTER_NAME + metrics.horizontalAdvance(detail) if detail else 0), _HEIGHT)

    @override
    def minimumSizeHint(self, /) -> QSize:
        return QSize(64, _HEIGHT)

    @override
    def paintEvent(self, e: QPaintEvent, /) -> None:
        tokens = tokens_of(self.window())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.line), 1))
        painter.setBrush(QColor(tokens.chip if self.underMouse() else tokens.panel))
        shape = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(shape, RADIUS_CONTROL, RADIUS_CONTROL)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._draw_state(
            painter, self.width() - _SIDE - _DOT if mirrored else _SIDE, self.height() / 2, tokens
        )
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        left = _SIDE + _DOT + _AFTER_DOT
        node = metrics.elidedText(self._step.node, Qt.TextElideMode.ElideRight, self.width() - left - _SIDE)
        for text, colour in ((node, tokens.text), (self._detail(), tokens.mute)):
            room = self.width() - left - _SIDE
            if room <= 0:
                break
            place = self.rect().adjusted(left, 0, -_SIDE, 0)
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.setPen(QColor(colour))
            painter.drawText(
                QStyle.visualRect(self.layoutDirection(), self.rect(), place),
                Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter,
                shown,
            )
            left += metrics.horizontalAdvance(text) + _AFTER_NAME

    @override
    def showEvent(self, event: QShowEvent, /) -> None:
        super().showEvent(event)
        self._beat_or_rest()

    @override
    def hideEvent(self, event: QHideEvent, /) -> None:
        super().hideEvent(event)
        self._beat.stop()
