"""Asks the questions of regression cases again, with other models or prompts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import ConfigurationError, ElysiaError, StoreError
from elysia_desktop.stores.regression_cases import RegressionCases, read_case

if TYPE_CHECKING:
    from pathlib import Path

    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.feedback.comparison import Comparison
    from elysia_desktop.engine.feedback.replay import Examples
    from elysia_desktop.services.serving import Serving
    from elysia_desktop.stores.clients import ClientManager


class Replaying:
    """Replays cases over the data and the models of one profile; nothing of it is kept."""

    def __init__(
        self, cases: RegressionCases, clients: ClientManager, serving: Serving, examples: Examples
    ) -> None:
        self._cases = cases
        self._clients = clients
        self._serving = serving
        self._examples = examples

    async def replay(
        self, settings: Settings, files: Sequence[Path] | None = None, model: str = ""
    ) -> AsyncGenerator[tuple[Path, Comparison | ElysiaError], None]:
        """What has changed in each of these cases, or of all that are kept; an error for one that cannot be asked.

        `model` stands in for both models of the settings. Raises `ConfigurationError` where there is no model and
        `StoreError` where there is no case.
        """
        settings = settings.model_copy(deep=True)
        if model:
            settings.configure(base_model=model, complex_model=model if settings.complex_provider else "")
        if not settings.model_choice("base").is_configured:
            raise ConfigurationError(
                "Replaying needs a language model, and none is chosen.", "Choose one in Settings → Models."
            )
        if files is None:
            files = await asyncio.to_thread(self._cases.files)
        if not files:
            raise StoreError(
                f"There are no regression cases in “{self._cases.folder}”.",
                "Rate an answer with the thumb down and keep it as a regression case first.",
            )
        ready = await self._serving.ready(settings)
        # In a thread: the first import takes longer than a window may wait.
        await asyncio.to_thread(import_module, "elysia_desktop.engine.feedback.replay")
        for file in files:
            try:
                yield file, await self._replayed(file, ready)
            except ElysiaError as error:
                yield file, error

    async def _replayed(self, file: Path, settings: Settings) -> Comparison:
        from elysia_desktop.engine.feedback.comparison import compare
        from elysia_desktop.engine.feedback.replay import replay

        case = await asyncio.to_thread(read_case, file)
        return compare(case.run, await replay(case, settings, self._clients, self._examples))
