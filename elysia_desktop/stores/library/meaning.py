"""Search by meaning: which vectors a request searches, and the objects that a vector or hybrid search finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.stores.library.fusion import LEAST_CANDIDATES, fused
from elysia_desktop.stores.library.values import compact

if TYPE_CHECKING:
    from elysia_desktop.core.requests import AggregateRequest, QueryRequest
    from elysia_desktop.core.schema import VectorConfig
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.library.hits import Hit
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table
    from elysia_desktop.stores.library.texts import Condition

FindNearest = Callable[[Sequence[str], int, str | None], list["Hit"]]
"""The nearest rows: names of vectors, how many, and the JSON list of the rows to choose from, None for all."""

FindKeywords = Callable[[int], list["Hit"]]
"""So many of the best hits of the keyword search, filtered."""


@dataclass(frozen=True)
class Meaning:
    """What turns a request's text into nearest rows; `names` are the vectors that are searched."""

    names: tuple[str, ...]
    nearest: FindNearest


@dataclass(frozen=True)
class Asked:
    """What a vector or hybrid search looks for, among which objects, and how many it wants."""

    search: str
    text: str
    alpha: float
    where: Condition
    wanted: int


def needs_vectors(request: QueryRequest | AggregateRequest) -> bool:
    """Whether the request's text has to be turned into a vector."""
    return request.search == "vector" or (request.search == "hybrid" and alpha_of(request) > 0)


def alpha_of(request: QueryRequest | AggregateRequest) -> float:
    """How much the vectors count in a hybrid search."""
    return getattr(request, "alpha", 0.5)


def searched_vectors(
    table: Table, embedder: Embedder | None, wanted: Sequence[str] | None
) -> tuple[VectorConfig, ...]:
    """The vectors that the embedder's can be compared with; raises `NotSupported`, saying why there are none.

    Those that are named, or all; an object is as near as the nearest of its vectors.
    """
    configs = table.schema.vectors
    for name in wanted or ():
        if configs and name not in {config.name for config in configs}:
            raise QueryRejected.unknown("vector", name, [c.name for c in configs], table.schema.name)
    asked = [config for config in configs if not wanted or config.name in wanted]
    fitting = [config for config in asked if is_made_by(config, embedder)]
    if len(fitting) == len(asked) and fitting:
        return tuple(fitting)
    if fitting and not wanted:
        return tuple(fitting)
    raise _missing(table, asked, embedder)


def is_made_by(config: VectorConfig, embedder: Embedder | None) -> bool:
    """Whether these vectors are an embedder's."""
    return embedder is not None and config.vectorizer == embedder.name and config.model == embedder.model


def _missing(table: Table, asked: Sequence[VectorConfig], embedder: Embedder | None) -> NotSupported:
    name = table.schema.name
    others = [config for config in asked if config.vectorizer != "none"]
    if others:
        made_by = f"{others[0].vectorizer} ({others[0].model})" if others[0].model else others[0].vectorizer
        return NotSupported(
            f"The vectors of “{name}” are those of {made_by}, which is not the embedder in use.",
            'Use search="keyword", or choose that embedder in the settings.',
        )
    if any(config.dimensions for config in asked):
        return NotSupported(
            f"“{name}” has vectors, but no embedder that turns the question into one.",
            'Use search="keyword", or choose the embedder that made the vectors in the settings.',
        )
    missing = "no embedder was chosen for it" if embedder is None else "it is kept without any"
    return NotSupported(
        f"“{name}” has no vectors to search by: {missing}.",
        'Use search="keyword", or choose an embedder for the collection in the settings.',
    )


def by_meaning(
    session: Session, table: Table, asked: Asked, meaning: Meaning | None, keywords: FindKeywords
) -> list[Hit]:
    """The best hits of a vector or hybrid search among the objects that match, best first."""
    passing = None
    if asked.where.sql != "1":
        rows = f"SELECT json_group_array(row) FROM {table.objects} WHERE {asked.where.sql}"
        passing = session.value(rows, asked.where.parameters)
    most = asked.wanted if asked.search == "vector" else max(LEAST_CANDIDATES, asked.wanted)
    near = meaning.nearest(meaning.names, most, passing) if meaning is not None else []
    if asked.search == "vector":
        return near
    worded = keywords(most) if asked.alpha < 1 else []
    rows = compact(list({hit.row for hit in (*near, *worded)}))
    uuids = session.rows(
        f"SELECT row, uuid FROM {table.objects} WHERE row IN (SELECT value FROM json_each(?))", (rows,)
    )
    return fused(near, worded, asked.alpha, dict(uuids))[: asked.wanted]
