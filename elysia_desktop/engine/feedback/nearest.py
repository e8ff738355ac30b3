"""Finds the well-rated runs whose questions are nearest to a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from elysia_desktop.core.run_record import RunRecord
from elysia_desktop.engine.feedback.similarity import cosine, likeness, rarities, words_of
from elysia_desktop.stores.embedders.base import Unembeddable

if TYPE_CHECKING:
    from elysia_desktop.stores.embedders.base import Embedder
    from elysia_desktop.stores.feedback import RatedRuns, WellRated

_NEAR_BY_WORDS = 0.3
_NEAR_BY_MEANING = 0.6
"""From here on vectors of the usual models speak of the same matter; unrelated questions reach about 0.5."""
_VERY_GOOD = 1.3
"""What a run that was rated 2 counts beside one that was rated 1."""
_MOST_CANDIDATES = 12
"""More than are shown: some may be about collections that are not in use."""


async def nearest(
    question: str, runs: RatedRuns, tools: Collection[str], embedder: Embedder | None = None
) -> tuple[RunRecord, ...]:
    """The records of near, well-rated runs that used none but these tools, the nearest first.

    Raises `StoreError`, and with an `embedder` what it raises.
    """
    candidates = [run for run in await runs.well_rated() if run.tools and set(run.tools) <= set(tools)]
    if not candidates:
        return ()
    vectors: Mapping[str, Sequence[float]] = {}
    asked: Sequence[float] = ()
    if embedder is not None:
        asked, vectors = await _embedded(question, candidates, runs, embedder)
    found = await asyncio.to_thread(_ranked, question, candidates, asked, vectors)
    return tuple(record for record in await runs.records(found) if not record.stopped)


async def _embedded(
    question: str, candidates: Sequence[WellRated], runs: RatedRuns, embedder: Embedder
) -> tuple[Sequence[float], Mapping[str, Sequence[float]]]:
    """The question's vector, and those of the runs by query id.

    At most one batch is embedded; what is left of new runs follows with the next question.
    """
    name = f"{embedder.name}:{embedder.model}"
    kept: dict[str, Sequence[float]] = {**await runs.vectors(name)}
    missing = [run for run in candidates if run.query_id not in kept][: embedder.batch_size - 1]
    # All of them as texts that are searched: models embed what is looked for in another way.
    asked, *made = await embedder.embed_documents([question, *(run.question for run in missing)])
    new = {
        run.query_id: vector
        for run, vector in zip(missing, made, strict=True)
        if not isinstance(vector, Unembeddable)
    }
    if new:
        await runs.keep_vectors(name, new)
    return () if isinstance(asked, Unembeddable) else asked, {**kept, **new}


def _ranked(
    question: str,
    candidates: Sequence[WellRated],
    asked: Sequence[float],
    vectors: Mapping[str, Sequence[float]],
) -> list[str]:
    """The query ids of the near ones, the nearest first."""
    texts = [words_of(run.question) for run in candidates]
    wanted = words_of(question)
    rarity = rarities([*texts, wanted])
    scored: dict[str, tuple[float, str]] = {}
    for run, words in zip(candidates, texts, strict=True):
        by_words = likeness(wanted, words, rarity)
        by_meaning = cosine(asked, vectors.get(run.query_id, ())) if asked else 0.0
        if by_words < _NEAR_BY_WORDS and by_meaning < _NEAR_BY_MEANING:
            continue
        score = (by_words + max(by_meaning, 0)) * (_VERY_GOOD if run.rating == 2 else 1)
        # The same question asked twice is one example.
        same = " ".join(run.question.casefold().split())
        if same not in scored or scored[same][0] < score:
            scored[same] = (score, run.query_id)
    best = sorted(scored.values(), key=lambda pair: -pair[0])
    return [query_id for _, query_id in best[:_MOST_CANDIDATES]]
