"""Connects a question that a run asks the person to the settings, where the answer is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from elysia_desktop.core.setting_fields import place_of
from elysia_desktop.core.settings import Settings

if TYPE_CHECKING:
    from elysia_desktop.services.workspace import Workspace
    from elysia_desktop.ui.chat.chat_page import ChatPage
    from elysia_desktop.ui.controllers.chat import ChatController
    from elysia_desktop.ui.tasks import Tasks


class ConsentController(QObject):
    """Asks with two buttons whether a setting may be a yes; it stays open when the question is closed."""

    def __init__(self, page: ChatPage, chat: ChatController, workspace: Workspace, tasks: Tasks) -> None:
        super().__init__(page)
        self._page = page
        self._workspace = workspace
        self._tasks = tasks
        self._setting = ""
        """What the notice asks about; empty when it does not ask."""
        chat.consent_asked.connect(self.ask)
        chat.opened.connect(self.withdraw)
        page.notice_acted.connect(self._act)
        page.notice_closed.connect(self._forget)

    def ask(self, setting: str, text: str) -> None:
        """Ask whether a setting may be a yes."""
        hint = self.tr("You can also decide in {0}.").format(place_of(Settings, setting))
        self._page.show_notice("info", text, hint, self.tr("Allow"), self.tr("Do not allow"))
        self._setting = setting

    def withdraw(self) -> None:
        """The question is no longer to be asked here."""
        if self._setting:
            self._page.close_notice()

    def take_settings(self) -> None:
        """Other settings are in force, in which the question may have been answered."""
        if getattr(self._workspace.configuration.settings, self._setting, None) is not None:
            self.withdraw()

    def _act(self, action: str) -> None:
        if self._setting and action in {self.tr("Allow"), self.tr("Do not allow")}:
            setting = self._setting
            self._page.close_notice()
            self._page.write()  # the button that had the focus is gone
            self._tasks.start(f"decide {setting}", self._decide(setting, action == self.tr("Allow")))

    async def _decide(self, setting: str, allowed: bool) -> None:
        await self._workspace.configuration.save({setting: allowed})
        await self._workspace.apply_settings()
        words = self.tr("Allowed, from the next question on.") if allowed else self.tr("Not allowed.")
        hint = self.tr("You can change it in {0}.").format(place_of(Settings, setting))
        self._page.show_notice("info", words, hint)

    def _forget(self) -> None:
        self._setting = ""
