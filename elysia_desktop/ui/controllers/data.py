"""Shows which data is in use, and says so where it cannot be reached."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject

from elysia_desktop.core.errors import ElysiaError

if TYPE_CHECKING:
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.services.embedding import Embedded
    from elysia_desktop.services.workspace import Workspace
    from elysia_desktop.ui.chat.notice import Notice
    from elysia_desktop.ui.main_window import MainWindow
    from elysia_desktop.ui.tasks import Tasks

_SECONDS_BETWEEN = 1.0


class DataController(QObject):
    """Tells the window of the collections there are, at the start and when the settings name other data."""

    def __init__(self, window: MainWindow, workspace: Workspace, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        self._tasks = tasks
        self._told: Notice | None = None
        self._data = ""
        window.page.notice_acted.connect(self._act)

    def reopen(self) -> None:
        """The settings may name other data."""
        place = self._place(self._workspace.clients.settings)
        self._window.status.set_data(self.tr("{0} · connecting…").format(place), ready=False)
        self._tasks.start("reopen data", self.show())

    async def show(self) -> None:
        """Show the collections; where the data cannot be reached the window stays usable, and says what to do."""
        page, status = self._window.page, self._window.status
        place = self._place(self._workspace.clients.settings)
        try:
            infos = await self._workspace.collections()
            suggestions = await self._workspace.suggestions()
        except ElysiaError as error:
            self._tasks.cancel("follow embedding")
            status.set_data(self.tr("{0} · not connected").format(place), ready=False)
            page.composer.set_collections([])
            page.show_notice("warn", str(error), error.hint, self.tr("Connect again"))
            self._told = page.notice
            return
        if page.notice is self._told:
            page.close_notice()  # what it says holds no longer
        self._told = None
        counted = self.tr("{0} · 1 collection") if len(infos) == 1 else self.tr("{0} · {1} collections")
        self._data = counted.format(place, len(infos))
        status.set_data(self._data)
        page.composer.set_collections([(info.name, info.count) for info in infos])
        if suggestions:
            page.welcome.set_suggestions(suggestions)
        self._tasks.start("follow embedding", self._follow_embedding())

    async def _follow_embedding(self) -> None:
        """Say how much of the data can be searched by meaning, until that is all that can be."""
        page, embedding = self._window.page, self._workspace.embedding
        told = ""
        while not (now := await embedding.state()).is_done:
            self._tell_embedded(now)
            if now.problem and now.problem != told:
                page.show_notice("warn", now.problem, self.tr("Until then data is searched by words alone."))
            told = now.problem
            await asyncio.sleep(_SECONDS_BETWEEN)
        self._tell_embedded(now)
        if now.failed:
            one, more = self.tr("1 text could not be embedded:"), self.tr("{0} texts could not be embedded:")
            counted = one if now.failed == 1 else more.format(QLocale().toString(now.failed))
            hint = self.tr("Only its words find such a text. At the next start it is tried again.")
            page.show_notice("warn", f"{counted} {now.reason}", hint)

    def _tell_embedded(self, now: Embedded) -> None:
        told = self._data
        if not now.is_done and now.share < 1:
            share = QLocale().toString(int(now.share * 100))
            told = self.tr("{0} · {1} % embedded").format(told, share)
        elif now.failed:
            told = self.tr("{0} · {1} not embedded").format(told, QLocale().toString(now.failed))
        self._window.status.set_data(told)

    def _act(self, action: str) -> None:
        if action == self.tr("Connect again"):
            self._window.page.close_notice()
            self._window.page.write()  # the button that had it is gone
            self.reopen()

    def _place(self, settings: Settings) -> str:
        """Where the data is, in a few words."""
        match settings.data_source:
            case "library":
                return self.tr("Local library")
            case "cloud":
                return self.tr("Weaviate Cloud")
            case "local":
                return self.tr("Weaviate on this computer")
            case "custom":
                return self.tr("Weaviate at {0}").format(settings.custom_http_host)
