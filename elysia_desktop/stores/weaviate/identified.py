"""Objects by their ids: read, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weaviate.exceptions import UnexpectedStatusCodeError

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores.fitting import Unfit, fitted_uuid
from elysia_desktop.stores.weaviate import failures, vectors
from elysia_desktop.stores.weaviate.filters import any_of_ids
from elysia_desktop.stores.weaviate.objects import reading, stored
from elysia_desktop.stores.weaviate.values import fitted_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.stores.base import StoredObject
    from elysia_desktop.stores.weaviate.targets import Collection, Target

_PAGE = 1_000
_MISSING = 404


async def get(target: Target, uuids: Sequence[str]) -> list[StoredObject]:
    """The objects with these ids, in the order asked; unknown ids are left out."""
    found: list[StoredObject] = []
    for ids in _pages(uuids):
        by_uuid = {one["uuid"]: one for one in await by_ids(target, ids)}
        found += [by_uuid[uuid] for uuid in ids if uuid in by_uuid]
    return found


async def by_ids(
    target: Target, uuids: Sequence[str], names: Sequence[str] | None = None
) -> list[StoredObject]:
    """The objects with these ids, at most 10,000, in no order."""
    if not uuids:
        return []
    arguments: dict[str, Any] = {"ids": uuids, "limit": len(uuids), **reading(target.schema, names)}
    found = await target.read("fetch_objects_by_ids", **arguments)
    return [stored(target.schema, one, names) for one in found]


async def delete(target: Target, uuids: Sequence[str]) -> int:
    """Remove objects; returns how many there were."""
    removed = 0
    for ids in _pages(uuids):
        # Counted before: a request that is sent again would find those that its first time removed gone.
        there = [one["uuid"] for one in await by_ids(target, ids, ())]
        if there:
            where = any_of_ids(there)
            await target.run(lambda c, where=where: removed_all(c, where))
        removed += len(there)
    return removed


async def removed_all(collection: Collection, where: FilterReturn) -> None:
    """Remove what matches; raises `failures.Away` where a part of it stayed."""
    answer = await collection.data.delete_many(where=where)
    if answer.failed:
        raise failures.Away(f"{answer.failed} objects were not removed")


async def update(target: Target, uuid: str, properties: Mapping[str, Any]) -> None:
    """Change some properties of one object; raises `QueryRejected` where they do not fit or it is gone."""
    schema = target.schema
    try:
        values, references = fitted_values(schema, properties)
        vector = properties.get("_vector")
        sent = None if vector is None else vectors.given(schema, vector)
        vectors.Lengths(schema).check(sent)
        _check_uuid(uuid, properties)
    except Unfit as error:
        raise QueryRejected(str(error), "Mend the value and try again.") from None

    async def changed(collection: Collection) -> bool:
        try:
            await collection.data.update(fitted_uuid(uuid), values, vector=sent)
            for name, linked in references.items():
                await collection.data.reference_replace(fitted_uuid(uuid), name, to=linked or [])
        except UnexpectedStatusCodeError as error:
            if error.status_code == _MISSING:
                return False
            raise
        return True

    if not await target.run(changed):
        raise QueryRejected(
            f"There is no object {uuid} in {schema.name}.", "Ask for the objects again; it was deleted."
        )


def _check_uuid(uuid: str, properties: Mapping[str, Any]) -> None:
    if fitted_uuid(properties.get("uuid", uuid)) != fitted_uuid(uuid):
        raise Unfit("An object keeps its uuid.")


def _pages(uuids: Iterable[str]) -> Iterator[list[str]]:
    ids: list[str] = []
    for uuid in uuids:
        try:
            ids.append(fitted_uuid(uuid))
        except Unfit:
            continue  # no object has it
    ids = list(dict.fromkeys(ids))
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]
