"""Analyses collections: statistics, a summary, displays and their mappings, questions to ask."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.errors import ElysiaError, StoreError
from elysia_desktop.engine.analysis.analysis import Analysis, Step
from elysia_desktop.engine.analysis.mapping import THRESHOLD
from elysia_desktop.engine.analysis.request import Limits, count_of, opened
from elysia_desktop.engine.blocking import run_blocking

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.settings import Settings

logger = logging.getLogger(__name__)

ProgressUpdate = dict[str, Any]
"""`{"type", "collection_name", "progress", "message", "error"}`; progress goes from 0 to 1, texts may be empty."""
_FAILED = "The analysis failed."


async def preprocess_async(
    collection_name: str | Sequence[str],
    client_manager: ClientManager | None = None,
    min_sample_size: int = 10,
    max_sample_size: int | None = None,
    num_sample_tokens: int = 30_000,
    force: bool = False,
    percentage_correct_threshold: float = THRESHOLD,
    settings: Settings | None = None,
) -> AsyncGenerator[ProgressUpdate, None]:
    """Analyse a collection, or several one after the other, yielding how far each has come.

    The last update of a collection, and no other, is of type `completed`, or `error` where nothing could be
    saved, which does not keep the next from being analysed; those before are of type `update`. `error` of a
    completed analysis says what the model failed at: that much is guessed or empty.

    What was analysed before is left as it is, unless that was without a model and there is one now: then what a
    person wrote stays. An analysis that is cancelled, or that the model failed at in part, is gone on with by the
    next one, until what is known of the collection is edited or deleted. With `force` all is done anew, and an
    earlier analysis is replaced when this one ends, not before.

    The statistics are those of the objects as they are: what was read before is taken as known only where the store
    tells that nothing changed. Weaviate does not; there, a reading that was cut off is gone on with for a day while
    the number of objects, and ten of them, are the same, and one that was complete is done anew.
    """
    limits = Limits(min_sample_size, max_sample_size, num_sample_tokens, percentage_correct_threshold)
    used = settings or default_settings()
    names = _names(collection_name)
    try:
        async with opened(client_manager, settings) as store:
            for name in names:
                updates = _updates(Analysis(store, name, limits, used, force))
                async with aclosing(updates):
                    async for update in updates:
                        yield update
    except ElysiaError as error:  # no store could be opened
        for name in names:
            yield _update("error", name, Step(0.0, _FAILED, error.sentence))


def preprocess(
    collection_names: str | Sequence[str],
    client_manager: ClientManager | None = None,
    min_sample_size: int = 10,
    max_sample_size: int | None = None,
    num_sample_tokens: int = 30_000,
    settings: Settings | None = None,
    force: bool = False,
    percentage_correct_threshold: float = THRESHOLD,
) -> None:
    """Analyse collections one after the other; blocks.

    Raises `ValueError` for an unknown collection before any is analysed, and `StoreError`, when all others
    were analysed, naming those that could not be.
    """
    names = _names(collection_names)
    limits = Limits(min_sample_size, max_sample_size, num_sample_tokens, percentage_correct_threshold)
    used = settings or default_settings()

    async def analyse_all() -> None:
        failures: list[str] = []
        async with opened(client_manager, settings) as store:
            for name in names:
                await count_of(store, name)
            for name in names:
                async with aclosing(_updates(Analysis(store, name, limits, used, force))) as updates:
                    async for update in updates:
                        logger.info("%s: %s", name, update["message"])
                        if update["type"] == "error":
                            failures.append(f"{name}: {update['error']}")
        if failures:
            raise StoreError(f"Not all collections could be analysed. {' '.join(failures)}")

    run_blocking(analyse_all())


async def _updates(analysis: Analysis) -> AsyncGenerator[ProgressUpdate, None]:
    """The updates of one collection, which end with one of type `completed` or `error`."""
    progress = 0.0
    try:
        async with aclosing(analysis.steps()) as steps:
            async for step in steps:
                # What goes on from the middle, or is told late, never seems to go back.
                progress = max(progress, step.progress)
                kind = "completed" if progress >= 1 else "update"
                yield _update(kind, analysis.name, Step(progress, step.message, step.error))
    except ElysiaError as error:
        yield _update("error", analysis.name, Step(progress, _FAILED, error.sentence))


def _names(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))


def _update(kind: str, name: str, step: Step) -> ProgressUpdate:
    return {
        "type": kind,
        "collection_name": name,
        "progress": round(step.progress, 4),
        "message": step.message,
        "error": step.error,
    }
