"""The buttons to what comes before and after."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QIcon, QTransform
from PySide6.QtWidgets import QToolButton, QWidget
from typing_extensions import override

from elysia_desktop.ui.icons import icon

SIZE = 16


class ChevronButton(QToolButton):
    """A small flat button whose chevron points back or forth in reading direction."""

    def __init__(self, text: str, parent: QWidget | None = None, *, back: bool = False) -> None:
        super().__init__(parent)
        self._is_back = back
        self.setProperty("look", "flat")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setIconSize(QSize(SIZE, SIZE))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self._redraw()

    def _redraw(self) -> None:
        drawn = icon("chevron-right", self, "mute", SIZE)
        if self._is_back == (self.layoutDirection() == Qt.LayoutDirection.RightToLeft):
            self.setIcon(drawn)
            return
        mirrored, flip = QIcon(), QTransform.fromScale(-1, 1)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
            for size in drawn.availableSizes(mode):
                mirrored.addPixmap(drawn.pixmap(size, mode).transformed(flip), mode)
        self.setIcon(mirrored)

    # Qt overrides

    @override
    def changeEvent(self, arg__1: QEvent, /) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() in (QEvent.Type.PaletteChange, QEvent.Type.LayoutDirectionChange):
            self._redraw()
