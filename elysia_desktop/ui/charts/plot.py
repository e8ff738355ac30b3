"""What every plot has in common: a picture that is drawn once, the pointer, the keyboard, words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QFont,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from elysia_desktop.ui.charts.colours import series_colour
from elysia_desktop.ui.charts.frame import Frame
from elysia_desktop.ui.charts.read_out import Reading, draw_read_out
from elysia_desktop.ui.theme import RADIUS_CONTROL, SMALL_PX, UI_PX, Tokens, tokens_of

HEIGHT = 264
_MARGIN = 4
_FAR = 10
"""How many points Page Up and Page Down walk."""
_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_PageUp: (-_FAR, 0),
    Qt.Key.Key_PageDown: (_FAR, 0),
}
"""Steps along the points, and from series to series."""


class Plot(QWidget):
    """Points that can be pointed at and walked along with the arrow keys; subclasses draw them.

    `chosen` carries the place of a point that was clicked, or on which Enter or Space was pressed.
    """

    chosen = Signal(int)

    def __init__(self, summary: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = summary
        self._current: int | None = None
        self._picture: tuple[tuple[object, ...], QPixmap] | None = None
        self._frame: Frame | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleDescription(summary)

    @property
    def current(self) -> int | None:
        """The place of the point that is read, None for none."""
        return self._current

    def point_to(self, place: int | None) -> None:
        """Read the point at this place, or none."""
        if place == self._current:
            return
        self._current = place
        spoken = "" if place is None else self.reading(place).spoken
        self.setAccessibleDescription(f"{spoken}. {self.summary}" if spoken else self.summary)
        self.update()

    # What a plot is made of
    def count(self) -> int:
        """How many points there are."""
        raise NotImplementedError

    def reading(self, place: int) -> Reading:
        """What stands at a point."""
        raise NotImplementedError

    def series_of(self, place: int) -> int:
        """The place of the series that a point belongs to."""
        raise NotImplementedError

    def spot(self, place: int) -> QRectF:
        """The room that a point takes up."""
        raise NotImplementedError

    def anchor(self, place: int) -> QRectF:
        """What the read-out of a point stands beside."""
        return self.spot(place)

    def place_at(self, position: QPointF) -> int | None:
        """The point that is meant by a place in the widget."""
        raise NotImplementedError

    def beside(self, place: int, steps: int) -> int:
        """The point at about the same place in a series before or after its own."""
        raise NotImplementedError

    def lay_out(self, bounds: QRectF, font: QFont) -> Frame:
        """The axes within these bounds."""
        raise NotImplementedError

    def draw(self, painter: QPainter, frame: Frame, tokens: Tokens) -> None:
        """Draw all points."""
        raise NotImplementedError

    def draw_current(self, painter: QPainter, place: int, tokens: Tokens) -> None:
        """Draw what tells the point that is read from the others."""
        raise NotImplementedError

    @property
    def frame(self) -> Frame:
        """The axes as they stand now."""
        if self._frame is None:
            bounds = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            self._frame = self.lay_out(bounds, self.small_font())
        return self._frame

    def small_font(self) -> QFont:
        """The font of ticks and labels, which grows with the interface's."""
        font = QFont(self.font())
        font.setPixelSize(max(SMALL_PX, round(self.fontInfo().pixelSize() * SMALL_PX / UI_PX)))
        return font

    def _drawn(self, tokens: Tokens) -> QPixmap:
        ratio = self.devicePixelRatioF()
        key = (self.size(), ratio, tokens, self.font().key(), self.locale().name())
        if self._picture is not None and self._picture[0] == key:
            return self._picture[1]
        self._frame = None
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.small_font())
        self.frame.draw(painter, tokens)
        self.draw(painter, self.frame, tokens)
        painter.end()
        self._picture = (key, picture)
        return picture

    def _walk_to(self, place: int) -> None:
        self.point_to(max(0, min(place, self.count() - 1)))
        if self._current is not None and QAccessible.isActive():
            QAccessible.updateAccessibility(
                QAccessibleAnnouncementEvent(self, self.reading(self._current).spoken)
            )

    # Qt overrides
    @override
    def sizeHint(self) -> QSize:
        return QSize(480, HEIGHT)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(160, HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = tokens_of(self)
        picture = self._drawn(tokens)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(ring, RADIUS_CONTROL, RADIUS_CONTROL)
        if self._current is not None:
            painter.setFont(self.font())
            self.draw_current(painter, self._current, tokens)
            colour = series_colour(self.series_of(self._current), tokens)
            bounds = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            spot = self.anchor(self._current)
            draw_read_out(painter, self.reading(self._current), colour, spot, bounds, tokens)
        painter.end()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point_to(self.place_at(event.position()))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self.point_to(place)
            self.chosen.emit(place)
            event.accept()
        else:
            super().mousePressEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point_to(None)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, current = Qt.Key(event.key()), self._current
        if key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self._walk_to(0 if key == Qt.Key.Key_Home else self.count() - 1)
        elif key in _KEYS:
            steps, series = _KEYS[key]
            if current is None:
                self._walk_to(0)
            else:
                self._walk_to(self.beside(current, series) if series else current + steps)
        elif key == Qt.Key.Key_Escape and current is not None:
            self.point_to(None)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and current is not None:
            self.chosen.emit(current)
        else:
            super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self._walk_to(0)
        self.update()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.point_to(None)
        self.update()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._picture = None
