"""Queries: search, filter, sort and page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.stores.weaviate import searching, sorting
from elysia_desktop.stores.weaviate.filters import any_of_ids, translated, whole
from elysia_desktop.stores.weaviate.objects import reading, stored

if TYPE_CHECKING:
    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.core.requests import QueryRequest
    from elysia_desktop.stores.base import StoredObject
    from elysia_desktop.stores.comparisons import Checked
    from elysia_desktop.stores.weaviate.targets import Target


async def answer(
    target: Target, request: QueryRequest, checked: Checked | None
) -> tuple[list[StoredObject], int | None]:
    """The page of a request, and how many match in all, where that is known."""
    where = None if checked is None else translated(checked)
    if request.search == "none":
        return await (_sorted(target, request, where) if request.sort else _plain(target, request, where))
    return await (_sorted_search if request.sort else _search)(target, request, where)


async def _plain(
    target: Target, request: QueryRequest, where: FilterReturn | None
) -> tuple[list[StoredObject], int]:
    arguments: dict[str, Any] = {
        "filters": whole(where),
        "limit": request.limit,
        "offset": request.offset,
        **reading(target.schema, request.properties),
    }
    found, counted = await asyncio.gather(
        target.read("fetch_objects", **arguments),
        target.run(lambda c: c.aggregate.over_all(filters=where, total_count=True)),
    )
    objects = [stored(target.schema, one, request.properties) for one in found]
    return objects, counted.total_count or 0


async def _sorted(
    target: Target, request: QueryRequest, where: FilterReturn | None
) -> tuple[list[StoredObject], int]:
    found, total = await sorting.page(target, request, where)
    return [stored(target.schema, one, request.properties) for one in found], total


async def _search(
    target: Target, request: QueryRequest, where: FilterReturn | None
) -> tuple[list[StoredObject], int | None]:
    found = await searching.hits(target, request, where, request.limit, request.offset, request.properties)
    objects = [searching.scored(target.schema, hit, request.properties) for hit in found]
    is_last = len(found) < request.limit and (found or not request.offset)
    total = request.offset + len(found) if is_last and request.search == "keyword" else None
    return objects, total


async def _sorted_search(
    target: Target, request: QueryRequest, where: FilterReturn | None
) -> tuple[list[StoredObject], int | None]:
    """Weaviate sorts no search: it is asked once more for what was found, in order."""
    # By keyword all hits are sorted, by vector the nearest: there every object is a hit.
    most = MAX_LIMIT if request.search == "keyword" else request.offset + request.limit
    found = await searching.hits(target, request, where, most)
    if not found:
        return [], 0
    scores = {str(hit.uuid): searching.score_of(hit) for hit in found}
    objects, _ = await _sorted(target, request, any_of_ids(list(scores)))
    for one in objects:
        one["_score"] = scores.get(one["uuid"])
    is_known = request.search == "keyword" and len(found) < most
    return objects, len(found) if is_known else None
