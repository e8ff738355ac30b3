"""Keeps the model file that the person chose served while the application runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.core.providers import SERVED_HERE, provider_of
from elysia_desktop.core.settings import Settings

if TYPE_CHECKING:
    from elysia_desktop.engine.served_model import ServedModel


class Serving:
    """Starts the server of a GGUF file when a question needs it, and stops it with the application."""

    def __init__(
        self,
        tell: Callable[[str], None] | None = None,
        *,
        make: Callable[[Path], ServedModel] | None = None,
    ) -> None:
        self.tell = tell
        """Called with what is being done while a model is loaded."""
        self._make = make
        self._file = ""
        self._model: ServedModel | None = None
        self._starting = asyncio.Lock()

    async def ready(self, settings: Settings) -> Settings:
        """The settings with address and key of the served model filled in, where they name a model file.

        Raises `ConfigurationError`, `MissingExtra` or `ModelError` when it cannot be served.
        """
        if SERVED_HERE not in {settings.base_provider, settings.complex_provider}:
            return settings
        if not settings.model_file:
            raise ConfigurationError("No model file is chosen.", "Choose a GGUF file in Settings → Models.")
        async with self._starting:
            if self._model is None or self._file != settings.model_file:
                await self.stop()
                self._model, self._file = self._made(Path(settings.model_file)), settings.model_file
            served = await self._model.start(self.tell)
        filled = settings.model_copy(deep=True)
        filled.set_api_key(served.key, provider_of(SERVED_HERE).key_name)
        for role in ("base", "complex"):
            if getattr(settings, f"{role}_provider") == SERVED_HERE:
                found: dict[str, Any] = {
                    f"{role}_model": served.model,
                    f"{role}_api_base": served.address,
                    f"{role}_context_length": served.context_length,
                }
                filled.configure(**found)
        return filled

    async def stop_unless_used(self, settings: Settings) -> None:
        """End the server when these settings do not name its file: it holds gigabytes."""
        in_use = SERVED_HERE in {settings.base_provider, settings.complex_provider}
        async with self._starting:
            if not in_use or settings.model_file != self._file:
                await self.stop()

    async def stop(self) -> None:
        """End the server."""
        if self._model is not None:
            model, self._model = self._model, None
            await model.stop()

    def _made(self, file: Path) -> ServedModel:
        if self._make is not None:
            return self._make(file)
        from elysia_desktop.engine.served_model import ServedModel

        return ServedModel(file)
