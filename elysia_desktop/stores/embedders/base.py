"""What turns texts into vectors; nothing above knows more about an embedder than this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Embedding = list[float]
"""A text's vector; all of one embedder have the same number of dimensions."""


@dataclass(frozen=True)
class Unembeddable:
    """Why a text has no vector, while others of the same embedder have."""

    reason: str


class Embedder(Protocol):
    """Turns texts into vectors; those of the same `name` and `model` can be compared with each other.

    Raises `ConfigurationError` (also `MissingKey`, `MissingExtra`) where a setting is in the way and
    `ModelError` (`ModelUnreachable`, `ModelRefused`, `InvalidAnswer`) where the model is.
    """

    @property
    def name(self) -> str:
        """What embeds, such as `openai`."""
        ...

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    @property
    def batch_size(self) -> int:
        """How many texts `embed_documents` takes at most."""
        ...

    @property
    def at_once(self) -> int:
        """How many batches may be on their way at the same time."""
        ...

    async def embed_documents(self, texts: Sequence[str]) -> list[Embedding | Unembeddable]:
        """The vectors of texts that are searched, one per text."""
        ...

    async def embed_query(self, text: str) -> Embedding:
        """The vector of what is looked for."""
        ...

    async def close(self) -> None:
        """Release connections and memory; the next use opens them again."""
        ...
