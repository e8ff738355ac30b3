"""Where a conversation's files are kept: the row, the passages and the original of each, in step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.files import Passage, SourceFile
from elysia_desktop.core.tokens import estimate_tokens
from elysia_desktop.stores.conversation_search import storable
from elysia_desktop.stores.files.base import ReadFile
from elysia_desktop.stores.files.index import PassageIndex
from elysia_desktop.stores.files.originals import Originals, Snapshot, original_name
from elysia_desktop.stores.files.passages import passages_of
from elysia_desktop.stores.files.registry import FileRegistry, Registered

logger = logging.getLogger(__name__)


class Shelf:
    """Keeps files whole or not at all, one after the other. Every error is a `StoreError`.

    A file is there from the moment its row is. Its original and its passages are kept before, announced in the
    registry, so that what a process leaves behind when it ends in between is removed at the next start.
    """

    def __init__(
        self, conversation_id: str, registry: FileRegistry, index: PassageIndex, originals: Originals
    ) -> None:
        self.conversation_id = conversation_id
        self.registry = registry
        self.index = index
        self.originals = originals

    async def keep(
        self, name: str, read: ReadFile, source: Snapshot | str, *, written: bool, replaced: Registered | None
    ) -> Registered:
        """Keep a file that was read; `FileRefused` when the same content is there already."""
        file_id = uuid4().hex[:12]
        passages, tokens = await asyncio.to_thread(_cut, file_id, read)
        file = SourceFile(
            id=file_id,
            name=storable(name),
            kind=read.kind,
            size=0,
            tokens=tokens,
            added_at=datetime.fromisoformat(self.registry.time()),
            pages=len(read.pages) or None,
            title=storable(read.title),
            note=storable(read.note),
        )
        new = Registered(file, len(passages), original_name(file_id, read.kind), written)
        await self.registry.announce(file_id, new.original, self.conversation_id)
        try:
            sha256, size = await asyncio.to_thread(self.originals.keep, new.original, source)
            if not written:
                await self.registry.refuse_twice(self.conversation_id, sha256, file.name)
            await self.index.put(passages, _title(file))
            new = replace(new, file=replace(file, size=size))
            gone = "" if replaced is None else replaced.file.id
            await self.registry.add(self.conversation_id, new, read, sha256, gone)
        except BaseException:
            await self._clean_up(new, is_last=False)
            raise
        if replaced is not None:
            await self._clean_up(replaced, is_last=False)
        return new

    async def remove(self, gone: Registered, *, is_last: bool) -> None:
        """Remove a file; with the last one its collection goes, too."""
        await self.registry.remove(gone.file.id)
        await self._clean_up(gone, is_last=is_last)

    async def mend(self, kept: Sequence[Registered]) -> dict[str, int]:
        """Make missing passages anew from the kept texts and remove those of no file.

        Returns into how many passages each file was cut that was cut anew.
        """
        counts = await self.index.counts()
        known = {one.file.id for one in kept}
        if unknown := counts.keys() - known:
            await self.index.remove(unknown - await self.registry.announced(self.conversation_id))
        short = [one.file for one in kept if counts.get(one.file.id, 0) != one.passages]
        return {file.id: await self._indexed_anew(file) for file in short}

    async def _indexed_anew(self, file: SourceFile) -> int:
        read = await self.registry.read(file.id)
        if read is None:  # another program has removed it meanwhile
            return 0
        passages, _ = await asyncio.to_thread(_cut, file.id, read)
        await self.index.remove([file.id])
        await self.index.put(passages, _title(file))
        await self.registry.set_passages(file.id, len(passages))
        return len(passages)

    async def _clean_up(self, gone: Registered, *, is_last: bool) -> None:
        try:
            await asyncio.to_thread(self.originals.remove, gone.original)
            await (self.index.drop() if is_last else self.index.remove([gone.file.id]))
            await self.registry.forget(gone.file.id)
        except StoreError as error:
            logger.warning("What is left of a file stays until the next start: %s", error.sentence)


async def remove_leftovers(
    registry: FileRegistry, index_of: Callable[[str], PassageIndex], originals: Originals, before: str
) -> None:
    """Remove what files that are gone, or did not come to be before that moment, have left behind."""
    for left in await registry.leftovers(before):
        index = index_of(left.conversation_id)
        await asyncio.to_thread(originals.remove, left.original)
        if await registry.has_files(left.conversation_id):
            await index.remove([left.file_id])
        else:
            await index.drop()
        await registry.forget(left.file_id)


def _cut(file_id: str, read: ReadFile) -> tuple[list[Passage], int]:
    return passages_of(file_id, read), estimate_tokens(read.text)


def _title(file: SourceFile) -> str:
    return file.title or file.name
