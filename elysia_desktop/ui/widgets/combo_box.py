"""A choice that is as quiet as a text field, and never changed by scrolling past it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QSizePolicy, QStyle, QStyledItemDelegate, QWidget
from typing_extensions import override

from elysia_desktop.ui.icons import icon

FIELD_HEIGHT = 34

# The theme's frame, without the platform's own button in it; the arrow is painted by the box.
_COMBO_SHEET = """
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: none; background: transparent; width: 32px; }
QComboBox::down-arrow { image: none; }
QComboBox:!editable { padding-left: 10px; }
QComboBox QAbstractItemView { padding: 4px; }
QComboBox QAbstractItemView::item { padding: 5px 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: palette(highlight); color: palette(text); }
QComboBox QLineEdit { background: transparent; border: none; padding: 0; }
"""


class ComboBox(QComboBox):
    """A choice among a few things, or a text with suggestions when it is editable."""

    popup_wanted = Signal()

    def __init__(self, parent: QWidget | None = None, *, editable: bool = False) -> None:
        super().__init__(parent)
        self.setProperty("look", "field")
        self.setStyleSheet(_COMBO_SHEET)
        self.setFixedHeight(FIELD_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setItemDelegate(QStyledItemDelegate(self))  # the usual one takes no padding from a style sheet
        self.setMinimumContentsLength(8)
        self.setMaxVisibleItems(20)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if editable:
            self.setEditable(True)
            self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            completer = QCompleter(self.model(), self)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.setCompleter(completer)

    # Qt overrides

    @override
    def showPopup(self, /) -> None:
        self.popup_wanted.emit()
        super().showPopup()

    @override
    def wheelEvent(self, e: QWheelEvent, /) -> None:
        e.ignore()

    @override
    def paintEvent(self, e: QPaintEvent, /) -> None:
        super().paintEvent(e)
        arrow = QRect(self.width() - 28, (self.height() - 16) // 2, 16, 16)
        place = QStyle.visualRect(self.layoutDirection(), self.rect(), arrow)
        painter = QPainter(self)
        icon("chevron-down", self, "mute").paint(painter, place)
        painter.end()
