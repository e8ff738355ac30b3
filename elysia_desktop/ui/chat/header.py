"""What stands over a conversation: its title, and what it works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from elysia_desktop.ui.widgets.chip import Chip
from elysia_desktop.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence


class Header(QFrame):
    """The title at the left, chips such as “Products · 500” at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "bar")
        self.setFixedHeight(46)
        self._title = ElidedLabel(parent=self, look="title")
        self._title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._chips: list[Chip] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(18, 0, 18, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._title, 1)

    @property
    def title(self) -> str:
        """The title as it is shown."""
        return self._title.text()

    def set_title(self, title: str) -> None:
        """Show another title."""
        self._title.setText(title)

    @property
    def chips(self) -> list[str]:
        """The texts of the chips."""
        return [chip.text() for chip in self._chips]

    def set_chips(self, texts: Sequence[str]) -> None:
        """Show these chips instead of the ones before."""
        if list(texts) == self.chips:
            return
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.deleteLater()
        self._chips = [Chip(text, self) for text in texts]
        for chip in self._chips:
            self._row.addWidget(chip)
