"""What an analysis that was cut off had found out, kept in the store until it is gone on with."""

from __future__ import annotations

import json
import logging
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from elysia_desktop.core.collection_data import Metadata
from elysia_desktop.core.errors import QueryRejected, StoreError
from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.stores import analyses
from elysia_desktop.stores.analyses import COLLECTION
from elysia_desktop.stores.base import InsertReport, Store

logger = logging.getLogger(__name__)

_SECONDS_TRUSTED = 24 * 3600
"""How long the objects read so far are taken to be what they were, where the store does not tell of changes."""
_SCHEMA = CollectionSchema(
    name=COLLECTION,
    description="Analyses that were cut off, to go on with.",
    properties=(
        Property(name="name", type=DataType.TEXT, tokenization="field"),
        Property(name="found", type=DataType.TEXT, filterable=False, searchable=False, tokenization="field"),
    ),
)


@dataclass
class Found:
    """What was found out so far; `data` and `asked` tell of which objects, and how the model was asked.

    It holds as long as what was known of the collection is `replaces`, of which it is a digest. The statistics are
    those of the `revision` of the objects, None where the store does not tell, and were `begun` at that Unix time.
    """

    replaces: str = ""
    is_forced: bool = False
    data: str = ""
    revision: str | None = None
    begun: float = 0.0
    reading: dict[str, Any] | None = None
    statistics: Metadata | None = None
    asked: str = ""
    about: dict[str, Any] | None = None
    displays: list[str] | None = None
    mappings: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    @property
    def is_worth_keeping(self) -> bool:
        """Whether anything was found out."""
        return self.reading is not None or self.statistics is not None

    def of(self, data: str, revision: str | None) -> Found:
        """What of this holds for such data: answers of the model if they look the same, statistics if they are.

        Where the store does not tell, objects that were read within a day are not read again, but statistics that
        were complete are computed anew.
        """
        now = time.time()
        if self.data != data:
            return Found(self.replaces, self.is_forced, data=data, revision=revision, begun=now)
        if revision is not None and revision == self.revision:
            return self
        is_recent = revision == self.revision and 0 <= now - self.begun < _SECONDS_TRUSTED
        if is_recent and self.reading is not None:
            return self
        return replace(self, revision=revision, begun=now, reading=None, statistics=None)


class Unfinished:
    """Reads, writes and forgets what was found out about one collection.

    A store that takes no new collection is analysed all the same: then nothing is kept, which the log tells.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._uuid = analyses.uuid_for(name)
        self._can_keep = True

    async def load(self) -> Found:
        """What was kept, or nothing yet where there is nothing that can be read."""
        try:
            kept = await self._store.get(COLLECTION, [self._uuid])
            return Found(**json.loads(kept[0]["found"])) if kept else Found()
        except QueryRejected:  # nothing was ever kept here
            return Found()
        except (KeyError, TypeError, ValueError):
            logger.warning("What was kept of the analysis of %s cannot be read.", self._name)
            return Found()

    async def save(self, found: Found) -> None:
        """Keep this; a failure is logged."""
        if not self._can_keep or not found.is_worth_keeping:
            return
        item = {"uuid": self._uuid, "name": self._name, "found": json.dumps(asdict(found))}
        try:
            await self._store.schema(self._name)  # what was dropped meanwhile leaves nothing behind
            report = await self._insert(item)
            reasons = [one.reason for one in report.rejected]
        except StoreError as error:
            reasons = [error.sentence]
        if reasons:
            self._can_keep = False
            logger.warning("The analysis of %s is not kept on the way: %s", self._name, reasons[0])

    async def forget(self) -> None:
        """Forget what was kept; a failure is logged."""
        try:
            await analyses.forget(self._store, self._name)
        except StoreError as error:
            logger.warning("What was kept of the analysis of %s is still there: %s", self._name, error)

    async def _insert(self, item: dict[str, Any]) -> InsertReport:
        try:
            return await self._store.insert(COLLECTION, [item])
        except QueryRejected:  # it is not there yet, or not any more
            with suppress(QueryRejected):  # another analysis has just made it
                await self._store.create(_SCHEMA)
            return await self._store.insert(COLLECTION, [item])
