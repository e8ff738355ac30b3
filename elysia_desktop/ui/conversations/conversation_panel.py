"""The left side bar: new conversation, search, the list, and the ways to other parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.ui.conversations.conversation_list import ConversationList
from elysia_desktop.ui.conversations.model import ConversationModel, local_now
from elysia_desktop.ui.theme import SMALL_PX
from elysia_desktop.ui.widgets.icon_button import NavButton

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from elysia_desktop.core.conversation import ConversationSummary


class ConversationPanel(QWidget):
    """Finds, opens, renames, pins and deletes conversations, and leads to data, agent and settings."""

    created = Signal()
    opened = Signal(str)
    renamed = Signal(str, str)
    deleted = Signal(str)
    pinned = Signal(str, bool)
    searched = Signal(str)
    settings_wanted = Signal()
    data_wanted = Signal()
    agent_wanted = Signal()

    def __init__(self, parent: QWidget | None = None, now: Callable[[], datetime] = local_now) -> None:
        super().__init__(parent)
        self.setProperty("look", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._waiting: list[ConversationSummary] | None = None
        self.model = ConversationModel(self, now)
        self.list = ConversationList(self.model, self)
        self.new = NewButton(self.tr("+ New conversation"), self)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search conversations…"))
        self.search.setAccessibleName(self.tr("Search conversations"))
        self.search.setClearButtonEnabled(True)
        self._nothing = QLabel(self)
        self._nothing.setProperty("look", "mute")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setMargin(16)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._nothing)
        self.data = NavButton("data", self.tr("Data"), self)
        self.agent = NavButton("agent", self.tr("Agent editor"), self)
        self.settings = NavButton("settings", self.tr("Settings"), self)
        self._lay_out()
        self._connect()
        self._show_list_or_word()

    def set_conversations(self, conversations: Sequence[ConversationSummary]) -> None:
        """List these; while a title is being edited the new list waits until that is done."""
        if self.list.editing:
            self._waiting = list(conversations)
            return
        index = self.list.currentIndex()
        chosen = self.model.summary(index)
        self.model.set_conversations(conversations)
        self.list.select(chosen.id if chosen else self.model.current)
        self._show_list_or_word()

    def set_current(self, conversation_id: str) -> None:
        """Mark the conversation that is open; an empty id marks none."""
        self.model.set_current(conversation_id)
        self.list.select(conversation_id)

    def set_nav_visible(self, *, data: bool = True, agent: bool = True) -> None:
        """Show or hide the ways to the data and to the agent editor."""
        self.data.setVisible(data)
        self.agent.setVisible(agent)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 2, 10, 8)  # the dock's grip is the rest of the air above
        column.setSpacing(0)
        column.addWidget(self.new)
        column.addSpacing(8)
        column.addWidget(self.search)
        column.addSpacing(12)
        column.addWidget(self._stack, 1)
        column.addSpacing(8)
        for button in (self.data, self.agent, self.settings):
            column.addWidget(button)
            column.addSpacing(2)

    def _connect(self) -> None:
        self.new.clicked.connect(self.created)
        self.search.textChanged.connect(self.searched)
        self.list.opened.connect(self.opened)
        self.list.deleted.connect(self.deleted)
        self.list.pinned.connect(self.pinned)
        self.list.itemDelegate().closeEditor.connect(self._catch_up, Qt.ConnectionType.QueuedConnection)
        self.model.renamed.connect(self.renamed)
        self.data.clicked.connect(self.data_wanted)
        self.agent.clicked.connect(self.agent_wanted)
        self.settings.clicked.connect(self.settings_wanted)

    def _catch_up(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.set_conversations(waiting)

    def _show_list_or_word(self) -> None:
        searching = bool(self.search.text().strip())
        self._nothing.setText(
            self.tr("No conversation matches.") if searching else self.tr("No conversations yet.")
        )
        self._stack.setCurrentWidget(self.list if self.model.rowCount() else self._nothing)


class NewButton(QPushButton):
    """The primary button that starts a conversation: its text at the left, its shortcut at the right."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("look", "primary")
        self.setAccessibleName(text.removeprefix("+").strip())
        self.setMinimumHeight(34)
        self._keys = QKeySequence(QKeySequence.StandardKey.New)

    def set_keys(self, keys: QKeySequence) -> None:
        """Show another shortcut; pressing it is the window's affair."""
        self._keys = keys
        self.update()

    # Qt overrides

    @override
    def paintEvent(self, arg__1: QPaintEvent, /) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        text, option.text = self.text(), ""  # pyright: ignore[reportAttributeAccessIssue] - missing in the stubs
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        colour = self.palette().color(QPalette.ColorRole.ButtonText)
        painter.setPen(colour)
        inner = self.rect().adjusted(10, 0, -10, 0)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeading | middle, text)
        keys = self._keys.toString(QKeySequence.SequenceFormat.NativeText)
        left = inner.width() - painter.fontMetrics().horizontalAdvance(text)
        font = painter.font()
        font.setWeight(font.Weight.Normal)
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        if painter.fontMetrics().horizontalAdvance(keys) + 4 > left:
            return
        # The shortcut steps back behind the text but stays readable on the accent colour.
        colour.setAlphaF(0.85)
        painter.setPen(colour)
        painter.drawText(inner, Qt.AlignmentFlag.AlignTrailing | middle, keys)
