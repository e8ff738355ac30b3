"""Embedders: one file each, and one line in `EMBEDDERS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import ConfigurationError
from elysia_desktop.stores.embedders.choice import EmbedderChoice
from elysia_desktop.stores.embedders.offline import OfflineEmbedder
from elysia_desktop.stores.embedders.ollama import OllamaEmbedder
from elysia_desktop.stores.embedders.openai import OpenAIEmbedder

if TYPE_CHECKING:
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.stores.embedders.base import Embedder

EMBEDDERS: dict[str, Callable[[EmbedderChoice], Embedder]] = {
    "offline": OfflineEmbedder,
    "ollama": OllamaEmbedder,
    "openai": OpenAIEmbedder,
}


class ChosenEmbedder:
    """The embedder that the settings name, None for none; made anew when they change.

    Making one touches nothing: files and connections are opened when it first embeds.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._choice = EmbedderChoice("none")
        self._embedder: Embedder | None = None

    def __call__(self) -> Embedder | None:
        """The embedder; raises `ConfigurationError` for a name that stands in no list."""
        choice = EmbedderChoice.of(self.settings)
        if choice != self._choice:
            self._embedder = opened(choice)
            self._choice = choice
        return self._embedder

    async def close(self) -> None:
        """Close what was opened; the next use opens it again."""
        if self._embedder is not None:
            await self._embedder.close()


def opened(choice: EmbedderChoice) -> Embedder | None:
    """The embedder of a choice."""
    if choice.name == "none":
        return None
    if choice.name not in EMBEDDERS:
        raise ConfigurationError(
            f"There is no embedder “{choice.name}”.", f"Use one of: {', '.join(['none', *EMBEDDERS])}."
        )
    return EMBEDDERS[choice.name](choice)
