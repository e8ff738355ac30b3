"""What can be done with a file of the conversation."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from collections.abc import Callable

    from elysia_desktop.core.files import SourceFile

translate = QCoreApplication.translate


class FileCommands:
    """Who is told when a file is used or not, opened, removed; each is given the file's id."""

    def __init__(
        self,
        use: Callable[[str, bool], None],
        open_: Callable[[str], None],
        remove: Callable[[str], None],
    ) -> None:
        self.use = use
        self.open = open_
        self.remove = remove


def fill(menu: QMenu, file: SourceFile, commands: FileCommands) -> None:
    """Add the commands of a file to a menu."""
    use = menu.addAction(translate("FileMenu", "&Use for answers"))
    use.setCheckable(True)
    use.setChecked(file.in_use)
    use.toggled.connect(partial(commands.use, file.id))
    menu.addAction(translate("FileMenu", "&Open its text"), partial(commands.open, file.id))
    menu.addSeparator()
    menu.addAction(translate("FileMenu", "&Remove from this conversation"), partial(commands.remove, file.id))
