"""The task that embeds in the background what waits for it, and keeps the files of large collections."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from elysia_desktop.core.errors import ElysiaError, ModelError, QueryRejected
from elysia_desktop.stores.embedders.base import Unembeddable
from elysia_desktop.stores.library import adoption, catalog, embedding
from elysia_desktop.stores.library.adoption import Recognition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from elysia_desktop.stores.embedders.base import Embedder, Embedding
    from elysia_desktop.stores.library.database import Database
    from elysia_desktop.stores.library.embedding import Portion

_log = logging.getLogger(__name__)

_SECONDS_AFTER_FAILURE = 30.0


class EmbeddingTask:
    """Runs while something waits for a vector; what it has done is kept, so it can end at any moment.

    It starts with `wake`, ends by itself, and is begun again by the next `wake` after its loop was closed.
    After a failure it rests a while. Texts that were refused are tried again once per start and embedder.
    """

    def __init__(
        self,
        database: Database,
        embedder: Callable[[], Embedder | None],
        tidy: Callable[[str], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failure: ElysiaError | None = None
        self.recognition = Recognition(database)
        self._database = database
        self._embedder = embedder
        self._tidy = tidy
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._seen: Embedder | None = None
        self._more = False
        self._failed_at = 0.0
        self._untidy: set[str] = set()
        self._retried: set[str] = set()
        self._outdated: list[Embedder] = []

    @property
    def used(self) -> Embedder | None:
        """The embedder that was asked for last."""
        return self._seen

    @property
    def is_running(self) -> bool:
        """Whether the task runs, which it does not while its loop rests."""
        task = self._task
        return task is not None and not task.done() and task.get_loop().is_running()

    def embedder(self) -> Embedder | None:
        """The embedder in use; None where there is none or the settings name none that can be."""
        try:
            return self._embedder()
        except ElysiaError:  # told to those who search or wait
            return None

    def wake(self, changed: str | None = None) -> None:
        """Start where there may be something to do: a collection was changed, or the embedder is another."""
        embedder = self.embedder()
        if changed is not None:
            self._untidy.add(changed)
        rests = self.failure is not None and self._clock() < self._failed_at + _SECONDS_AFTER_FAILURE
        again = self.failure is not None and embedder is not None and not rests
        if embedder is self._seen and changed is None and not again:
            return
        if embedder is not self._seen:
            self.failure, rests = None, False
            self._retried.clear()
            if self._seen is not None:
                self._outdated.append(self._seen)
        self._seen, self._more = embedder, True
        if not self.is_running and not rests:
            self._start()

    async def finish(self, name: str | None = None) -> None:
        """Return when nothing waits any more, in one collection or in all; raises what is in the way."""
        while True:
            self._more = True
            if not self.is_running:
                self._start()
            task = self._task
            assert task is not None
            if task.get_loop() is asyncio.get_running_loop():
                await asyncio.wait([task])
            else:
                await asyncio.sleep(0.05)
            if task.done() and not task.cancelled():
                task.result()
            if self.failure is not None:
                raise self.failure
            if not self._more and (task.done() or not await self._waiting(name)):
                return

    async def close(self) -> None:
        """End the task; what it has not done waits for the next start."""
        task, self._task = self._task, None
        if task is None or task.done():
            return
        loop = task.get_loop()
        if loop is asyncio.get_running_loop():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        elif not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)

    def _start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="embed-library")

    async def _run(self) -> None:
        self.failure = None
        try:
            while self._more:
                self._more = False
                embedder = self._embedder()
                # The small ones first: they are ready to be searched soon.
                infos = await self._database.read(catalog.infos)
                for name in [info.name for info in sorted(infos, key=lambda info: info.count)]:
                    with suppress(QueryRejected):  # it was dropped meanwhile
                        await self._embed_all(name, embedder)
                await self._tidy_up()
                while self._outdated:
                    await self._outdated.pop().close()
        except ElysiaError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001 - logged, and told
            _log.exception("Embedding failed in a way that was not foreseen")
            self.failure = unforeseen(error)
        if self.failure is not None:
            self._failed_at = self._clock()
            self.recognition.doubt()
            _log.warning("Embedding stopped: %s", self.failure.sentence)

    async def _embed_all(self, name: str, embedder: Embedder | None) -> None:
        if embedder is None:
            return
        identity = embedder.name, embedder.model
        schema = (await self._database.read(lambda session: catalog.find(session, name))).schema
        if adoption.is_to_adopt(schema, identity):
            await self._database.write(lambda session: adoption.adopt(session, name, identity))
        await self._retry(name)
        most = embedder.batch_size * embedder.at_once
        while portion := await self._database.read(lambda session: embedding.take(session, name, most)):
            if self._embedder() is not embedder:
                self._more = True
                return
            if await self.recognition.has_changed(embedder):
                self._more = True  # collections that were looked at before have something to do again
                continue
            await self._embed(portion, embedder)
            self._untidy.add(name)

    async def _retry(self, name: str) -> None:
        if name in self._retried:
            return
        self._retried.add(name)
        if (await self._database.read(lambda session: embedding.progress(session, name))).failed:
            await self._database.write(lambda session: embedding.retry(session, name))

    async def _embed(self, portion: Portion, embedder: Embedder) -> None:
        asked = [key for key, text in portion.texts.items() if text]
        size = embedder.batch_size
        batches = [asked[at : at + size] for at in range(0, len(asked), size)]
        found = await _together([self._batch(portion, embedder, keys) for keys in batches])
        results: dict[tuple[int, str], Embedding | Unembeddable | None] = dict.fromkeys(portion.texts)
        for keys, made in zip(batches, found, strict=True):
            results.update(zip(keys, made, strict=True))
        await self._database.write(lambda session: embedding.put(session, portion, results))

    async def _batch(
        self, portion: Portion, embedder: Embedder, keys: Sequence[tuple[int, str]]
    ) -> list[Embedding | Unembeddable]:
        return await embedder.embed_documents([portion.texts[key] for key in keys])

    async def _tidy_up(self) -> None:
        while self._untidy:
            name = self._untidy.pop()
            with suppress(QueryRejected):
                await self._tidy(name)

    async def _waiting(self, name: str | None) -> bool:
        names = [name] if name is not None else await self._database.read(catalog.names)
        for each in names:
            portion = await self._database.read(lambda session, each=each: embedding.take(session, each, 1))
            if portion is not None:
                return True
        return False


def unforeseen(error: Exception) -> ModelError:
    """What no embedder should fail with, as the person should read it."""
    first: BaseException = error
    while isinstance(first, BaseExceptionGroup):
        first = cast("BaseExceptionGroup[BaseException]", first).exceptions[0]
    told = str(first).rstrip(".") or type(first).__name__
    return ModelError(f"The embedder failed: {told}.", "Try again; the log has the details.")


async def _together(
    asking: Sequence[Awaitable[list[Embedding | Unembeddable]]],
) -> list[list[Embedding | Unembeddable]]:
    """What all of them give; when one fails the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in asking]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
