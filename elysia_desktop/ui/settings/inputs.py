"""The inputs of a form: as quiet as a text field, and never changed by scrolling past them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.theme import tokens_of
from elysia_desktop.ui.widgets.combo_box import FIELD_HEIGHT


class WholeNumberBox(QSpinBox):
    """A whole number with its unit at the other end of the field."""

    def __init__(self, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _dress(self, unit)
        self.setGroupSeparatorShown(bool(unit))  # a port has no thousands

    # Qt overrides

    @override
    def wheelEvent(self, event: QWheelEvent, /) -> None:
        event.ignore()


class NumberBox(QDoubleSpinBox):
    """A number that may have decimals, with its unit at the other end of the field."""

    def __init__(self, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _dress(self, unit)
        self.setDecimals(3)
        self.setStyleSheet("QDoubleSpinBox { background: palette(window); }")

    # Qt overrides

    @override
    def textFromValue(self, val: float, /) -> str:
        text = self.locale().toString(val, "f", self.decimals()).replace(self.locale().groupSeparator(), "")
        return text.rstrip("0").rstrip(self.locale().decimalPoint())

    @override
    def wheelEvent(self, event: QWheelEvent, /) -> None:
        event.ignore()


class CheckBox(QCheckBox):
    """A yes or no whose box is seen on every ground."""

    _SIDE = 16

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(FIELD_HEIGHT)

    # Qt overrides

    @override
    def paintEvent(self, arg__1: QPaintEvent, /) -> None:
        tokens = tokens_of(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        top = (self.height() - self._SIDE) // 2
        box = QStyle.visualRect(
            self.layoutDirection(), self.rect(), QRect(QPoint(1, top), QSize(self._SIDE, self._SIDE))
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = tokens.accent if self.isChecked() or self.hasFocus() else tokens.mute
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(tokens.accent if self.isChecked() else tokens.panel))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self.isChecked():
            icon("check", self, "on_accent", 12).paint(painter, box.adjusted(2, 2, -2, -2))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(box).adjusted(-1.0, -1.0, 1.0, 1.0), 5, 5)
        text = QStyle.visualRect(
            self.layoutDirection(), self.rect(), self.rect().adjusted(self._SIDE + 10, 0, 0, 0)
        )
        painter.setPen(QColor(tokens.text))
        alignment = QStyle.visualAlignment(self.layoutDirection(), Qt.AlignmentFlag.AlignLeft)
        painter.drawText(
            text, alignment | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic, option.text
        )


class SearchLine(QLineEdit):
    """A line to search with, and a cross to empty it."""

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setFixedHeight(FIELD_HEIGHT)
        self._clear = QAction(self.tr("Clear"), self)
        self._clear.triggered.connect(self.clear)
        self._clear.setVisible(False)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(self._show_cross)
        self._redraw()

    def _show_cross(self, text: str) -> None:
        self._clear.setVisible(bool(text))

    def _redraw(self) -> None:
        self._clear.setIcon(icon("close", self, "mute"))

    # Qt overrides

    @override
    def changeEvent(self, arg__1: QEvent, /) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() == QEvent.Type.PaletteChange:
            self._redraw()


def _dress(box: QSpinBox | QDoubleSpinBox, unit: str) -> None:
    box.setProperty("look", "field")
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    box.setFixedHeight(FIELD_HEIGHT)
    box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setCorrectionMode(QSpinBox.CorrectionMode.CorrectToNearestValue)
    if not unit:
        return
    label = QLabel(unit, box)
    label.setProperty("look", "mute")
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 12, 0)
    layout.addStretch()
    layout.addWidget(label)
