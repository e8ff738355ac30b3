"""What is learned of a collection by reading its objects: lengths of texts and lists, and which values are few."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.engine.analysis.lengths import Spread, token_count
from elysia_desktop.stores.base import Store

MAX_GROUPS = 30
LONGEST_GROUP = 1_000
"""Characters beyond which a text is none of a few values to choose from: a few documents are not listed whole."""
_BATCH = 250
_GROUPED = frozenset({
    DataType.TEXT, DataType.TEXTS, DataType.BOOLEAN, DataType.INT, DataType.FLOAT, DataType.DATE
})  # fmt: skip


class Reading:
    """What the objects that were read so far tell: tokens of texts, members of lists, properties of few values.

    Numbers and dates that the store does not index, and so cannot compute with, are measured, too: dates in seconds.
    It can be put away with `to_json` and gone on with. Its size does not grow with the number of objects.
    """

    def __init__(self, schema: CollectionSchema, kept: Mapping[str, Any] | None = None) -> None:
        kept = kept or {}
        spreads = kept.get("spreads", {})
        measured = [prop.name for prop in schema.properties if _is_measured(prop)]
        self._spreads = {name: Spread(**spreads.get(name, {})) for name in measured}
        grouped = [prop.name for prop in schema.properties if prop.type in _GROUPED and prop.filterable]
        self._values: dict[str, set[Any]] = {
            name: set() for name in grouped if name not in kept.get("varied", ())
        }
        self._grouped = grouped
        self._dates = {prop.name for prop in schema.of_type(DataType.DATE)}
        self.filled: dict[str, int] = dict.fromkeys(measured, 0) | kept.get("filled", {})
        self.objects = int(kept.get("objects", 0))
        self.after: str | None = kept.get("after")

    def __contains__(self, name: str) -> bool:
        return name in self._spreads

    def __getitem__(self, name: str) -> Spread:
        return self._spreads[name]

    @property
    def is_needed(self) -> bool:
        """Whether all objects have to be read, because something is measured."""
        return bool(self._spreads)

    @property
    def few_valued(self) -> Collection[str]:
        """The properties that may have few values: of the others more were seen than groups are listed."""
        return self._values.keys()

    def filled_share(self, name: str) -> float:
        """The share of objects in which a list has members."""
        return self.filled[name] / self.objects if self.objects else 0.0

    def to_json(self) -> dict[str, Any]:
        """What is needed to go on."""
        return {
            "objects": self.objects,
            "after": self.after,
            "spreads": {name: asdict(spread) for name, spread in self._spreads.items()},
            "filled": dict(self.filled),
            "varied": [name for name in self._grouped if name not in self._values],
        }

    def add(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Read these objects, too."""
        for item in objects:
            self.objects += 1
            for name, spread in self._spreads.items():
                value: str | float | Sequence[Any] | None = item.get(name)
                if isinstance(value, int | float):
                    spread.add(value)
                elif isinstance(value, str):
                    spread.add(_moment(value).timestamp() if name in self._dates else token_count(value))
                elif isinstance(value, Sequence):
                    spread.add(len(value))
                    self.filled[name] += len(value) > 0
            for name in [*self._values]:
                self._see(name, item.get(name))
            self.after = item.get("uuid", self.after)

    async def read(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Read these objects in a thread, for long texts take their time."""
        await asyncio.to_thread(self.add, objects)

    def _see(self, name: str, value: Any) -> None:
        """Note a value, until there are too many different ones or one is too long."""
        if value is None:
            return
        seen = self._values[name]
        several: Sequence[Any] = value if name in self._spreads and not isinstance(value, str) else (value,)
        if name in self._dates and isinstance(value, str):
            # The same moment may be written with several offsets.
            several = (_moment(value),)
        seen.update(several)
        if len(seen) > MAX_GROUPS or any(
            isinstance(one, str) and len(one) > LONGEST_GROUP for one in several
        ):
            del self._values[name]


async def read_all(store: Store, name: str, reading: Reading) -> AsyncGenerator[int, None]:
    """Read every object of a collection that was not read yet, in constant memory; yields how many are done."""
    batch: list[dict[str, Any]] = []
    async for item in store.scan(name, after=reading.after):
        batch.append(item)
        if len(batch) == _BATCH:
            await reading.read(batch)
            batch = []
            yield reading.objects
    if batch:
        await reading.read(batch)
        yield reading.objects


def _is_measured(prop: Property) -> bool:
    if prop.type is DataType.TEXT or prop.type.is_list:
        return True
    return not prop.filterable and (prop.type.is_number or prop.type is DataType.DATE)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
