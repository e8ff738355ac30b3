"""Batches: the next objects of a stream, checked, as many as go into one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.stores.base import Rejected
from elysia_desktop.stores.fitting import Unfit
from elysia_desktop.stores.weaviate.values import Prepared, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.weaviate.vectors import Lengths

# The client library packs a batch on the event loop: a few milliseconds for so much.
_MOST = 200
_BYTES = 500_000


@dataclass
class Batch:
    """The next objects of a stream: those to send and those that do not fit."""

    objects: list[Prepared] = field(default_factory=list[Prepared])
    rejected: list[Rejected] = field(default_factory=list[Rejected])
    taken: int = 0


def next_batch(schema: CollectionSchema, source: Iterator[tuple[int, Any]], lengths: Lengths) -> Batch:
    """Take objects from the stream, as many as go into one request, and check them."""
    batch, size = Batch(), 0
    for index, given in islice(source, _MOST):
        batch.taken += 1
        try:
            one = prepared(schema, index, given)
            lengths.check(one.vector)
        except Unfit as error:
            uuid: Any = cast("Mapping[str, Any]", given).get("uuid") if isinstance(given, Mapping) else None
            batch.rejected.append(Rejected(index, None if uuid is None else str(uuid), str(error)))
            continue
        batch.objects.append(one)
        size += one.size
        if size > _BYTES:
            break
    return batch
