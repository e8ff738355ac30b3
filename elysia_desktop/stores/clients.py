"""Opens the data store that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import NotSupported
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.folders import Folders

if TYPE_CHECKING:
    from elysia_desktop.stores.base import Store


class ClientManager:
    """Opens the data store on first use and shares it; without settings, the library in the user's data folder."""

    def __init__(self, settings: Settings | None = None, library_folder: Path | None = None) -> None:
        self.settings = settings if settings is not None else Settings()
        self._folder = library_folder
        self._library: Store | None = None

    def store(self) -> Store:
        """The store to read from and write to."""
        if self.settings.data_source != "library":
            raise NotSupported(
                "This version keeps its data in the built-in library only.",
                "Choose the built-in library in Settings → Data connection.",
            )
        if self._library is None:
            from elysia_desktop.stores.library import Library

            self._library = Library(self._folder or Folders.of_platform().library)
        return self._library

    async def close_clients(self) -> None:
        """Close what was opened; the next use opens it again."""
        if self._library is not None:
            library, self._library = self._library, None
            await library.close()
