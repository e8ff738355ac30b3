"""The library's vectors: questions become vectors, objects get theirs in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from elysia_desktop.core.errors import ElysiaError, NotSupported
from elysia_desktop.stores import checks
from elysia_desktop.stores.library import adoption, catalog, embedding
from elysia_desktop.stores.library.embedding_task import EmbeddingTask, unforeseen
from elysia_desktop.stores.library.meaning import Meaning, alpha_of, needs_vectors, searched_vectors
from elysia_desktop.stores.library.scale import USUAL, Scale
from elysia_desktop.stores.library.vector_upkeep import VectorUpkeep

if TYPE_CHECKING:
    from pathlib import Path

    from elysia_desktop.core.requests import AggregateRequest, QueryRequest
    from elysia_desktop.core.schema import VectorConfig
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.embedding import EmbeddingProgress
    from elysia_desktop.stores.library.hits import Hit
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table

T = TypeVar("T")

_log = logging.getLogger(__name__)

_PATIENCE = 3.0
"""Seconds that a question waits for a few objects which are being embedded."""
_FEW = 200
_ENOUGH = 0.9
"""The share of a collection's vectors from which on they are searched although some are still missing."""


class Question(NamedTuple):
    """The names of the vectors that are searched, and the question's vector.

    `unready` says that too many vectors are missing yet; it is raised where words find nothing either.
    """

    names: tuple[str, ...]
    vector: Sequence[float]
    unready: NotSupported | None = None


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
        return self._with_failure(
            await self._database.read(lambda session: embedding.progress(session, name))
        )

    async def question(self, request: QueryRequest | AggregateRequest) -> Question | None:
        """The vector of a request's text; None where it needs none. Raises `NotSupported` saying why not."""
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
        if embedder is not None and adoption.is_to_adopt(table.schema, (embedder.name, embedder.model)):
            await self._adopted(request.collection, embedder)
            table, progress = await self._looked_up(request.collection)
        configs = searched_vectors(table, embedder, wanted)
        if embedder is None:  # refused by the line above
            return None
        configs, progress = await self._ready(request, configs, progress)
        if await _answered(self._task.recognition.has_changed(embedder)):
            self._task.wake(request.collection)
            known = await self._known_by_now(request.collection, configs)
            configs, progress = await self._ready(request, *known)
        vector = await _answered(embedder.embed_query(request.text or ""))
        self._check_size(request.collection, configs, vector)
        self._used = embedder
        names = tuple(config.name for config in configs)
        return Question(names, vector, _unready(request.collection, configs, progress))

    def meaning(self, session: Session, table: Table, question: Question | None) -> Meaning | None:
        """How a question's nearest rows are found, in a thread; of vectors none of which is made yet nothing."""
        if question is None:
            return None
        unmade = {config.name for config in table.schema.vectors if not config.dimensions}
        names = tuple(name for name in question.names if name not in unmade)

        def nearest(chosen: Sequence[str], limit: int, passing: str | None) -> list[Hit]:
            return self._upkeep.loaded().find(session, table, question.vector, chosen, limit, passing)

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
        await self._database.write(lambda session: adoption.adopt(session, name, identity))
        self._task.wake(name)

    async def _looked_up(self, name: str) -> tuple[Table, EmbeddingProgress]:
        table, found = await self._database.read(
            lambda session: (catalog.find(session, name), embedding.progress(session, name))
        )
        return table, self._with_failure(found)

    def _with_failure(self, found: EmbeddingProgress) -> EmbeddingProgress:
        """The progress with what keeps it from going on, where some vectors still wait."""
        if found.done + found.failed == found.total:
            return found
        failure = self._task.failure
        return replace(found, problem=failure.sentence if failure is not None else "")

    async def _known_by_now(
        self, name: str, configs: Sequence[VectorConfig]
    ) -> tuple[tuple[VectorConfig, ...], EmbeddingProgress]:
        table, found = await self._looked_up(name)
        names = {config.name for config in configs}
        return tuple(config for config in table.schema.vectors if config.name in names), found

    async def _ready(
        self,
        request: QueryRequest | AggregateRequest,
        configs: tuple[VectorConfig, ...],
        found: EmbeddingProgress,
    ) -> tuple[tuple[VectorConfig, ...], EmbeddingProgress]:
        """The vectors and how far they are made, after a moment for what is being embedded.

        Raises `NotSupported` where too many are missing then for a request that is by meaning alone.
        """
        if 0 < found.total - found.done - found.failed <= _FEW:
            with suppress(TimeoutError, ElysiaError):  # how far it came is told below
                await asyncio.wait_for(self._task.finish(request.collection), _PATIENCE)
            configs, found = await self._known_by_now(request.collection, configs)
        unready = _unready(request.collection, configs, found)
        if unready is not None and (request.search == "vector" or alpha_of(request) == 1):
            raise unready
        return configs, found

    def _check_size(self, name: str, configs: Sequence[VectorConfig], vector: Sequence[float]) -> None:
        """Raise `NotSupported` where the embedder has become another since it was recognised."""
        for config in configs:
            if config.dimensions not in {None, len(vector)}:
                self._task.recognition.doubt()
                raise NotSupported(
                    f"The question's vector has {len(vector)} dimensions, those of “{name}” {config.dimensions}: "
                    "the embedder's server has another model by now.",
                    "Ask again: all vectors are made anew then.",
                )


def _unready(name: str, configs: Sequence[VectorConfig], found: EmbeddingProgress) -> NotSupported | None:
    """What is told of vectors too many of which are missing; None where enough are made, or there is no text at all."""
    is_any_made = found.done > 0 and any(config.dimensions for config in configs)
    if not found.total or (is_any_made and found.done + found.failed >= _ENOUGH * found.total):
        return None
    if found.done == found.total:
        return NotSupported(
            f"“{name}” cannot be searched by meaning: its objects hold no text that would be embedded.",
            'Use search="keyword" or filters.',
        )
    why = f" {found.problem}" if found.problem else ""
    return NotSupported(
        f"“{name}” is not ready to be searched by meaning: of {found.total:,} vectors {found.share:.0%} "
        f"are made.{why}",
        'Use search="keyword" or search="hybrid", or ask again later.',
    )


async def _answered(asked: Awaitable[T]) -> T:
    """What an embedder answers to a question; raises `NotSupported` where it fails."""
    try:
        return await asked
    except ElysiaError as error:
        failure = error
    except Exception as error:  # noqa: BLE001 - logged, and told
        _log.exception("The embedder failed in a way that was not foreseen")
        failure = unforeseen(error)
    raise NotSupported(f"The question could not become a vector: {failure}", failure.hint) from failure
