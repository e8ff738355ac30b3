"""Hybrid search's ranking: relative score fusion, as Weaviate does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elysia_desktop.stores.library.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAST_CANDIDATES = 100
"""How many hits each search contributes at least; scores are relative to the best and the worst of them."""

_DIGITS = 7  # single precision: scores that differ less are equal, and the uuid decides


def fused(vector: Sequence[Hit], keyword: Sequence[Hit], alpha: float, uuids: Mapping[int, str]) -> list[Hit]:
    """The hits of both searches, best first: their scores brought to 0 to 1, weighted with alpha and 1 - alpha.

    In a search whose hits all have the same score each counts fully. What comes out equal is ordered by the
    score of the keyword search, or of the vector search where that alone found it, then by uuid.
    """
    scores: dict[int, float] = {}
    seconds: dict[int, float] = {}
    for hits, weight in ((vector, alpha), (keyword, 1 - alpha)):
        if weight <= 0:
            continue
        for hit, relative in zip(hits, _relative(hits), strict=True):
            scores[hit.row] = scores.get(hit.row, 0.0) + weight * relative
            seconds[hit.row] = hit.score or 0.0

    def rank(row: int) -> tuple[float, float, str]:
        return -round(scores[row], _DIGITS), -round(seconds[row], _DIGITS), uuids[row]

    ordered = sorted(scores, key=rank)
    return [Hit(row, scores[row]) for row in ordered]


def _relative(hits: Sequence[Hit]) -> list[float]:
    given = [hit.score or 0.0 for hit in hits]
    if not given:
        return []
    least, most = min(given), max(given)
    return [1.0 if most == least else (score - least) / (most - least) for score in given]
