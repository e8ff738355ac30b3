"""The files of conversations: added with progress, listed, shown, used or not, removed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from elysia_desktop.core.errors import ElysiaError, StoreError
from elysia_desktop.core.files import PageStart, SourceFile
from elysia_desktop.stores.files.base import HeadingAt
from elysia_desktop.stores.files.conversation_files import ConversationFiles
from elysia_desktop.stores.files.index import PassageIndex
from elysia_desktop.stores.files.originals import Originals
from elysia_desktop.stores.files.registry import FileRegistry
from elysia_desktop.stores.files.shelf import Shelf, remove_leftovers

if TYPE_CHECKING:
    from elysia_desktop.stores.clients import ClientManager
    from elysia_desktop.stores.conversations import Conversations

logger = logging.getLogger(__name__)
T = TypeVar("T")

Progress = Callable[[int, int, str], None]
"""Told how many files are done, of how many, and the name of the one that is read now."""


@dataclass(frozen=True)
class RefusedFile:
    """A file that could not be added, why, and what to do."""

    name: str
    reason: str
    hint: str


@dataclass(frozen=True)
class AddReport:
    """What came of adding files, in the order they were given."""

    added: list[SourceFile]
    refused: list[RefusedFile]


@dataclass(frozen=True)
class ShownFile:
    """A file to show: its text, where its pages begin and its headings stand, and where it is kept as it was added."""

    file: SourceFile
    text: str
    pages: Sequence[PageStart]
    original: Path
    headings: Sequence[HeadingAt] = ()


class Files:
    """The files of every conversation of one profile. Errors are `ElysiaError`, mostly `StoreError`."""

    def __init__(self, conversations: Conversations, clients: ClientManager, folder: Path) -> None:
        self._clients = clients
        self._registry = FileRegistry(conversations.file)
        self._originals = Originals(folder)
        self._open: dict[str, asyncio.Task[ConversationFiles]] = {}
        self._adding: set[asyncio.Task[Any]] = set()
        self._begun = self._registry.time()

    async def add(
        self, conversation_id: str, paths: Sequence[Path], progress: Progress | None = None
    ) -> AddReport:
        """Add files, one after the other; those that cannot be read are reported and the rest goes in.

        Cancelled, it ends after the file that is being kept. Raises where nothing could be kept at all, such as in
        a conversation that does not exist.
        """
        files = await self.documents(conversation_id)
        return await self._running(_added(files, paths, progress or _silent))

    async def add_text(self, conversation_id: str, name: str, text: str) -> SourceFile:
        """Add a text that was pasted, under a name."""
        files = await self.documents(conversation_id)
        return await self._running(files.add_text(name, text))

    async def listed(self, conversation_id: str) -> list[SourceFile]:
        """All files of a conversation, in use or not, in the order they were added."""
        return (await self.documents(conversation_id)).all()

    async def use(self, conversation_id: str, document_id: str, in_use: bool) -> None:
        """Answer questions from a file, or no longer."""
        await (await self.documents(conversation_id)).use(document_id, in_use)

    async def remove(self, conversation_id: str, document_id: str) -> None:
        """Remove a file with all that was kept of it."""
        await (await self.documents(conversation_id)).delete(document_id)

    async def shown(self, conversation_id: str, document_id: str) -> ShownFile:
        """A file with its text."""
        files = await self.documents(conversation_id)
        file, original = files.file(document_id), files.original(document_id)
        read = await files.read(document_id)
        return ShownFile(file, read.text, read.pages, original, read.headings)

    async def documents(self, conversation_id: str) -> ConversationFiles:
        """The files of a conversation, the same object each time; `StoreError` when there is no such conversation."""
        opening = self._open.get(conversation_id)
        if opening is None:
            opening = asyncio.create_task(self._opened(conversation_id), name="open-files")
            self._open[conversation_id] = opening
        try:
            return await asyncio.shield(opening)
        except BaseException:
            if opening.done() and self._open.get(conversation_id) is opening:
                del self._open[conversation_id]
            raise

    async def tidy(self) -> None:
        """Remove what files left behind when they were removed or the process ended before they were added.

        What cannot be removed now is at the next start.
        """
        try:
            await remove_leftovers(self._registry, self._index, self._originals, self._begun)
        except StoreError as error:
            logger.warning("What files have left behind stays until the next start: %s", error.sentence)

    async def close(self) -> None:
        """Stop adding, after the files that are being kept."""
        running = [*self._adding, *self._open.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._open.clear()

    async def _opened(self, conversation_id: str) -> ConversationFiles:
        index = self._index(conversation_id)
        files = ConversationFiles(Shelf(conversation_id, self._registry, index, self._originals))
        await files.open()
        return files

    def _index(self, conversation_id: str) -> PassageIndex:
        return PassageIndex(conversation_id, self._clients.library, self._clients.embedder)

    async def _running(self, work: Coroutine[Any, Any, T]) -> T:
        """Run what is cancelled by `close`, too."""
        task = asyncio.ensure_future(work)
        self._adding.add(task)
        task.add_done_callback(self._adding.discard)
        return await task


async def _added(files: ConversationFiles, paths: Sequence[Path], progress: Progress) -> AddReport:
    report = AddReport([], [])
    for done, path in enumerate(paths):
        progress(done, len(paths), path.name)
        try:
            report.added.append(await files.add(path))
        except ElysiaError as error:
            logger.info("A file was not added: %s", type(error).__name__)
            report.refused.append(RefusedFile(path.name, str(error), error.hint))
    if paths:
        progress(len(paths), len(paths), paths[-1].name)
    return report


def _silent(done: int, of: int, name: str) -> None:
    """Tell nobody."""
