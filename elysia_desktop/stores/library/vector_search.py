"""The library's vectors: questions become vectors, objects get theirs in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import ElysiaError, NotSupported, StoreError
from elysia_desktop.stores import checks
from elysia_desktop.stores.library import catalog, embedding
from elysia_desktop.stores.library.embedding_task import EmbeddingTask
from elysia_desktop.stores.library.meaning import Meaning, needs_vectors, searched_vectors
from elysia_desktop.stores.library.scale import USUAL, Scale
from elysia_desktop.stores.library.vector_upkeep import VectorUpkeep

if TYPE_CHECKING:
    from pathlib import Path

    from elysia_desktop.core.requests import AggregateRequest, QueryRequest
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.embedding import EmbeddingProgress
    from elysia_desktop.stores.library.hits import Hit
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table

    Question = tuple[tuple[str, ...], Sequence[float]]
    """The names of the vectors that are searched, and the question's vector."""

_PATIENCE = 3.0
"""Seconds that a question waits for a few objects which are being embedded."""
_FEW = 200
_ENOUGH = 0.9
"""The share of a collection's vectors from which on they are searched although some are still missing."""


class VectorSearch:
    """What the library does with vectors."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        embedder: Callable[[], Embedder | None],
        scale: Scale = USUAL,
    ) -> None:
        self._database = database
        self._choose = embedder
        self._upkeep = VectorUpkeep(database, folder, scale)
        self._task = EmbeddingTask(database, embedder, self._upkeep.tidy)
        self._used: Embedder | None = None

    @property
    def embedder(self) -> Embedder | None:
        """The embedder in use, None without one."""
        return self._task.embedder()

    def wake(self, changed: Table | None = None) -> None:
        """Embed in the background what waits for it, if anything can; `changed` was written to."""
        if changed is None:
            self._task.wake()
        elif changed.schema.vectors or self.embedder is not None:
            self._task.wake(changed.schema.name)

    @property
    def is_embedding(self) -> bool:
        """Whether the task runs."""
        return self._task.is_running

    async def finish(self, name: str | None = None) -> None:
        """Return when nothing is left to embed, in a collection or at all; raises what is in the way."""
        await self._task.finish(name)

    async def progress(self, name: str) -> EmbeddingProgress:
        """How far a collection's vectors are made."""
        found = await self._database.read(lambda session: embedding.progress(session, name))
        failure = self._task.failure
        if failure is not None and found.done < found.total and not found.problem:
            return replace(found, problem=failure.sentence)
        return found

    async def question(self, request: QueryRequest | AggregateRequest) -> Question | None:
        """The vector of a request's text; None where it needs none. Raises a `StoreError` saying why not."""
        if not needs_vectors(request):
            return None
        table, progress = await self._looked_up(request.collection)
        if request.kind == "query":
            checks.query(table.schema, request)
        else:
            checks.aggregate(table.schema, request)
        try:
            embedder = self._choose()
        except ElysiaError as error:
            raise NotSupported(str(error), error.hint) from error
        wanted = request.target_vectors if request.kind == "query" else None
        if embedder is not None and embedding.is_to_adopt(table.schema, (embedder.name, embedder.model)):
            await self._adopted(request.collection, embedder)
            table, progress = await self._looked_up(request.collection)
        configs = searched_vectors(table, embedder, wanted)
        if embedder is None:  # refused by the line above
            return None
        await self._check_ready(request, progress)
        try:
            vector = await embedder.embed_query(request.text or "")
        except ElysiaError as error:
            raise StoreError(f"The question could not become a vector: {error}", error.hint) from error
        self._used = embedder
        return tuple(config.name for config in configs), vector

    def meaning(self, session: Session, table: Table, question: Question | None) -> Meaning | None:
        """How a question's nearest rows are found, in a thread; of vectors none of which is made yet nothing."""
        if question is None:
            return None
        unmade = {config.name for config in table.schema.vectors if not config.dimensions}
        names = tuple(name for name in question[0] if name not in unmade)

        def nearest(chosen: Sequence[str], limit: int, passing: str | None) -> list[Hit]:
            return self._upkeep.loaded().find(session, table, question[1], chosen, limit, passing)

        return Meaning(names, nearest)

    def find(
        self, session: Session, table: Table, vector: Sequence[float], name: str, limit: int
    ) -> list[Hit]:
        """The rows whose vectors of a name are nearest to a given one, in a thread."""
        return self._upkeep.loaded().find(session, table, vector, [name], limit)

    def tidy_later(self) -> None:
        """Have files made that a search was in need of."""
        nearest = self._upkeep.nearest
        for name in nearest.take_untidy() if nearest is not None else ():
            self._task.wake(name)

    async def forget(self, table_id: int, tokens: Sequence[str]) -> None:
        """Release the memory and remove the files of a collection that was dropped."""
        if self._upkeep.nearest is not None:
            self._upkeep.nearest.forget(table_id)
        if tokens:
            await asyncio.to_thread(self._upkeep.remove, tokens)

    async def close(self) -> None:
        """Stop what runs in the background; it goes on at the next start."""
        if self._upkeep.nearest is not None:
            self._upkeep.nearest.stop()
        await self._task.close()
        used, self._used = self._used, None
        for embedder in {id(one): one for one in (used, self._task.used) if one is not None}.values():
            await embedder.close()

    async def _adopted(self, name: str, embedder: Embedder) -> None:
        identity = embedder.name, embedder.model
        await self._database.write(lambda session: embedding.adopt(session, name, identity))
        self._task.wake(name)

    async def _looked_up(self, name: str) -> tuple[Table, EmbeddingProgress]:
        return await self._database.read(
            lambda session: (catalog.find(session, name), embedding.progress(session, name))
        )

    async def _check_ready(self, request: QueryRequest | AggregateRequest, found: EmbeddingProgress) -> None:
        """Wait a moment for what is being embedded; raise `NotSupported` where much is missing then."""
        name = request.collection
        if 0 < found.total - found.done - found.failed <= _FEW:
            with suppress(TimeoutError, ElysiaError):  # how far it came is told below
                await asyncio.wait_for(self._task.finish(name), _PATIENCE)
            found = await self.progress(name)
        if request.search == "vector" and found.done + found.failed < _ENOUGH * found.total:
            why = f" {found.problem}" if found.problem else ""
            raise NotSupported(
                f"“{name}” is not ready to be searched by meaning: of {found.total:,} vectors {found.share:.0%} "
                f"are made.{why}",
                'Use search="keyword" or search="hybrid", or ask again later.',
            )
