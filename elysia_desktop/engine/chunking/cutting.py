"""A text in chunks of a few sentences that overlap."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from elysia_desktop.core.sentences import sentences

SENTENCES = 5
OVERLAP = 1
_NAMESPACE = UUID("8f0c6f0e-4a53-5d0b-9d4e-6f6b1a1f1c55")


@dataclass(frozen=True)
class Chunk:
    """A part of a document: `text` is what stands from `start` up to `end`, in characters."""

    document: str
    start: int
    end: int
    text: str

    @property
    def uuid(self) -> str:
        """The same for the same part of the same text, so that no part is kept twice and none of an older text."""
        return str(uuid5(_NAMESPACE, f"{self.document} {self.start} {self.end} {self.text}"))


def chunks_of(document: str, text: str) -> list[Chunk]:
    """The text of the document with this id, five sentences a time, the last of each chunk also the next one's first."""
    spans = sentences(text)
    chunks: list[Chunk] = []
    for first in range(0, max(len(spans) - OVERLAP, min(len(spans), 1)), SENTENCES - OVERLAP):
        together = spans[first : first + SENTENCES]
        start, end = together[0][0], together[-1][1]
        chunks.append(Chunk(document, start, end, text[start:end]))
    return chunks
