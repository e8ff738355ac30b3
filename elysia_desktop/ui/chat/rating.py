"""What the person thinks of an answer: two thumbs up, one down, and what can be done with a bad one."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget
from typing_extensions import override

from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.theme import tokens_of
from elysia_desktop.ui.widgets.icon_button import IconButton

_SIZE = 14
_BAD = -1


class RatingBar(QWidget):
    """Three buttons, of which at most one is pressed; pressing it again takes the rating back."""

    rated = Signal(int)
    """-1, 1 or 2, and 0 when a rating is taken back."""
    case_wanted = Signal(bool)
    """A bad answer is to be kept as a regression case, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = {
            1: RatingButton(1, "thumb-up", self.tr("Good answer"), self),
            2: RatingButton(2, "thumb-up-plus", self.tr("Very good answer"), self),
            _BAD: RatingButton(_BAD, "thumb-down", self.tr("Bad answer"), self),
        }
        self._more = IconButton("more", self.tr("What to do with a bad answer"), self, bare=True, size=_SIZE)
        self._menu = QMenu(self._more)
        self._keep = QAction(self.tr("Keep as regression case"), self._menu, checkable=True)
        self._keep.triggered.connect(self.case_wanted)
        self._menu.addAction(self._keep)
        self._more.setMenu(self._menu)
        # Its room stays free, so that nothing beside it moves when it comes.
        policy = self._more.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._more.setSizePolicy(policy)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in self._buttons.values():
            button.chosen.connect(self._choose)
            row.addWidget(button)
        row.addWidget(self._more)
        self.show_rating(0)

    @property
    def rating(self) -> int:
        """The rating that is shown; 0 for none."""
        return next((value for value, button in self._buttons.items() if button.isChecked()), 0)

    def show_rating(self, rating: int, kept_as_case: bool = False) -> None:
        """Show a rating, and whether the question is kept as a regression case."""
        for value, button in self._buttons.items():
            button.setChecked(value == rating)
        self._keep.setChecked(kept_as_case)
        if rating != _BAD and self._more.hasFocus():
            self._buttons[_BAD].setFocus()
        self._more.setVisible(rating == _BAD)

    def _choose(self, rating: int) -> None:
        # Shown at once; whoever keeps it shows the truth when it could not be kept.
        self.show_rating(rating, self._keep.isChecked())
        self.rated.emit(rating)


class RatingButton(IconButton):
    """A thumb that stays pressed; tells its rating, or 0 when it is released."""

    chosen = Signal(int)

    def __init__(self, rating: int, name: str, text: str, parent: QWidget | None = None) -> None:
        self._rating = rating
        self._pressed = False
        super().__init__(name, text, parent, bare=True, size=_SIZE)
        self.setProperty("look", "rate")
        self.setCheckable(True)
        self.toggled.connect(self._press)
        self.clicked.connect(self._tell)

    def _tell(self) -> None:
        self.chosen.emit(self._rating if self.isChecked() else 0)

    def _press(self, pressed: bool) -> None:
        self._pressed = pressed
        self._redraw()

    @override
    def _redraw(self) -> None:
        self._tokens = tokens_of(self.window())
        role = "accent" if self._pressed else "mute"
        self.setIcon(icon(self._name, self.window(), role, self._size))
        self.setIconSize(QSize(self._size, self._size))
