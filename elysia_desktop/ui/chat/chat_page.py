"""The conversation pane: header, turns, notices and composer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.chat.cards import CardMaker, result_card
from elysia_desktop.ui.chat.column import side_margin
from elysia_desktop.ui.chat.composer import Composer
from elysia_desktop.ui.chat.header import Header
from elysia_desktop.ui.chat.notice import Notice
from elysia_desktop.ui.chat.timeline import Timeline
from elysia_desktop.ui.chat.welcome import Welcome
from elysia_desktop.ui.files.drop_target import DropTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elysia_desktop.core.conversation import Turn
    from elysia_desktop.core.payloads import Payload


class ChatPage(QWidget):
    """Shows one conversation and takes the next question; before the first one it suggests some."""

    asked = Signal(str, list)
    stopped = Signal()
    citation_selected = Signal(str, str)
    object_selected = Signal(str, str)
    step_selected = Signal(str, int)
    run_again = Signal(str)
    rated = Signal(str, int)
    case_wanted = Signal(str, bool)
    table_wanted = Signal(str, dict)
    link_wanted = Signal(str)
    notice_acted = Signal(str)
    notice_closed = Signal()
    files_given = Signal(list)
    """Files were dropped or pasted; their paths."""
    long_text_given = Signal(str)
    """A text was pasted that is long enough to be a file."""

    def __init__(self, parent: QWidget | None = None, make_card: CardMaker = result_card) -> None:
        super().__init__(parent)
        self.setProperty("look", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = Header(self)
        self.timeline = Timeline(self, make_card)
        self.welcome = Welcome(self)
        self.composer = Composer(self)
        self._drop = DropTarget(self)
        self._notice: Notice | None = None
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.timeline)
        self._notices = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        column.addLayout(self._notices)
        column.addWidget(self.composer)
        self._connect()

    @property
    def notice(self) -> Notice | None:
        """The notice that is shown; None when there is none."""
        return self._notice

    def write(self) -> None:
        """Let the person write a question."""
        # No focus proxy: it comes behind its children, and Tab would lead back to the question from the last one.
        self.composer.write()

    def set_turns(self, turns: Sequence[Turn], running: str = "") -> None:
        """Show a conversation; `running` is the query id of the turn that still runs."""
        self.timeline.set_turns(turns, running)
        self._stack.setCurrentWidget(self.timeline if turns else self.welcome)

    def add_turn(self, turn: Turn) -> None:
        """Show a new turn, whose run begins."""
        self._stack.setCurrentWidget(self.timeline)
        self.timeline.add_turn(turn)

    def apply(self, query_id: str, payload: Payload) -> None:
        """Show what a payload brings to its turn."""
        self.timeline.apply(query_id, payload)

    def finish(self, query_id: str) -> None:
        """Show a turn as over, with the seconds and the stop it now tells of."""
        self.timeline.finish(query_id)

    def set_running(self, running: bool) -> None:
        """Offer to stop while a run is going."""
        self.composer.set_running(running)

    def show_notice(self, kind: str, text: str, hint: str = "", action: str = "", other: str = "") -> None:
        """Say something above the composer, in place of what was said before; kinds: info, warn, error."""
        self.close_notice()
        self._notice = Notice(kind, text, hint, action, self, other=other)
        self._notice.acted.connect(self.notice_acted)
        self._notice.closed.connect(self.close_notice)
        self._notices.addWidget(self._notice)
        self._place_notice()

    def close_notice(self) -> None:
        """Take the notice away."""
        notice, self._notice = self._notice, None
        if notice is not None:
            self._notices.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
            self._place_notice()
            self.notice_closed.emit()

    def _connect(self) -> None:
        self.composer.asked.connect(self.asked)
        self.composer.stopped.connect(self.stopped)
        self.composer.files_given.connect(self.files_given)
        self.composer.long_text_given.connect(self.long_text_given)
        self.composer.refused.connect(self._refuse)
        self._drop.dropped.connect(self.files_given)
        self.welcome.suggested.connect(self._ask_suggested)
        self.timeline.citation_selected.connect(self.citation_selected)
        self.timeline.object_selected.connect(self.object_selected)
        self.timeline.step_selected.connect(self.step_selected)
        self.timeline.run_again.connect(self.run_again)
        self.timeline.rated.connect(self.rated)
        self.timeline.case_wanted.connect(self.case_wanted)
        self.timeline.table_wanted.connect(self.table_wanted)
        self.timeline.link_wanted.connect(self.link_wanted)

    def _ask_suggested(self, question: str) -> None:
        if not self.composer.running:
            self.asked.emit(question, self.composer.collections)

    def _refuse(self, reason: str) -> None:
        self.show_notice("info", reason)

    def _place_notice(self) -> None:
        side = side_margin(self.width())
        below = 8 if self._notice is not None else 0
        self._notices.setContentsMargins(side, 0, side, below)

    # Qt overrides

    @override
    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if event.key() == Qt.Key.Key_Escape and self.composer.running:
            self.composer.stop()
            return
        super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._place_notice()
