"""A chip with an icon that can be clicked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget
from typing_extensions import override

from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.theme import tokens_of

ICON = 14
_AIR = 4
_SIDES = 22


class IconChip(QToolButton):
    """As wide as its icon and its words, without the room that a tool button keeps for more."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setProperty("look", "chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Wider than the drawing, which leaves air between it and the text.
        self.setIconSize(QSize(ICON + _AIR, ICON))
        self._redraw()

    def width_of(self, text: str) -> int:
        """How wide the chip is with these words."""
        self.ensurePolished()
        words = self.fontMetrics().horizontalAdvance(text) + _AIR if text else 0
        return _SIDES + ICON + _AIR + words

    def _redraw(self) -> None:
        self._tokens = tokens_of(self.window())
        self.setIcon(icon(self._name, self.window(), "mute", ICON))

    # Qt overrides

    @override
    def sizeHint(self, /) -> QSize:
        return QSize(self.width_of(self.text().replace("&&", "&")), super().sizeHint().height())

    @override
    def changeEvent(self, arg__1: QEvent, /) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() == QEvent.Type.PaletteChange and self._tokens != tokens_of(self.window()):
            self._redraw()
