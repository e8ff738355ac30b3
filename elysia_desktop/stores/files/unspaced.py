"""Searching passages in scripts without spaces, whose words a keyword search does not tell apart: by pairs of letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from elysia_desktop.core.requests import Filter, Or, PropertyFilter
from elysia_desktop.stores.conversation_search import is_unspaced

if TYPE_CHECKING:
    from elysia_desktop.stores.base import StoredObject

MOST_PAIRS = 32
_FIELD = "content"


def pairs_in(text: str) -> tuple[str, ...]:
    """Every two neighbouring letters of such scripts, each once; a letter that stands alone is told alone."""
    found: dict[str, None] = {}
    for unspaced, letters in groupby(text, is_unspaced):
        if unspaced:
            run = [letter for letter in letters if unicodedata.category(letter)[0] in "LMN"]
            found |= dict.fromkeys(["".join(pair) for pair in pairwise(run)] or run)
    return tuple(found)[:MOST_PAIRS]


def holding(pairs: Sequence[str]) -> Filter:
    """Only passages in which one of the pairs stands."""
    return Or(
        filters=tuple(PropertyFilter(property=_FIELD, operator="LIKE", value=f"*{pair}*") for pair in pairs)
    )


def ranked(
    by_search: Sequence[StoredObject], by_pairs: Sequence[StoredObject], pairs: Sequence[str]
) -> list[StoredObject]:
    """Both together, best first: the share of the pairs that stand in each, and its score against the best one."""
    best = max((float(one["_score"]) for one in by_search), default=0.0) or 1.0
    scores = {one["uuid"]: float(one["_score"]) / best for one in by_search}
    found = {one["uuid"]: one for one in (*by_search, *by_pairs)}
    told = [
        {
            **one,
            "_score": scores.get(uuid, 0.0) + sum(pair in one[_FIELD] for pair in pairs) / len(pairs),
        }
        for uuid, one in found.items()
    ]
    return sorted(told, key=lambda one: (-one["_score"], one["uuid"]))
