"""Keeps the files in order that are made of a library's vectors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores.library import catalog

if TYPE_CHECKING:
    from pathlib import Path

    from elysia_desktop.core.schema import VectorConfig
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.nearest import Nearest
    from elysia_desktop.stores.library.scale import Scale
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table
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
        table = await self._database.read(lambda session: catalog.find(session, name))
        for config in table.schema.vectors:
            if config.dimensions:
                await self._make(table, config, "matrix")
                await self._make(table, config, "index")
        if self.nearest is not None:
            used = await self._database.read(_files_in_use)
            await asyncio.to_thread(self.nearest.sweep, used)

    def remove(self, tokens: Sequence[str]) -> None:
        """Remove files that are not used any more; for threads."""
        for token in tokens:
            self.loaded().remove_file(token)

    async def _make(self, table: Table, config: VectorConfig, kind: Kind) -> None:
        def due(session: Session) -> Callable[[], Made | None] | None:
            nearest = self.loaded()
            now = _current(session, table, config)
            if now is None:
                return None
            if kind == "index":
                return nearest.index_maker(session, now, config)
            made = nearest.make_file(session, now, config)
            return None if made is None else lambda: made

        make = await self._database.read(due)
        # An index takes minutes: no transaction stays open meanwhile.
        made = await asyncio.to_thread(make) if make is not None else None
        if made is None:
            return

        def take(session: Session) -> str | None:
            now = _current(session, table, config)
            if now is None:
                return made.token
            return self.loaded().take_file(session, now, config.name, kind, made)

        outdated = await self._database.write(take)
        if outdated is not None:
            await asyncio.to_thread(self.remove, [outdated])


def _current(session: Session, table: Table, config: VectorConfig) -> Table | None:
    """The table as it is; None where it was dropped, or another embedder makes these vectors by now."""
    try:
        now = catalog.again(session, table)
    except QueryRejected:
        return None
    return now if config in now.schema.vectors else None


def _files_in_use(session: Session) -> set[str]:
    return {token for (token,) in session.rows("SELECT token FROM vector_files")}
