"""The files of the conversation beside the question."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from elysia_desktop.ui.files.file_chip import FileChip, FilesChip, MenuChip
from elysia_desktop.ui.files.file_menu import FileCommands
from elysia_desktop.ui.widgets.elided_label import ElidedLabel
from elysia_desktop.ui.widgets.flow_layout import FlowLayout
from elysia_desktop.ui.widgets.icon_button import IconButton

if TYPE_CHECKING:
    from elysia_desktop.core.files import SourceFile

MOST_CHIPS = 3


class FilesRow(QWidget):
    """A chip per file, or one for more than three, and what is being read; hidden while there is nothing."""

    used = Signal(str, bool)
    """A file's id, and whether answers are to use it."""
    opened = Signal(str)
    removed = Signal(str)
    cancelled = Signal()
    """What is being read is not wanted any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: list[SourceFile] = []
        self._chips: list[MenuChip] = []
        self._commands = FileCommands(self.used.emit, self.opened.emit, self.removed.emit)
        self._flow = FlowLayout(self, gap=8, row_gap=6)
        self._reading = _Reading(self)
        self._reading.cancel.clicked.connect(self.cancelled)
        self._flow.addWidget(self._reading)
        self._reading.hide()
        self.hide()

    @property
    def files(self) -> list[SourceFile]:
        """The files that are shown."""
        return list(self._files)

    @property
    def chips(self) -> list[MenuChip]:
        """The chips, in the order of the files."""
        return list(self._chips)

    @property
    def progress(self) -> str:
        """What is being read, in words; empty when nothing is."""
        return "" if self._reading.isHidden() else self._reading.words.text()

    def show_files(self, files: Sequence[SourceFile]) -> None:
        """Show these files instead of the ones before."""
        if list(files) == self._files:
            return
        had_focus = any(chip.hasFocus() for chip in self._chips)
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._files = list(files)
        if len(files) > MOST_CHIPS:
            self._chips = [FilesChip(files, self._commands, self)]
        else:
            self._chips = [FileChip(file, self._commands, self) for file in files]
        # The progress stands last.
        self._flow.removeWidget(self._reading)
        for chip in self._chips:
            self._flow.addWidget(chip)
            chip.show()
        self._flow.addWidget(self._reading)
        # Else Tab would come to the new chips last of all; the button stands where they belong.
        for before, after in pairwise([self._reading.cancel, *self._chips, self._reading.cancel]):
            self.setTabOrder(before, after)
        if had_focus and self._chips:
            self._chips[0].setFocus()
        self._show_or_hide()

    def show_progress(self, done: int, of: int, name: str) -> None:
        """Tell which file is being read, and how many are done."""
        self._reading.tell(done, of, name)
        self._reading.show()
        self._show_or_hide()

    def end_progress(self) -> None:
        """Nothing is being read any more."""
        self._reading.hide()
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        self.setVisible(bool(self._chips) or not self._reading.isHidden())
        self.updateGeometry()


class _Reading(QWidget):
    """Which file is being read, how far it has come, and a button that ends it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = ElidedLabel(parent=self, look="mute")
        self._bar = QProgressBar(self)
        self._bar.setFixedSize(80, 6)
        self._bar.setAccessibleName(self.tr("Reading files"))
        self.cancel = IconButton("close", self.tr("Stop reading files"), self, bare=True, size=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._bar)
        row.addWidget(self.words)
        row.addWidget(self.cancel)

    def tell(self, done: int, of: int, name: str) -> None:
        say = self.locale().toString
        if of > 1:
            words = self.tr("Reading {name} · {number} of {count}")
            number = min(done + 1, of)
            self.words.setText(words.format(name=name, number=say(number), count=say(of)))
        else:
            self.words.setText(self.tr("Reading {name}…").format(name=name))
        self._bar.setRange(0, of if of > 1 else 0)
        self._bar.setValue(done)
        self._bar.setAccessibleDescription(self.words.text())
