"""Connects the settings dialog to the configuration and to the models it can find and test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Signal, Slot

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.providers import SERVED_HERE
from elysia_desktop.core.settings import Role, Settings
from elysia_desktop.services.models import FoundServer, ModelTest

if TYPE_CHECKING:
    from elysia_desktop.services.models import Models
    from elysia_desktop.services.workspace import Workspace
    from elysia_desktop.ui.main_window import MainWindow
    from elysia_desktop.ui.settings.dialog import SettingsDialog
    from elysia_desktop.ui.tasks import Tasks


class SettingsController(QObject):
    """Opens the dialog, saves what it changes, tests what it shows."""

    applied = Signal()
    """Other settings are in force."""

    def __init__(self, window: MainWindow, workspace: Workspace, models: Models, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        self._models = models
        self._tasks = tasks
        self._dialog: SettingsDialog | None = None

    @Slot()
    def open(self) -> None:
        """Show the settings; an open dialog comes to the front."""
        self.show_group("")

    @Slot()
    def open_data_connection(self) -> None:
        """Show the settings of the data connection."""
        self.show_group("Data connection")

    def show_group(self, group: str) -> None:
        """Show a group of the settings."""
        if self._dialog is None:
            from elysia_desktop.ui.settings.dialog import SettingsDialog

            self._dialog = SettingsDialog(self._window)
            self._dialog.saved.connect(self._save)
            self._dialog.test_wanted.connect(self._test)
            self._dialog.models_wanted.connect(self._list_models)
            self._dialog.finished.connect(self._closed)
            configuration = self._workspace.configuration
            self._dialog.load(configuration.settings, from_environment=configuration.from_environment)
            self._tasks.start("settings: fill", self._fill(self._dialog))
        if group:
            self._dialog.show_group(group)
        self._dialog.open()
        self._dialog.raise_()

    async def find(self) -> list[FoundServer]:
        """The model servers that run on this computer."""
        return await self._models.find()

    async def _fill(self, dialog: SettingsDialog) -> None:
        """Add what takes time: where the keys are, and which servers run on this computer."""
        configuration = self._workspace.configuration
        kept = await configuration.saved_keys()
        places = {name: place.place for name, place in kept.items()}
        sentence = await configuration.keyring_sentence()
        if not dialog.is_changed:  # a keyring can take seconds, and what was typed meanwhile stays
            dialog.load(configuration.settings, places, sentence, configuration.from_environment)
        dialog.set_found(await self._models.find())

    def _save(self, changes: dict[str, Any], keys: dict[str, str]) -> None:
        self._tasks.start("settings: save", self._keep(changes, keys))

    async def _keep(self, changes: dict[str, Any], keys: dict[str, str]) -> None:
        kept = await self._workspace.configuration.save(changes, keys)
        await self._workspace.apply_settings()
        for place in kept:
            if place.place != "keyring":
                self._window.page.show_notice("warn", place.sentence)
        self.applied.emit()

    def _test(self, role: str, changes: dict[str, Any], keys: dict[str, str]) -> None:
        if self._dialog is not None:
            self._dialog.set_busy(role, self.tr("Testing…"))
            self._tasks.start(f"settings: test {role}", self._run_test(self._dialog, role, changes, keys))

    async def _run_test(
        self, dialog: SettingsDialog, role: str, changes: dict[str, Any], keys: dict[str, str]
    ) -> None:
        try:
            result = await (
                self._test_data(changes, keys) if role == "data" else self._test_model(role, changes, keys)
            )
        except ElysiaError as error:
            result = ModelTest(False, str(error), error.hint)
        dialog.set_test_result(role, result)

    async def _test_model(self, role: str, changes: dict[str, Any], keys: dict[str, str]) -> ModelTest:
        configuration = self._workspace.configuration
        choice = await configuration.draft(cast("Role", role), changes, keys)
        if choice.provider == SERVED_HERE:
            settings = Settings.from_json({**configuration.settings.to_json(), **changes})
            choice = (await self._workspace.serving.ready(settings)).model_choice(cast("Role", role))
        return await self._models.test(choice)

    async def _test_data(self, changes: dict[str, Any], keys: dict[str, str]) -> ModelTest:
        settings = await self._workspace.configuration.draft_data(changes, keys)
        sentence = await self._workspace.test_data(settings)
        return ModelTest(True, sentence)

    def _list_models(self, role: str, changes: dict[str, Any], keys: dict[str, str]) -> None:
        if self._dialog is not None:
            self._tasks.start(
                f"settings: models {role}", self._fetch_models(self._dialog, role, changes, keys)
            )

    async def _fetch_models(
        self, dialog: SettingsDialog, role: str, changes: dict[str, Any], keys: dict[str, str]
    ) -> None:
        choice = await self._workspace.configuration.draft(cast("Role", role), changes, keys)
        names = await self._models.choices(choice.provider, choice.address, choice.key.get_secret_value())
        dialog.set_models(role, names)

    def _closed(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            for task in ("fill", "test base", "test complex", "test data", "models base", "models complex"):
                self._tasks.cancel(f"settings: {task}")
            dialog.deleteLater()
