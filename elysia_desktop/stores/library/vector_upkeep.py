"""Keeps the files in order that are made of a library's vectors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from elysia_desktop.stores.library import catalog

if TYPE_CHECKING:
    from pathlib import Path

    from elysia_desktop.core.schema import VectorConfig
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.nearest import Nearest
    from elysia_desktop.stores.library.scale import Scale
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.vector_files import Kind, Made


class VectorUpkeep:
    """Holds what finds the nearest, which is loaded with NumPy at first use, in a thread, and its files."""

    def __init__(self, database: Database, folder: Path, scale: Scale) -> None:
        self.nearest: Nearest | None = None
        self._database = database
        self._folder = folder
        self._scale = scale
        self._loading = threading.Lock()

    def loaded(self) -> Nearest:
        """What finds the nearest; for threads."""
        with self._loading:
            if self.nearest is None:
                from elysia_desktop.stores.library.nearest import Nearest

                self.nearest = Nearest(self._folder, self._scale)
            return self.nearest

    async def tidy(self, name: str) -> None:
        """Make the files that are due for a collection, and take them into use."""
        configs = (await self._database.read(lambda session: catalog.find(session, name))).schema.vectors
        for config in configs:
            if config.dimensions:
                await self._make(name, config, "matrix")
                await self._make(name, config, "index")
        if self.nearest is not None:
            used = await self._database.read(_files_in_use)
            await asyncio.to_thread(self.nearest.sweep, used)

    def remove(self, tokens: Sequence[str]) -> None:
        """Remove files that are not used any more; for threads."""
        for token in tokens:
            self.loaded().remove_file(token)

    async def _make(self, name: str, config: VectorConfig, kind: Kind) -> None:
        def due(session: Session) -> Callable[[], Made | None] | None:
            table = catalog.find(session, name)
            nearest = self.loaded()
            if kind == "index":
                return nearest.index_maker(session, table, config)
            made = nearest.make_file(session, table, config)
            return None if made is None else lambda: made

        make = await self._database.read(due)
        # An index takes minutes: no transaction stays open meanwhile.
        made = await asyncio.to_thread(make) if make is not None else None
        if made is None:
            return

        def take(session: Session) -> str | None:
            return self.loaded().take_file(session, catalog.find(session, name), config.name, kind, made)

        outdated = await self._database.write(take)
        if outdated is not None:
            await asyncio.to_thread(self.remove, [outdated])


def _files_in_use(session: Session) -> set[str]:
    return {token for (token,) in session.rows("SELECT token FROM vector_files")}
