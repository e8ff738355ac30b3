"""The bar above a document: what it is called, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from elysia_desktop.ui.files.kinds import kind_title
from elysia_desktop.ui.inspector.section_header import HEIGHT
from elysia_desktop.ui.widgets.elided_label import ElidedLabel
from elysia_desktop.ui.widgets.icon_button import IconButton, IconMark
from elysia_desktop.ui.widgets.plain import plain_tip


class DocumentHeader(QFrame):
    """The file's name; what could not be read of it is told by a mark."""

    find_wanted = Signal()
    copy_wanted = Signal()
    original_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "header")
        self.setStyleSheet("DocumentHeader { border-top: none; }")  # the tabs bring a line of their own
        self.setFixedHeight(HEIGHT)
        self._mark = IconMark("file", "mute", self)
        self._name = ElidedLabel(parent=self, look="strong")
        self._note = IconMark("warning", "warn", self)
        self._find = IconButton("search", self.tr("Find in the text (Ctrl+F)"), self, bare=True)
        self._copy = IconButton("copy", self.tr("Copy the passage"), self, bare=True)
        self._original = IconButton("open", self.tr("Open the original"), self, bare=True)
        self._find.clicked.connect(self.find_wanted)
        self._copy.clicked.connect(self.copy_wanted)
        self._original.clicked.connect(self.original_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(self._mark)
        row.addWidget(self._name, 1)
        row.addWidget(self._note)
        for button in (self._find, self._copy, self._original):
            row.addWidget(button)

    @property
    def name(self) -> str:
        """What is on view, as it is called."""
        return self._name.text()

    @property
    def note(self) -> str:
        """What could not be read of it."""
        return self._note.accessibleName()

    def show_file(self, name: str, kind: str, note: str, *, has_original: bool) -> None:
        """Show what is known of a file; without a kind there is nothing to be done with it."""
        self._name.setText(name or self.tr("Document"))
        self._name.setAccessibleDescription(kind_title(kind) if kind else "")
        self._note.setVisible(bool(note))
        self._note.setToolTip(plain_tip(note))
        self._note.setAccessibleName(note)
        self._mark.setVisible(bool(name))
        self._find.setVisible(bool(kind))
        self._copy.setVisible(bool(kind))
        self._original.setVisible(bool(kind) and has_original)
