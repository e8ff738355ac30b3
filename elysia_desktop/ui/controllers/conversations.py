"""Connects the list of conversations to where they are kept."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from elysia_desktop.core.conversation import ConversationSummary
    from elysia_desktop.services.workspace import Workspace
    from elysia_desktop.ui.controllers.chat import ChatController
    from elysia_desktop.ui.conversations.conversation_panel import ConversationPanel
    from elysia_desktop.ui.main_window import MainWindow
    from elysia_desktop.ui.tasks import Tasks


class ConversationsController(QObject):
    """Lists, opens, renames, pins and deletes conversations; a deletion can be undone."""

    def __init__(
        self,
        window: MainWindow,
        panel: ConversationPanel,
        chat: ChatController,
        workspace: Workspace,
        tasks: Tasks,
    ) -> None:
        super().__init__(panel)
        self._window = window
        self._panel = panel
        self._chat = chat
        self._workspace = workspace
        self._tasks = tasks
        self._search = ""
        self._listed: list[ConversationSummary] = []
        self._deleted = ""
        panel.created.connect(chat.begin)
        panel.opened.connect(self.open)
        panel.renamed.connect(self._rename)
        panel.pinned.connect(self._pin)
        panel.deleted.connect(self._delete)
        panel.searched.connect(self._find)
        chat.changed.connect(self.refresh)
        chat.opened.connect(panel.set_current)
        window.page.notice_acted.connect(self._undo)

    def refresh(self) -> None:
        """Read the list again."""
        self._tasks.start("list conversations", self._list())

    def open(self, conversation_id: str) -> None:
        """Open a conversation that is listed."""
        found = next((c for c in self._listed if c.id == conversation_id), None)
        if found is not None and conversation_id != self._chat.current:
            self._chat.open(conversation_id, found.title)

    async def open_last(self, conversation_id: str) -> None:
        """Open the conversation of the last session, or a new one when it is gone."""
        await self._list()
        if any(c.id == conversation_id for c in self._listed):
            self.open(conversation_id)
        else:
            self._chat.begin()

    async def _list(self) -> None:
        self._listed = await self._workspace.conversations.list(self._search)
        self._panel.set_conversations(self._listed)
        self._panel.set_current(self._chat.current)

    def _find(self, text: str) -> None:
        self._search = text
        self.refresh()

    def _rename(self, conversation_id: str, title: str) -> None:
        if conversation_id == self._chat.current:
            self._window.page.header.set_title(title)
        self._tasks.start(
            f"rename {conversation_id}",
            self._then_list(self._workspace.conversations.rename(conversation_id, title)),
        )

    def _pin(self, conversation_id: str, pinned: bool) -> None:
        self._tasks.start(
            f"pin {conversation_id}",
            self._then_list(self._workspace.conversations.pin(conversation_id, pinned)),
        )

    def _delete(self, conversation_id: str) -> None:
        self._deleted = conversation_id
        self._chat.stop_in(conversation_id)
        if conversation_id == self._chat.current:
            self._chat.begin()
        self._tasks.start(f"delete {conversation_id}", self._then_list(self._put_away(conversation_id)))
        self._window.page.show_notice(
            "info", self.tr("The conversation was deleted."), action=self.tr("Undo")
        )

    def _undo(self, action: str) -> None:
        if action == self.tr("Undo") and self._deleted:
            deleted, self._deleted = self._deleted, ""
            self._window.page.close_notice()
            self._tasks.start(
                f"restore {deleted}", self._then_list(self._workspace.conversations.restore(deleted))
            )

    async def _put_away(self, conversation_id: str) -> None:
        await self._workspace.conversations.delete(conversation_id)
        await self._workspace.asking.forget(conversation_id)

    async def _then_list(self, work: Awaitable[None]) -> None:
        await work
        await self._list()
