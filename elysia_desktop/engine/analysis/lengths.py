"""How long the texts and lists of a collection are, measured object by object."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elysia_desktop.core.schema import CollectionSchema, DataType
from elysia_desktop.stores.base import Store

_BATCH = 250
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese."""


def token_count(text: str) -> int:
    """The number of words; where a script has no spaces, each of its characters counts."""
    if not text.isascii():
        text = _UNSPACED.sub(" x ", text)
    return len(text.split())


@dataclass
class Spread:
    """The shortest, longest and mean of what was measured."""

    count: int = 0
    total: int = 0
    low: int = 0
    high: int = 0

    def add(self, length: int) -> None:
        """Measure one more."""
        self.low = min(self.low, length) if self.count else length
        self.high = max(self.high, length)
        self.total += length
        self.count += 1

    @property
    def range(self) -> list[int] | None:
        """Shortest and longest, None when nothing was measured."""
        return [self.low, self.high] if self.count else None

    @property
    def mean(self) -> float | None:
        """The mean, None when nothing was measured."""
        return self.total / self.count if self.count else None


class Lengths:
    """The lengths of a collection's properties: tokens of texts, members of lists; null has none."""

    def __init__(self, schema: CollectionSchema) -> None:
        measured = [prop for prop in schema.properties if prop.type is DataType.TEXT or prop.type.is_list]
        self._spreads = {prop.name: Spread() for prop in measured}
        self.objects = 0

    def __contains__(self, name: str) -> bool:
        return name in self._spreads

    def __getitem__(self, name: str) -> Spread:
        return self._spreads[name]

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to measure."""
        return bool(self._spreads)

    def add(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Measure these objects, too."""
        for item in objects:
            self.objects += 1
            for name, spread in self._spreads.items():
                value = item.get(name)
                if isinstance(value, str):
                    spread.add(token_count(value))
                elif isinstance(value, list | tuple):
                    spread.add(len(value))  # pyright: ignore[reportUnknownArgumentType]

    async def measure(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Measure these objects in a thread, for long texts take their time."""
        await asyncio.to_thread(self.add, objects)


async def measure_all(store: Store, name: str, lengths: Lengths) -> AsyncIterator[int]:
    """Measure every object of a collection in constant memory; yields how many are done."""
    batch: list[dict[str, Any]] = []
    async for item in store.scan(name):
        batch.append(item)
        if len(batch) == _BATCH:
            await lengths.measure(batch)
            batch = []
            yield lengths.objects
    if batch:
        await lengths.measure(batch)
        yield lengths.objects
