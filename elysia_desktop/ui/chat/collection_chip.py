"""The chip that says which collections a question is about, and its menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.ui.widgets.plain import menu_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORTEST = 8
"""Characters of its words that a chip shows at least."""


class CollectionChip(QToolButton):
    """Shows all collections or the chosen ones, cut where room is scarce; its menu checks several in one go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "chip")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._menu = CheckMenu(self)
        self.setMenu(self._menu)
        self._all = self._menu.addAction(self.tr("All collections"))
        self._all.setCheckable(True)
        self._all.triggered.connect(lambda: self.choose([]))
        self._rule = self._menu.addSeparator()
        self._names: dict[str, QAction] = {}
        self._say()

    @property
    def chosen(self) -> list[str]:
        """The names that are checked; an empty list means all."""
        return [name for name, action in self._names.items() if action.isChecked()]

    def set_collections(self, collections: Sequence[tuple[str, int]]) -> None:
        """Offer these names with their number of objects; choices that still exist are kept."""
        kept = self.chosen
        for action in self._names.values():
            self._menu.removeAction(action)
            action.deleteLater()
        self._names = {}
        for name, count in collections:
            action = QAction(f"{menu_text(name)}\t{QLocale().toString(count)}", self._menu)
            action.setCheckable(True)
            action.triggered.connect(self._say)
            self._menu.addAction(action)
            self._names[name] = action
        self.choose(kept)

    def choose(self, names: Sequence[str]) -> None:
        """Check these names and no other; none means all."""
        for name, action in self._names.items():
            action.setChecked(name in names)
        self._say()

    def _say(self) -> None:
        chosen = self.chosen
        self._all.setChecked(not chosen)
        self._all.setEnabled(bool(self._names))
        self._rule.setVisible(bool(self._names))
        match chosen:
            case []:
                words = self.tr("All collections")
            case [name]:
                words = name
            case _:
                words = self.tr("{n} collections").format(n=len(chosen))
        self._words = words
        self.setText(f"{menu_text(words)} ▾")
        self.setAccessibleName(self.tr("Collections to ask about: {names}").format(names=words))

    # Qt overrides

    @override
    def minimumSizeHint(self, /) -> QSize:
        whole, metrics = self.sizeHint(), self.fontMetrics()
        shortest = whole.width() - metrics.horizontalAdvance(self._words)
        return QSize(min(whole.width(), shortest + _SHORTEST * metrics.averageCharWidth()), whole.height())

    @override
    def paintEvent(self, arg__1: QPaintEvent, /) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        metrics = self.fontMetrics()
        room = metrics.horizontalAdvance(self._words) - max(0, self.sizeHint().width() - self.width())
        words = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room + 1)
        option.text = f"{menu_text(words)} ▾"  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


class CheckMenu(QMenu):
    """A menu that stays open while its entries are checked."""

    # Qt overrides

    @override
    def mouseReleaseEvent(self, arg__1: QMouseEvent, /) -> None:
        action = self.actionAt(arg__1.position().toPoint())
        if action is not None and action.isCheckable() and action.isEnabled():  # pyright: ignore[reportUnnecessaryComparison] - None beside the entries
            action.trigger()
            return
        super().mouseReleaseEvent(arg__1)

    @override
    def keyPressEvent(self, arg__1: QKeyEvent, /) -> None:
        action = self.activeAction()
        if arg__1.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():  # pyright: ignore[reportUnnecessaryComparison] - None when no entry is active
            action.trigger()
            return
        super().keyPressEvent(arg__1)
