"""Where files are dropped."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from elysia_desktop.ui.files.intake import files_in
from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.theme import RADIUS_CARD, UI_PX, tokens_of

_INSET = 12
_ICON = 24
_LINE = 22
_VEIL = 0.94


class DropTarget(QWidget):
    """Takes files that are dropped anywhere on its parent, and covers it while they are dragged over."""

    dropped = Signal(list)
    """The paths, in their order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._page = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)
        self.hide()

    def _enter(self, event: QDragEnterEvent | QDragMoveEvent) -> bool:
        if not files_in(event.mimeData()):
            return False
        self._take(event)
        if self.isHidden():
            self.setGeometry(self._page.rect())
            self.raise_()
            self.show()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        self.hide()
        paths = files_in(event.mimeData())
        if not paths:
            return False
        self._take(event)
        self.dropped.emit(paths)
        return True

    @staticmethod
    def _take(event: QDropEvent) -> None:
        # Copied in any case: a file manager would delete what was moved.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    # Qt overrides

    @override
    def eventFilter(self, arg__1: QObject, arg__2: QEvent, /) -> bool:
        match arg__2:
            case QDragEnterEvent():
                return self._enter(arg__2)
            case QDragMoveEvent():
                return self._enter(arg__2)
            case QDropEvent():
                return self._drop(arg__2)
            case _:
                if arg__2.type() == QEvent.Type.DragLeave:
                    self.hide()
                elif arg__2.type() == QEvent.Type.Resize and self.isVisible():
                    self.setGeometry(self._page.rect())
        return super().eventFilter(arg__1, arg__2)

    @override
    def paintEvent(self, event: QPaintEvent, /) -> None:
        tokens = tokens_of(self.window())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(tokens.bg)
        ground.setAlphaF(_VEIL)
        painter.fillRect(self.rect(), ground)
        pen = QPen(QColor(tokens.accent), 1.5, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(tokens.accent_ground))
        frame = QRectF(self.rect()).adjusted(_INSET, _INSET, -_INSET, -_INSET)
        painter.drawRoundedRect(frame, RADIUS_CARD, RADIUS_CARD)
        middle = self.rect().center()
        place = self.rect().adjusted(0, 0, 0, 0)
        place.setTop(middle.y() - _ICON - _LINE)
        place.setHeight(_ICON)
        icon("attach", self.window(), "accent", _ICON).paint(painter, place)
        font = painter.font()
        font.setPixelSize(UI_PX + 2)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        place.translate(0, _ICON + _LINE // 2)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("Drop files to ask about them"))
        font.setPixelSize(UI_PX)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(tokens.mute))
        place.translate(0, _LINE)
        kinds = self.tr("PDF, Word, HTML, Markdown, text, CSV, JSON")
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, kinds)
        painter.end()
