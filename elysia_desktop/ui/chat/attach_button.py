"""The button with which files are attached."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from elysia_desktop.ui.widgets.icon_chip import IconChip
from elysia_desktop.ui.widgets.plain import plain_tip


class AttachButton(IconChip):
    """Looks like the chips beside it; where room is scarce, the icon stands alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("attach", parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setText(self.tr("Attach files…"))
        self.setAccessibleName(self.text())

    def follow(self, command: QAction) -> None:
        """Do from now on what this command does."""
        self.clicked.connect(command.trigger)
        keys = command.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.setToolTip(plain_tip(f"{self.text()} ({keys})" if keys else self.text()))

    def show_words(self, shown: bool) -> None:
        """Show the words beside the icon, or the icon alone."""
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self.setToolButtonStyle(beside if shown else alone)
        self.updateGeometry()

    # Qt overrides

    @override
    def sizeHint(self, /) -> QSize:
        is_alone = self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
        return QSize(self.width_of("" if is_alone else self.text()), super().sizeHint().height())

    @override
    def minimumSizeHint(self, /) -> QSize:
        return QSize(self.width_of(""), super().sizeHint().height())
