"""What analysis is asked for, checked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.engine.analysis.mapping import THRESHOLD
from elysia_desktop.stores.base import is_internal

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.stores.base import Store


class AnalysisRefused(QueryRejected, ValueError):
    """What was asked of analysis cannot be done as written; the text names what exists."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())


@dataclass(frozen=True)
class Limits:
    """How much of a collection a model gets to see, and how much of a display has to be mapped.

    Raises `ValueError` where they contradict each other.
    """

    min_sample_size: int = 10
    max_sample_size: int | None = None
    num_sample_tokens: int = 30_000
    percentage_correct_threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        if self.min_sample_size < 1:
            raise ValueError(f"A sample has at least 1 object, not {self.min_sample_size}.")
        if self.max_sample_size is not None and self.max_sample_size < self.min_sample_size:
            raise ValueError(
                f"The largest sample ({self.max_sample_size}) cannot be smaller than the smallest "
                f"({self.min_sample_size})."
            )
        if self.num_sample_tokens < 1:
            raise ValueError(f"A sample has at least 1 token, not {self.num_sample_tokens}.")
        if not 0 <= self.percentage_correct_threshold <= 1:
            raise ValueError(
                f"The threshold is a share between 0 and 1, not {self.percentage_correct_threshold}."
            )


async def count_of(store: Store, name: str) -> int:
    """The number of objects; raises `AnalysisRefused` when there is no such collection, naming those there are."""
    counts = {info.name: info.count for info in await store.collections()}
    if name not in counts:
        own = [other for other in counts if not is_internal(other)]
        raise AnalysisRefused.unknown("collection", name, own)
    return counts[name]


@asynccontextmanager
async def opened(
    client_manager: ClientManager | None, settings: Settings | None = None
) -> AsyncGenerator[Store, None]:
    """The store of the clients that were given, which stay open, or of ones of our own."""
    if client_manager is not None:
        yield client_manager.store()
        return
    from elysia_desktop.stores.clients import ClientManager as Clients

    own = Clients(settings=settings)
    try:
        yield own.store()
    finally:
        await own.close_clients()
