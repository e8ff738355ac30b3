"""The files of one conversation: added, listed, read, searched, removed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from elysia_desktop.core.errors import QueryRejected, StoreError
from elysia_desktop.core.files import FoundPassage, PageStart, Passage, SourceFile
from elysia_desktop.stores.conversation_search import storable
from elysia_desktop.stores.files.base import ReadFile
from elysia_desktop.stores.files.originals import Snapshot
from elysia_desktop.stores.files.passages import passages_of
from elysia_desktop.stores.files.reading import read_file, read_text
from elysia_desktop.stores.files.registry import Registered
from elysia_desktop.stores.files.shelf import Shelf

logger = logging.getLogger(__name__)
T = TypeVar("T")

_LONGEST_NAME = 200
_UNNAMED = "Pasted text"


class ConversationFiles:
    """Implements `core.files.Documents`, adding and writing for one conversation.

    Errors are `StoreError`, and `MissingExtra` where an optional part would be needed to read a file.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._kept: dict[str, Registered] = {}
        self._turn = asyncio.Lock()
        self._is_mended = False

    @property
    def collection(self) -> str:
        """The library's collection of the passages; there is none while there are no files."""
        return self._shelf.index.collection

    async def open(self) -> None:
        """Learn what is kept; what is wrong with the passages is mended now, or told when they are needed."""
        kept = await self._shelf.registry.of(self._shelf.conversation_id)
        self._kept = {one.file.id: one for one in kept}
        try:
            await self._mend()
        except StoreError as error:
            logger.warning("The passages of files could not be looked at: %s", error.sentence)

    def listed(self) -> list[SourceFile]:
        """The files in use, in the order they were added."""
        return [file for file in self.all() if file.in_use]

    def all(self) -> list[SourceFile]:
        """All files, also those that are not in use."""
        return [kept.file for kept in self._kept.values()]

    def file(self, document_id: str) -> SourceFile:
        """A file by its id, or by its name where that is one file's; `QueryRejected` for none."""
        return self._find(document_id).file

    def original(self, document_id: str) -> Path:
        """Where the file is kept as it was added."""
        return self._shelf.originals.path(self._find(document_id).original)

    async def read(self, document_id: str) -> ReadFile:
        """What reading a file gave: its text with where its pages and headings stand; in use or not."""
        found = self._find(document_id)
        read = await self._shelf.registry.read(found.file.id)
        if read is None:
            raise StoreError(f"“{found.file.name}” is not there any more.", "Add it again.")
        return read

    async def text(self, document_id: str) -> str:
        """The whole text of a file, in use or not."""
        return (await self.read(document_id)).text

    async def pages(self, document_id: str) -> Sequence[PageStart]:
        """Where the pages of a file begin."""
        return (await self.read(document_id)).pages

    async def passages(self, document_id: str) -> Sequence[Passage]:
        """All passages of a file in their order, as they are indexed."""
        return await asyncio.to_thread(
            passages_of, self._find(document_id).file.id, await self.read(document_id)
        )

    async def search(self, text: str, limit: int = 8, document_ids: Sequence[str] = ()) -> list[FoundPassage]:
        """The nearest passages of the files in use, or of these among them."""
        in_use = {file.id: file.name for file in self.listed()}
        asked = {self._find(each, in_use_only=True).file.id for each in document_ids} or set(in_use)
        if not asked:
            return []
        await self._mend()
        found = await self._shelf.index.search(storable(text), limit, asked)
        return [FoundPassage(passage, in_use[passage.document_id], score) for passage, score in found]

    async def add(self, path: Path) -> SourceFile:
        """Read a file and keep it; `FileRefused` or `MissingExtra` where it cannot be read or is there already.

        Cancelled while it is read, nothing is kept; later, it is kept whole before this ends.
        """
        before = await asyncio.to_thread(Snapshot.of, path)
        read = await asyncio.to_thread(read_file, path)
        return await _finished(self._keep(path.name, read, before))

    async def add_text(self, name: str, text: str) -> SourceFile:
        """Keep a text as a file of that name."""
        name = _as_name(name)
        read = await asyncio.to_thread(read_text, name, text)
        return await _finished(self._keep(name, read, text))

    async def write(self, name: str, content: str) -> SourceFile:
        """Keep a text that a tool wrote, in place of one that was written under that name before."""
        name = _as_name(name)
        read = await asyncio.to_thread(read_text, name, content)
        return await _finished(self._keep(name, read, content, written=True))

    async def use(self, document_id: str, in_use: bool) -> None:
        """Answer questions from a file, or no longer."""
        found = self._find(document_id)
        await self._shelf.registry.use(found.file.id, in_use)
        if kept := self._kept.get(found.file.id):
            self._kept[found.file.id] = replace(kept, file=replace(kept.file, in_use=in_use))

    async def delete(self, document_id: str) -> None:
        """Remove a file with its passages and its original."""
        await _finished(self._delete(self._find(document_id)))

    async def _keep(
        self, name: str, read: ReadFile, source: Snapshot | str, *, written: bool = False
    ) -> SourceFile:
        await self._mend()
        async with self._turn:
            before = self._written(storable(name)) if written else None
            kept = await self._shelf.keep(name, read, source, written=written, replaced=before)
            if before is not None:
                self._kept.pop(before.file.id, None)
            self._kept[kept.file.id] = kept
        return kept.file

    async def _delete(self, gone: Registered) -> None:
        async with self._turn:
            await self._shelf.remove(gone, is_last=self._kept.keys() <= {gone.file.id})
            self._kept.pop(gone.file.id, None)

    async def _mend(self) -> None:
        """Have the passages be those of the files, with vectors as soon as there is an embedder."""
        if not self._kept or (self._is_mended and not await self._shelf.index.is_outdated()):
            return
        async with self._turn:
            if await self._shelf.index.is_outdated():
                self._is_mended = False  # whoever searches meanwhile waits
                await self._shelf.index.drop()
            if self._is_mended:  # by another who came first
                return
            for file_id, number in (await self._shelf.mend([*self._kept.values()])).items():
                self._kept[file_id] = replace(self._kept[file_id], passages=number)
            self._is_mended = True

    def _find(self, document_id: str, *, in_use_only: bool = False) -> Registered:
        files = [kept for kept in self._kept.values() if kept.file.in_use or not in_use_only]
        by_name = [kept for kept in files if kept.file.name.casefold() == document_id.casefold()]
        for kept in files:
            if kept.file.id == document_id:
                return kept
        if len(by_name) == 1:
            return by_name[0]
        told = ", ".join(f"{kept.file.id} ({kept.file.name})" for kept in files[:12])
        raise QueryRejected(
            f"There is no file “{document_id}” in this conversation.",
            f"Use one of: {told}{', …' if len(files) > 12 else ''}." if files else "There are none yet.",
        )

    def _written(self, name: str) -> Registered | None:
        return next((kept for kept in self._kept.values() if kept.written and kept.file.name == name), None)


async def _finished(work: Coroutine[Any, Any, T]) -> T:
    """Do it to its end, also when the one who waits for it is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # noted as seen: whoever was cancelled does not ask for it
        raise


def _as_name(name: str) -> str:
    """A name of one line that fits into a list."""
    return " ".join(storable(name).split())[:_LONGEST_NAME].strip() or _UNNAMED
