"""Searches: the objects that a text is nearest to, by keyword, by vector, or both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from weaviate.classes.query import HybridFusion, MetadataQuery

from elysia_desktop.core.errors import NotSupported
from elysia_desktop.stores.weaviate.collections import SINGLE
from elysia_desktop.stores.weaviate.objects import reading, stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.core.requests import AggregateRequest, QueryRequest
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.base import StoredObject
    from elysia_desktop.stores.weaviate.targets import Found, Target

_EVEN = 0.5
"""How much of a hybrid score comes from the vector, where a request does not say."""


async def hits(
    target: Target,
    request: QueryRequest | AggregateRequest,
    where: FilterReturn | None,
    limit: int,
    offset: int = 0,
    names: Sequence[str] | None = (),
) -> list[Found]:
    """What a search finds, best first, with the properties of these names."""
    arguments: dict[str, Any] = {
        "query": request.text,
        "filters": where,
        "limit": limit,
        "offset": offset,
        "return_metadata": MetadataQuery(score=True, distance=request.search == "vector"),
        **reading(target.schema, names),
    }
    if request.search == "keyword":
        return await target.read("bm25", **arguments)
    asked = getattr(request, "target_vectors", None)
    alpha = getattr(request, "alpha", _EVEN)
    if request.search == "vector" or alpha > 0:
        refuse_vectors(target.schema, asked)
    arguments |= _target_vector(target.schema, asked)
    if request.search == "vector":
        return await target.read("near_text", **arguments)
    arguments |= {"alpha": alpha, "fusion_type": HybridFusion.RELATIVE_SCORE}
    return await target.read("hybrid", **arguments)


async def nearest(
    target: Target, vector: Sequence[float], limit: int, vector_name: str
) -> list[StoredObject]:
    """The objects whose vectors of this name are nearest to a given one."""
    arguments: dict[str, Any] = {
        "near_vector": list(vector),
        "limit": limit,
        "return_metadata": MetadataQuery(distance=True),
        **_target_vector(target.schema, (vector_name,)),
        **reading(target.schema, None),
    }
    found = await target.read("near_vector", **arguments)
    return [scored(target.schema, hit) for hit in found]


async def mixed(
    target: Target, text: str, vector: Sequence[float], limit: int, vector_name: str, alpha: float
) -> list[StoredObject]:
    """What hybrid search ranks first where the question's vector is given."""
    arguments: dict[str, Any] = {
        "query": text,
        "vector": list(vector),
        "alpha": alpha,
        "fusion_type": HybridFusion.RELATIVE_SCORE,
        "limit": limit,
        "return_metadata": MetadataQuery(score=True),
        **_target_vector(target.schema, (vector_name,)),
        **reading(target.schema, None),
    }
    found = await target.read("hybrid", **arguments)
    return [scored(target.schema, hit) for hit in found]


def refuse_vectors(schema: CollectionSchema, asked: Sequence[str] | None = None) -> None:
    """Raise `NotSupported`, saying why, where a question cannot become a vector."""
    chosen = [vector for vector in schema.vectors if not asked or vector.name in asked]
    if any(vector.vectorizer != "none" for vector in chosen):
        return
    what = "vectors, but no vectoriser" if schema.vectors else "no vectors and no vectoriser"
    raise NotSupported(
        f"“{schema.name}” has {what} in Weaviate that turns the question into one.",
        'Use search="keyword", or a collection that was made with a vectoriser.',
    )


def scored(schema: CollectionSchema, hit: Found, names: Sequence[str] | None = None) -> StoredObject:
    """The object of a hit with its score."""
    found = stored(schema, hit, names)
    found["_score"] = score_of(hit)
    return found


def score_of(hit: Found) -> float | None:
    """The score, higher is nearer; for vectors alone 1 less the distance."""
    distance = hit.metadata.distance
    return hit.metadata.score if distance is None else 1 - distance


def _target_vector(schema: CollectionSchema, asked: Sequence[str] | None) -> dict[str, Any]:
    """Which vectors to search by: those asked for, else all that a text can be compared with."""
    if not schema.vectors or (len(schema.vectors) == 1 and schema.vectors[0].name == SINGLE):
        return {}
    comparable = [vector.name for vector in schema.vectors if vector.vectorizer != "none"]
    # Weaviate wants some to be named even for a search that is by words alone.
    names = list(asked or comparable or [vector.name for vector in schema.vectors])
    return {"target_vector": names[0] if len(names) == 1 else names}
