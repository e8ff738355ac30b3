"""Inserts: a stream of objects in batches, each object that is turned away with its reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from weaviate.classes.data import DataObject
from weaviate.exceptions import (
    WeaviateInsertInvalidPropertyError,
    WeaviateInsertManyAllFailedError,
    WeaviateInvalidInputError,
)

from elysia_desktop.stores.base import InsertReport, Rejected
from elysia_desktop.stores.object_stream import ObjectStream
from elysia_desktop.stores.weaviate import failures
from elysia_desktop.stores.weaviate.batches import Batch, next_batch
from elysia_desktop.stores.weaviate.vectors import Lengths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from elysia_desktop.stores.base import Progress
    from elysia_desktop.stores.weaviate.targets import Collection, Target
    from elysia_desktop.stores.weaviate.values import Prepared

_UNSENDABLE = (TypeError, ValueError, WeaviateInsertInvalidPropertyError, WeaviateInvalidInputError)
_SET_OF_ERRORS = "Here is the set of all errors: "


async def insert(
    target: Target, objects: Iterable[Mapping[str, Any]], progress: Progress | None
) -> InsertReport:
    """Send the stream, one batch while the next is made; what `progress` has told of is stored."""
    target = replace(target, calls=target.calls.patiently())
    stream, lengths = ObjectStream(objects), Lengths(target.schema)

    def taken(source: Iterator[tuple[int, Any]]) -> Batch:
        return next_batch(target.schema, source, lengths)

    done = inserted = 0
    rejected: list[Rejected] = []
    batch = await stream.read(taken)
    while batch.taken:
        refused, following = await asyncio.gather(
            _sent(target, batch.objects), stream.read(taken), return_exceptions=True
        )
        if isinstance(refused, BaseException):
            raise refused
        done += batch.taken
        inserted += len(batch.objects) - len(refused)
        rejected += [*batch.rejected, *refused]
        if progress is not None:
            progress(done)
        if isinstance(following, BaseException):
            raise following
        batch = following
    return InsertReport(inserted, sorted(rejected, key=lambda one: one.index))


async def _sent(target: Target, objects: Sequence[Prepared]) -> list[Rejected]:
    """Store the objects; returns those that Weaviate turned away."""
    if not objects:
        return []
    refused = await target.run(lambda collection: _stored(collection, objects))
    secrets = target.calls.connections.endpoint.secrets
    return [
        Rejected(one.index, one.uuid, f"Weaviate did not take it: {failures.shortened(one.reason, secrets)}")
        for one in refused
    ]


async def _stored(collection: Collection, objects: Sequence[Prepared]) -> list[Rejected]:
    data = [
        DataObject(one.properties, uuid=one.uuid, references=one.references or None, vector=one.vector)
        for one in objects
    ]
    try:
        answer = await collection.data.insert_many(data)
    except WeaviateInsertManyAllFailedError as error:
        return await _all_failed(collection, objects, error)
    except _UNSENDABLE as error:
        if len(objects) == 1:
            return [_rejected(objects[0], str(error))]
        return await _halved(collection, objects)
    for found in answer.errors.values():
        if failures.is_away(found.message):
            raise failures.Away(found.message)  # all of them go again, which changes nothing for the others
    return [_rejected(objects[position], found.message) for position, found in answer.errors.items()]


async def _all_failed(
    collection: Collection, objects: Sequence[Prepared], error: WeaviateInsertManyAllFailedError
) -> list[Rejected]:
    """Which object failed why: the client library tells only the different reasons, if all failed."""
    if failures.is_passing(error) or failures.concerns_all(error):
        raise error
    reasons = error.message.partition(_SET_OF_ERRORS)[2]
    if len(objects) == 1 or "\n" not in reasons:
        return [_rejected(one, reasons) for one in objects]
    return await _halved(collection, objects)


async def _halved(collection: Collection, objects: Sequence[Prepared]) -> list[Rejected]:
    middle = len(objects) // 2
    return [*await _stored(collection, objects[:middle]), *await _stored(collection, objects[middle:])]


def _rejected(one: Prepared, message: str) -> Rejected:
    return Rejected(one.index, one.uuid, message)
