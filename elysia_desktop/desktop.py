"""Builds everything behind the window, opens it, closes it in order; the one file where all can be seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import qasync
from PySide6.QtCore import QCoreApplication, QObject, QSettings, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QApplication

from elysia_desktop.ui import theme
from elysia_desktop.ui.main_window import MainWindow
from elysia_desktop.ui.tasks import Tasks

if TYPE_CHECKING:
    from elysia_desktop.core.settings import ModelChoice, Settings
    from elysia_desktop.services.workspace import Workspace


def live(
    app: QApplication,
    window: MainWindow,
    layout: QSettings,
    profile: Path | None,
    question: str | None,
    collections: Sequence[str],
    log_level: str | None,
) -> int:
    """Run the event loop until the window is closed; returns the exit code."""

    async def lived() -> int:
        desktop = Desktop(app, window, layout, profile)
        closed = asyncio.get_running_loop().create_future()
        window.closed.connect(lambda: closed.done() or closed.set_result(0))
        app.aboutToQuit.connect(lambda: closed.done() or closed.set_result(0))
        desktop.start(question, collections, log_level)
        try:
            # It may have been closed before there was a loop.
            return await closed if window.isVisible() else 0
        finally:
            await desktop.close()

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
        return runner.run(lived())


class Desktop(QObject):
    """The services behind the window, which is there before them."""

    def __init__(
        self, app: QApplication, window: MainWindow, layout: QSettings, profile: Path | None
    ) -> None:
        super().__init__()
        self._app = app
        self._layout = layout
        self._profile = profile
        self._has_asked = False
        self.window = window
        self.workspace: Workspace | None = None
        self._early: list[tuple[str, list[str]]] = []
        window.page.asked.connect(self._keep_early)
        self.tasks = Tasks(self.window)
        self.tasks.failed.connect(self._tell)

    def start(
        self, question: str | None = None, collections: Sequence[str] = (), log_level: str | None = None
    ) -> None:
        """Open everything behind the window, in the background."""
        asyncio.get_event_loop().set_exception_handler(self._report)
        self.tasks.start("open workspace", self._open(question, list(collections), log_level))

    async def close(self) -> None:
        """Stop what runs, keep the layout, close what is open, the last opened first."""
        if hasattr(self, "chat"):
            self.window.save_layout(self.chat.current)
        self.window.hide()
        await self.tasks.close()
        if hasattr(self, "files"):
            await self.files.close()
        if self.workspace is not None:
            await self.workspace.close()

    def _connect(self, workspace: Workspace) -> None:
        from elysia_desktop.engine.lm import LanguageModel
        from elysia_desktop.services.models import Models
        from elysia_desktop.ui.controllers.chat import ChatController
        from elysia_desktop.ui.controllers.consent import ConsentController
        from elysia_desktop.ui.controllers.conversations import ConversationsController
        from elysia_desktop.ui.controllers.data import DataController
        from elysia_desktop.ui.controllers.documents import DocumentsController
        from elysia_desktop.ui.controllers.feedback import FeedbackController
        from elysia_desktop.ui.controllers.files import FilesController
        from elysia_desktop.ui.controllers.settings import SettingsController

        window, tasks = self.window, self.tasks
        window.page.asked.disconnect(self._keep_early)
        self.chat = ChatController(window.page, window.inspector, workspace, tasks, workspace.new_id)
        self.conversations = ConversationsController(
            window, window.conversations, self.chat, workspace, tasks
        )
        self.data = DataController(window, workspace, tasks)
        self.files = FilesController(window, self.chat, workspace, tasks)
        self.documents = DocumentsController(window, self.chat, workspace, tasks)
        self.feedback = FeedbackController(window.page, self.chat, workspace.feedback, tasks)
        self.consent = ConsentController(window.page, self.chat, workspace, tasks)
        self.settings = SettingsController(window, workspace, Models(LanguageModel), tasks)
        status, actions = window.status, window.actions_
        self.chat.spent.connect(status.count_tokens)
        self.chat.activity.connect(status.set_activity)
        self.chat.asked.connect(status.count_prompt)
        self.chat.asked.connect(self._note_asked)
        window.conversations.settings_wanted.connect(self.settings.open)
        actions.settings.triggered.connect(self.settings.open)
        actions.connection.triggered.connect(self.settings.open_data_connection)
        actions.themes.triggered.connect(self._choose_theme)
        workspace.serving.tell = self.chat.activity.emit
        self.settings.applied.connect(self._show_settings)
        self.settings.applied.connect(self.data.reopen)
        self.settings.applied.connect(self.feedback.copy)
        self.settings.applied.connect(self.consent.take_settings)
        window.page.notice_acted.connect(self._act)
        window.page.link_wanted.connect(self._offer_link)
        actions.about.triggered.connect(self._tell_about)
        actions.open_folder.triggered.connect(self._open_folder)

    async def _open(self, question: str | None, collections: Sequence[str], log_level: str | None) -> None:
        window = self.window
        # In a thread: importing takes longer than a window may wait.
        services = await asyncio.to_thread(import_module, "elysia_desktop.services.workspace")
        self.workspace = workspace = services.Workspace(self._profile)
        self._connect(workspace)
        try:
            await workspace.open_settings(log_level)
            self._show_settings()
            await self.conversations.open_last("" if question else window.last_conversation)
            for early, chosen in self._early:
                self.chat.ask(early, chosen)
            await workspace.open_data(self._loading)
        finally:
            window.status.set_progress(None)
            window.status.set_activity("")
            self.chat.ready.set()
        await self.data.show()
        if notice := workspace.notice:
            window.page.show_notice("warn", notice)
        if question is not None:
            if self._early:
                self.chat.begin()
            self.chat.ask(question, collections)
        await workspace.warm_up()
        self.feedback.copy(tell=False)
        await self._offer_found_models(workspace)

    def _keep_early(self, question: str, collections: list[str]) -> None:
        """A question from before there is anybody to answer it."""
        self._early.append((question, collections))

    def _loading(self, share: float, name: str) -> None:
        self.window.status.set_activity(self.tr("Loading sample data: {0}").format(name))
        self.window.status.set_progress(share)

    def _show_settings(self) -> None:
        assert self.workspace is not None
        settings = self.workspace.configuration.settings
        base, tools = settings.model_choice("base"), settings.model_choice("complex")
        if base.is_configured:
            decides, works = (_label_of(choice, settings) for choice in (base, tools))
            self.window.status.set_model(self.tr("{0} · {1}").format(_server_of(base), decides))
            self.window.page.header.set_chips(
                [self.tr("Decide: {0}").format(decides), self.tr("Tools: {0}").format(works)]
            )
        else:
            self.window.status.set_model(self.tr("No model"))
            self.window.page.header.set_chips([self.tr("No model: searching words only")])
        self._dress(settings.appearance)

    async def _offer_found_models(self, workspace: Workspace) -> None:
        """Without a model, say so once, with the servers that run on this computer."""
        if workspace.configuration.settings.model_choice("base").is_configured:
            return
        found = [server for server in await self.settings.find() if server.models]
        if self._has_asked or self.window.page.notice is not None:
            return  # the answer has said so already, or something matters more
        hint = self.tr("Until then questions are answered by searching for their words.")
        if found:
            from elysia_desktop.core.providers import provider_of

            text = self.tr("{0} runs on this computer and can answer.").format(
                provider_of(found[0].provider).title
            )
        else:
            text = self.tr("Answers in words need a language model.")
        self.window.page.show_notice("info", text, hint, self.tr("Choose a model…"))

    def _note_asked(self) -> None:
        self._has_asked = True

    def _act(self, action: str) -> None:
        if action == self.tr("Choose a model…"):
            self.window.page.close_notice()
            self.settings.show_group("Models")

    def _offer_link(self, address: str) -> None:
        from elysia_desktop.ui.dialogs import offer_link

        offer_link(self.window, address)

    def _tell_about(self) -> None:
        from elysia_desktop.ui.dialogs import tell_about

        tell_about(self.window)

    def _open_folder(self) -> None:
        assert self.workspace is not None
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.workspace.folders.data)))

    def _choose_theme(self, action: QAction) -> None:
        assert self.workspace is not None
        self._dress(str(action.data()))
        self.tasks.start("keep theme", self.workspace.configuration.save({"appearance": str(action.data())}))

    def _dress(self, appearance: str) -> None:
        if str(self._layout.value("appearance", "system")) != appearance:
            self._layout.setValue("appearance", appearance)
            theme.apply(self._app, appearance)
        for action in self.window.actions_.themes.actions():
            action.setChecked(action.data() == appearance)

    def _tell(self, _task: str, error: Exception) -> None:
        self.window.page.show_notice("error", str(error), getattr(error, "hint", ""))

    def _report(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A bug: it is logged, and the person is told that something went wrong."""
        error = context.get("exception")
        logging.getLogger(__name__).error(context.get("message", "A task failed"), exc_info=error)
        self.window.page.show_notice(
            "error",
            self.tr("Something went wrong inside the application: {0}").format(type(error).__name__),
            self.tr("Your conversation is kept. Please try again; the log has the details."),
        )


def _label_of(choice: ModelChoice, settings: Settings) -> str:
    """A model's name; one that the application serves itself goes by its file."""
    is_file = choice.provider == "on_this_computer" and settings.model_file
    return Path(settings.model_file).stem if is_file else choice.label


def _server_of(choice: ModelChoice) -> str:
    """Who serves a model, short enough for the status bar."""
    if choice.provider == "openai_compatible":
        return urlsplit(choice.address).netloc
    if choice.provider == "on_this_computer":
        return QCoreApplication.translate("Desktop", "On this computer")
    return choice.title
