"""Where the next question is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.chat.attach_button import AttachButton
from elysia_desktop.ui.chat.collection_chip import CollectionChip
from elysia_desktop.ui.chat.column import side_margin
from elysia_desktop.ui.chat.prompt_edit import PromptEdit
from elysia_desktop.ui.files.files_row import FilesRow
from elysia_desktop.ui.widgets.chip import Chip
from elysia_desktop.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOMY = 500
"""The width below which the button for files has no room for words."""


class Composer(QFrame):
    """A question, the collections and files it is about, and the button that sends it or stops the run."""

    asked = Signal(str, list)
    stopped = Signal()
    draft_changed = Signal(str)
    files_given = Signal(list)
    """Files were pasted; their paths."""
    long_text_given = Signal(str)
    """A text was pasted that is long enough to be a file."""
    refused = Signal(str)
    """Why what was pasted is of no use."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "foot")
        self._running = False
        self._edit = PromptEdit(self)
        self._edit.submitted.connect(self.send)
        self._edit.textChanged.connect(self._tell_draft)
        self._edit.files_given.connect(self.files_given)
        self._edit.long_text_given.connect(self.long_text_given)
        self._edit.refused.connect(self.refused)
        self.files = FilesRow(self)
        self._collections = CollectionChip(self)
        self._attach = AttachButton(self)
        self._branch = Chip(parent=self)
        self._branch.hide()
        self._hint = ElidedLabel(parent=self, look="warn")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._button = QPushButton(self)
        self._button.setProperty("look", "primary")
        self._button.clicked.connect(self._send_or_stop)
        self._lay_out()
        self.set_running(False)

    @property
    def draft(self) -> str:
        """The text as it stands in the field."""
        return self._edit.toPlainText()

    @draft.setter
    def draft(self, text: str) -> None:
        if text != self.draft:
            self._edit.setPlainText(text)
            self._edit.moveCursor(self._edit.textCursor().MoveOperation.End)

    @property
    def collections(self) -> list[str]:
        """The collections to ask about; an empty list means all."""
        return self._collections.chosen

    @property
    def running(self) -> bool:
        """Whether the button stops instead of sending."""
        return self._running

    def set_collections(self, collections: Sequence[tuple[str, int]]) -> None:
        """Offer these collections with their number of objects; choices that still exist are kept."""
        self._collections.set_collections(collections)

    def choose_collections(self, names: Sequence[str]) -> None:
        """Choose these of the collections; none means all."""
        self._collections.choose(names)

    def set_attach_action(self, action: QAction) -> None:
        """Let the button for files do what this command does."""
        self._attach.follow(action)

    def insert(self, text: str) -> None:
        """Write a text where the cursor stands."""
        self._edit.insertPlainText(text)
        self._edit.setFocus()

    def set_branch(self, name: str) -> None:
        """Say which branch of the conversation or agent is used; an empty name hides the chip."""
        self._branch.setText(self.tr("Branch: {name}").format(name=name))
        self._branch.setVisible(bool(name))

    def set_running(self, running: bool) -> None:
        """Offer to stop while a run is going, to send otherwise."""
        self._running = running
        words = self.tr("Stop") if running else self.tr("Send ↵")
        self._button.setText(words)
        self._button.setAccessibleName(self.tr("Stop the run") if running else self.tr("Send the question"))
        self._button.setToolTip(self.tr("Stop (Esc)") if running else "")
        self._hint.setText("")

    def write(self) -> None:
        """Let the person write."""
        self._edit.setFocus()

    def send(self) -> None:
        """Send what was typed, unless it is empty or a run is still going."""
        question = self.draft.strip()
        if self._running:
            self._hint.setText(self.tr("Still answering; Esc stops it."))
        elif not question:
            self._hint.setText(self.tr("Type a question first."))
            self._edit.setFocus()
        else:
            collections = self.collections
            self._edit.clear()
            self.asked.emit(question, collections)

    def stop(self) -> None:
        """Ask for the run to be stopped, if one is going."""
        if self._running:
            self.stopped.emit()

    @property
    def hint(self) -> str:
        """What is said about the last attempt to send; empty when all is well."""
        return self._hint.text()

    def _lay_out(self) -> None:
        card = QFrame(self)
        card.setProperty("look", "card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(12, 10, 12, 10)
        inner.setSpacing(8)
        inner.addWidget(self._edit)
        inner.addWidget(self.files)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._collections)
        row.addWidget(self._attach)
        row.addWidget(self._branch)
        row.addWidget(self._hint, 1)
        row.addWidget(self._button)
        inner.addLayout(row)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(side_margin(0), 12, side_margin(0), 12)
        self._outer.addWidget(card)

    def _send_or_stop(self) -> None:
        if self._running:
            self.stop()
        else:
            self.send()

    def _tell_draft(self) -> None:
        self._hint.setText("")
        self.draft_changed.emit(self.draft)

    # Qt overrides

    @override
    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() == Qt.Key.Key_Escape and self._running:
            self.stop()
            return
        super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        side = side_margin(self.width())
        self._outer.setContentsMargins(side, 12, side, 12)
        self._attach.show_words(self.width() >= _ROOMY)
