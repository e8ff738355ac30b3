"""The chips that say which files are in use, and their menus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from elysia_desktop.ui.files.file_menu import FileCommands, fill
from elysia_desktop.ui.files.kinds import about_text, kind_icon, pages_text
from elysia_desktop.ui.widgets.icon_chip import IconChip
from elysia_desktop.ui.widgets.plain import menu_text, plain_tip

if TYPE_CHECKING:
    from elysia_desktop.core.files import SourceFile

_WIDEST_NAME = 220


class MenuChip(IconChip):
    """A chip whose menu opens with a click, Space or Enter."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._menu = QMenu(self)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(self._menu)

    def elided(self, name: str) -> str:
        """A file's name, cut in its middle where it is long."""
        return self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _WIDEST_NAME)


class FileChip(MenuChip):
    """One file: its name, struck out while it is not in use, and its pages."""

    def __init__(self, file: SourceFile, commands: FileCommands, parent: QWidget | None = None) -> None:
        super().__init__("warning" if file.note else kind_icon(file.kind), parent)
        self.file = file
        self.setProperty("look", "file" if file.in_use else "unused file")
        name = menu_text(self.elided(file.name))
        self.setText(" · ".join(part for part in (name, pages_text(file)) if part))
        about = f"{file.name}\n{about_text(file)}" + (f"\n{file.note}" if file.note else "")
        self.setToolTip(plain_tip(about))
        self.setAccessibleName(self.tr("File: {name}").format(name=file.name))
        self.setAccessibleDescription(", ".join(part for part in (about_text(file), file.note) if part))
        fill(self._menu, file, commands)


class FilesChip(MenuChip):
    """Many files: how many of them are in use, and a menu with each."""

    def __init__(
        self, files: Sequence[SourceFile], commands: FileCommands, parent: QWidget | None = None
    ) -> None:
        super().__init__("file", parent)
        self.setProperty("look", "file")
        used = sum(file.in_use for file in files)
        count = self.locale().toString(len(files))
        if used == len(files):
            words = self.tr("{count} files").format(count=count)
        else:
            words = self.tr("{used} of {count} files").format(used=self.locale().toString(used), count=count)
        self.setText(f"{words} ▾")
        self.setAccessibleName(self.tr("Files in use: {files}").format(files=words))
        self.setAccessibleDescription(", ".join(file.name for file in files if file.in_use))
        for file in files:
            fill(self._menu.addMenu(self._title(file)), file, commands)

    def _title(self, file: SourceFile) -> str:
        name = menu_text(self.elided(file.name))
        state = pages_text(file) if file.in_use else self.tr("not in use")
        return f"{name} · {state}" if state else name
