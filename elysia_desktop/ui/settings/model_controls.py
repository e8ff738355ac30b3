"""The controls for a model's name and its address, which know more than a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from elysia_desktop.ui.settings.controls import Control, TextControl
from elysia_desktop.ui.widgets.combo_box import ComboBox


class ModelControl(Control):
    """A model's name, typed or chosen among those that the server has."""

    names_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._box = ComboBox(editable=True)
        super().__init__(self._box, parent)
        self._box.editTextChanged.connect(self.changed)
        self._box.popup_wanted.connect(self._ask_for_names)

    def value(self) -> object:
        """The name."""
        return self._box.currentText().strip()

    def set_value(self, value: object) -> None:
        """Show a name, which need not be in the list."""
        with QSignalBlocker(self._box):
            self._box.setEditText(str(value or ""))
            if line := self._box.lineEdit():
                line.setCursorPosition(0)

    def set_names(self, names: Sequence[str]) -> None:
        """Offer these names; what has been typed stays."""
        kept = self._box.currentText()
        with QSignalBlocker(self._box):
            self._box.clear()
            self._box.addItems(list(names))
            self._box.setCurrentIndex(self._box.findText(kept))
            self._box.setEditText(kept)

    def names(self) -> list[str]:
        """The names on offer."""
        return [self._box.itemText(index) for index in range(self._box.count())]

    def _ask_for_names(self) -> None:
        if not self._box.count():
            self.names_wanted.emit()


class AddressControl(TextControl):
    """Where a server is; its usual address is shown but not kept as a setting."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usual = ""

    def set_usual(self, address: str) -> None:
        """Say what an empty setting means."""
        self._usual = address
        self.line.setPlaceholderText(address or "https://…/v1")

    def value(self) -> object:
        """The address, empty when it is the usual one."""
        text = self.line.text().strip().rstrip("/")
        return "" if text == self._usual else text

    def set_value(self, value: object) -> None:
        """Show an address, the usual one when there is none."""
        super().set_value(value or self._usual)
