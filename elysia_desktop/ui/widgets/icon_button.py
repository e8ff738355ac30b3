"""Buttons and marks whose icon follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from typing_extensions import override

from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.theme import tokens_of

_AIR = 6
_BETWEEN = 4
_SIDES = 14


class IconButton(QToolButton):
    """A flat button with an icon, and a text beside it unless that is only for tooltip and screen reader."""

    def __init__(
        self, name: str, text: str, parent: QWidget | None = None, *, bare: bool = False, size: int = 16
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._size = size
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if bare else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.setToolButtonStyle(style)
        self.setProperty("look", "flat")
        self.setText(text)
        self.setAccessibleName(text)
        if bare:
            self.setToolTip(text)
        # Wider than the drawing where a text follows, which leaves air between the two.
        self.setIconSize(QSize(size if bare else size + _AIR, size))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._redraw()

    def show_icon(self, name: str) -> None:
        """Show another icon."""
        self._name = name
        self._redraw()

    def _redraw(self) -> None:
        self._tokens = tokens_of(self.window())
        # The window is asked: a style sheet's transparent ground makes this widget's own palette look dark.
        self.setIcon(icon(self._name, self.window(), "mute", self._size))

    # Qt overrides

    @override
    def sizeHint(self, /) -> QSize:
        """As wide as the icon and the words, without the room that a tool button keeps for more."""
        hint = super().sizeHint()
        if self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon:
            words = self.fontMetrics().horizontalAdvance(self.text().replace("&&", "&"))
            hint.setWidth(min(hint.width(), _SIDES + self.iconSize().width() + _BETWEEN + words))
        return hint

    @override
    def changeEvent(self, arg__1: QEvent, /) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() == QEvent.Type.PaletteChange and self._tokens != tokens_of(self.window()):
            self._redraw()


class NavButton(QPushButton):
    """A wide flat button with an icon, for moving to another part of the window."""

    def __init__(self, name: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._name = name
        self.setProperty("look", "nav")
        self.setAccessibleName(text)
        # Wider than the drawing, which leaves air between it and the text.
        self.setIconSize(QSize(20, 16))
        self._redraw()

    def _redraw(self) -> None:
        self._tokens = tokens_of(self.window())
        self.setIcon(icon(self._name, self.window(), "mute"))

    # Qt overrides

    @override
    def changeEvent(self, e: QEvent, /) -> None:
        super().changeEvent(e)
        if e.type() == QEvent.Type.PaletteChange and self._tokens != tokens_of(self.window()):
            self._redraw()


class IconMark(QLabel):
    """An icon that says something and does nothing; `role` is the token of its colour."""

    def __init__(self, name: str, role: str, parent: QWidget | None = None, size: int = 16) -> None:
        super().__init__(parent)
        self._name = name
        self._role = role
        self._size = size
        self.setFixedSize(size, size)
        self._redraw()

    def _redraw(self) -> None:
        self._tokens = tokens_of(self.window())
        drawn = icon(self._name, self.window(), self._role, self._size)
        self.setPixmap(drawn.pixmap(QSize(self._size, self._size), self.devicePixelRatioF()))

    # Qt overrides

    @override
    def changeEvent(self, arg__1: QEvent, /) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() == QEvent.Type.PaletteChange and self._tokens != tokens_of(self.window()):
            self._redraw()
