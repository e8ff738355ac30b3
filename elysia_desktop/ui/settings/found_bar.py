"""The model servers that were found on this computer, one click from being used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from elysia_desktop.core.providers import provider_of
from elysia_desktop.ui.settings.words import models_in_words
from elysia_desktop.ui.widgets.flow_layout import FlowLayout
from elysia_desktop.ui.widgets.plain import menu_text


class Found(Protocol):
    """A model server on this computer."""

    @property
    def provider(self) -> str:
        """The provider's id."""
        ...

    @property
    def address(self) -> str:
        """Where it answers."""
        ...

    @property
    def models(self) -> tuple[str, ...]:
        """The names of its models."""
        ...


class FoundBar(QWidget):
    """A button for each server that was found."""

    used = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label = QLabel(self.tr("Found on this computer:"))
        label.setProperty("look", "mute")
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, 8, 6)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 8)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self._chips, 1)

    def show_servers(self, servers: Sequence[Found]) -> None:
        """Offer these servers."""
        for item in self._flow.items():
            if chip := item.widget():
                self._flow.removeWidget(chip)
                chip.deleteLater()
        for server in servers:
            title = provider_of(server.provider).title
            count = models_in_words(len(server.models))
            chip = QPushButton(menu_text(self.tr("{0} with {1} — Use").format(title, count)))
            chip.setProperty("look", "chip")
            chip.setAutoDefault(False)
            chip.setMinimumHeight(26)
            chip.setAccessibleName(self.tr("Use {0} with {1}").format(title, count))
            chip.setToolTip(server.address)
            chip.clicked.connect(lambda _checked=False, server=server: self.used.emit(server))
            self._flow.addWidget(chip)

    def is_empty(self) -> bool:
        """Whether no server was found."""
        return self._flow.count() == 0
