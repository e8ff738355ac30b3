"""The files of a conversation: what is known of each, its passages, and how the rest of the application reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class SourceFile:
    """A file that was dropped into a conversation; `size` in bytes, `tokens` as estimated for a model."""

    id: str
    name: str
    kind: str
    """What it was read as: `pdf`, `docx`, `html`, `markdown`, `text`, `csv` or `json`."""
    size: int
    tokens: int
    added_at: datetime
    pages: int | None = None
    """The number of pages, None where the format has none."""
    title: str = ""
    in_use: bool = True
    """Whether questions are answered from it."""
    note: str = ""
    """What could not be read of it, in words; empty when all was."""


@dataclass(frozen=True)
class PageStart:
    """Where a page begins in the text of its file, in characters; pages count from 1."""

    page: int
    start: int


@dataclass(frozen=True)
class Passage:
    """A part of a file's text: `text` is what stands from `start` up to `end`, in characters."""

    document_id: str
    number: int
    """Its place in the file, from 0."""
    start: int
    end: int
    text: str
    page: int | None = None
    """The page on which it begins."""
    heading: str = ""
    """The headings that it stands under, outermost first, joined by “ › ”."""


@dataclass(frozen=True)
class FoundPassage:
    """A passage that a search found, in the file of that name; a higher score is nearer."""

    passage: Passage
    name: str
    score: float


class Documents(Protocol):
    """The files of one conversation, as tools read them. Every error is a `StoreError`."""

    def listed(self) -> Sequence[SourceFile]:
        """The files in use, in the order they were added; known without waiting."""
        ...

    async def text(self, document_id: str) -> str:
        """The whole text of a file; `QueryRejected` for an unknown id, naming those there are."""
        ...

    async def pages(self, document_id: str) -> Sequence[PageStart]:
        """Where the pages of a file begin; none for a format without pages."""
        ...

    async def passages(self, document_id: str) -> Sequence[Passage]:
        """All passages of a file in their order, the same that searches find."""
        ...

    async def search(self, text: str, limit: int = 8, document_ids: Sequence[str] = ()) -> list[FoundPassage]:
        """The nearest passages of the files in use, or of these; by words and, with an embedder, by meaning."""
        ...
