"""Files of a conversation that are kept in memory, and searched by words."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import log
from uuid import uuid4

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.files import FoundPassage, PageStart, Passage, SourceFile
from elysia_desktop.core.tokens import estimate_tokens
from elysia_desktop.stores.files.base import ReadFile
from elysia_desktop.stores.files.passages import passages_of
from elysia_desktop.stores.files.reading import read_text
from elysia_desktop.stores.terms import terms

_SATURATION, _LENGTH = 1.2, 0.75
"""BM25's k1, after which more of the same word counts little, and b, how much longer passages count less."""


@dataclass(frozen=True)
class _Indexed:
    """A passage and how often each word is in it."""

    passage: Passage
    words: Counter[str]


@dataclass(frozen=True)
class _Kept:
    """A file, its text, and what of it can be found."""

    file: SourceFile
    read: ReadFile
    passages: tuple[_Indexed, ...]
    written: bool


class MemoryDocuments:
    """Files that end with the process; `core.files.Documents`, and it can be written to."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def listed(self) -> list[SourceFile]:
        """The files in use, in the order they were added."""
        return [kept.file for kept in list(self._kept.values()) if kept.file.in_use]

    async def text(self, document_id: str) -> str:
        """The whole text of a file, in use or not."""
        return self._find(document_id).read.text

    async def pages(self, document_id: str) -> Sequence[PageStart]:
        """Where the pages of a file begin."""
        return self._find(document_id).read.pages

    async def passages(self, document_id: str) -> Sequence[Passage]:
        """All passages of a file in their order."""
        return [indexed.passage for indexed in self._find(document_id).passages]

    async def search(self, text: str, limit: int = 8, document_ids: Sequence[str] = ()) -> list[FoundPassage]:
        """The passages of the files in use, or of these, that have the words of the text, as BM25 ranks them."""
        asked = [self._find(document_id) for document_id in document_ids] or [
            self._find(file.id) for file in self.listed()
        ]
        return await asyncio.to_thread(_ranked, terms(text), asked, limit)

    async def add(self, name: str, content: str) -> SourceFile:
        """Keep a text as a file that the person added."""
        return await self._keep(name, content, written=False)

    async def write(self, name: str, content: str) -> SourceFile:
        """Keep a text that a tool wrote, in place of one that was written under that name before."""
        return await self._keep(name, content, written=True)

    async def use(self, document_id: str, in_use: bool) -> None:
        """Answer questions from a file, or no longer."""
        kept = self._find(document_id)
        self._kept[kept.file.id] = replace(kept, file=replace(kept.file, in_use=in_use))

    async def delete(self, document_id: str) -> None:
        """Take a file out of the conversation."""
        del self._kept[self._find(document_id).file.id]

    async def _keep(self, name: str, content: str, *, written: bool) -> SourceFile:
        file_id = uuid4().hex[:12]
        read = await asyncio.to_thread(read_text, name, content)
        indexed = await asyncio.to_thread(_indexed, file_id, read)
        file = SourceFile(
            id=file_id,
            name=name,
            kind=read.kind,
            size=len(content.encode("utf-8", "replace")),
            tokens=estimate_tokens(read.text),
            added_at=datetime.now(UTC),
            pages=len(read.pages) or None,
            title=read.title,
            note=read.note,
        )
        before = [kept.file.id for kept in self._kept.values() if kept.written and kept.file.name == name]
        for document_id in before if written else ():
            del self._kept[document_id]
        self._kept[file_id] = _Kept(file, read, indexed, written)
        return file

    def _find(self, document_id: str) -> _Kept:
        if document_id not in self._kept:
            raise QueryRejected.unknown("file", document_id, self._kept)
        return self._kept[document_id]


def _indexed(document_id: str, read: ReadFile) -> tuple[_Indexed, ...]:
    return tuple(
        _Indexed(passage, Counter(terms(f"{passage.heading}\n{passage.text}")))
        for passage in passages_of(document_id, read)
    )


def _ranked(words: Iterable[str], asked: Sequence[_Kept], limit: int) -> list[FoundPassage]:
    """The passages with any of the words, by Okapi BM25, the best first."""
    all_of = [(kept.file.name, indexed) for kept in asked for indexed in kept.passages]
    total = sum(indexed.words.total() for _, indexed in all_of)
    if not total:  # no files, or signs alone
        return []
    average = total / len(all_of)
    weights = {word: _weight(sum(word in one.words for _, one in all_of), len(all_of)) for word in set(words)}
    found = [
        FoundPassage(indexed.passage, name, score)
        for name, indexed in all_of
        if (score := _score(indexed.words, weights, average)) > 0
    ]
    return sorted(found, key=lambda one: -one.score)[:limit]


def _weight(having: int, of: int) -> float:
    """How much a word says that so many of the passages have."""
    return log(1 + (of - having + 0.5) / (having + 0.5))


def _score(words: Counter[str], weights: dict[str, float], average: float) -> float:
    length = 1 - _LENGTH + _LENGTH * words.total() / average
    return sum(
        weight * words[word] * (_SATURATION + 1) / (words[word] + _SATURATION * length)
        for word, weight in weights.items()
    )
