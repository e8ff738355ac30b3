"""Scans and samples: all objects by cursor, in constant memory."""

from __future__ import annotations

import heapq
from hashlib import blake2b
from typing import TYPE_CHECKING
from uuid import UUID

from elysia_desktop.stores.fitting import cursor
from elysia_desktop.stores.weaviate.filters import any_of_ids, both
from elysia_desktop.stores.weaviate.identified import by_ids
from elysia_desktop.stores.weaviate.objects import reading, stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.stores.base import StoredObject
    from elysia_desktop.stores.weaviate.targets import Found, Target

_PAGE = 500
_IDS = 2_000
_MOST_SAMPLED = 10_000
_SMALLEST = str(UUID(int=0))


async def matching(
    target: Target, where: FilterReturn | None, after: str | None, names: Sequence[str] | None = None
) -> AsyncIterator[StoredObject]:
    """All objects that match, by uuid, from behind `after` on."""
    after = None if after is None else cursor(after)
    if after is None:
        # The cursor begins behind the smallest uuid, which an object may have.
        for found in await _among(target, where, [_SMALLEST], names):
            yield found
    if where is None:
        async for page in _pages(target, after, _PAGE, names):
            for one in page:
                yield stored(target.schema, one, names)
        return
    # Weaviate's cursor takes no filter.
    async for page in _pages(target, after, _IDS, ()):
        for found in await _among(target, where, [str(one.uuid) for one in page], names):
            yield found


async def _pages(
    target: Target, after: str | None, size: int, names: Sequence[str] | None
) -> AsyncIterator[list[Found]]:
    asked = reading(target.schema, names)
    while True:
        page = await target.read("fetch_objects", limit=size, after=after or _SMALLEST, **asked)
        if page:
            yield page
        if len(page) < size:
            return
        after = str(page[-1].uuid)


async def _among(
    target: Target, where: FilterReturn | None, ids: list[str], names: Sequence[str] | None
) -> list[StoredObject]:
    """Those of the objects with these ids that match, by uuid."""
    among = any_of_ids(ids) if where is None else both(any_of_ids(ids), where)
    found = await target.read("fetch_objects", filters=among, limit=len(ids), **reading(target.schema, names))
    return sorted((stored(target.schema, one, names) for one in found), key=lambda one: one["uuid"])


async def sample(target: Target, n: int, seed: int) -> list[StoredObject]:
    """A uniform sample of at most 10,000 objects; reads every uuid, 2,000 in a request, to choose."""
    wanted = min(n, _MOST_SAMPLED)
    if wanted <= 0:
        return []
    smallest = await _among(target, None, [_SMALLEST], ())
    chosen = [(_rank(seed, _SMALLEST), _SMALLEST)] if smallest else []
    async for page in _pages(target, None, _IDS, ()):
        ranked = ((_rank(seed, str(one.uuid)), str(one.uuid)) for one in page)
        chosen = heapq.nsmallest(wanted, (*chosen, *ranked))
    uuids = [uuid for _, uuid in chosen]
    found = {one["uuid"]: one for one in await by_ids(target, uuids)}
    return [found[uuid] for uuid in uuids if uuid in found]


def _rank(seed: int, uuid: str) -> int:
    """A number that depends on nothing else, so that which objects are chosen does not on their order."""
    return int.from_bytes(blake2b(f"{seed}:{uuid}".encode(), digest_size=8).digest())
