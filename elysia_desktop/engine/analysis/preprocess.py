"""Analyses collections: statistics, a summary, displays and their mappings, questions to ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.defaults import default_settings
from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.engine.analysis.analyst import Analyst
from elysia_desktop.engine.analysis.guessing import guessed_mappings
from elysia_desktop.engine.analysis.mapping import THRESHOLD, Mappings, with_table
from elysia_desktop.engine.analysis.request import Limits, opened, refuse_unknown
from elysia_desktop.engine.analysis.sampling import sample_within
from elysia_desktop.engine.analysis.statistics import exact_statistics
from elysia_desktop.engine.blocking import run_blocking
from elysia_desktop.engine.lm import load_model_library
from elysia_desktop.engine.tree_models import TreeModels

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager, Metadata
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.stores.base import Store

logger = logging.getLogger(__name__)

ProgressUpdate = dict[str, Any]
"""`{"type", "collection_name", "progress", "message", "error"}`; progress goes from 0 to 1, texts may be empty."""

_READ, _SAMPLED, _DESCRIBED, _CHOSEN, _MAPPED = 0.4, 0.45, 0.6, 0.7, 0.95
_TIMES_TOLD = 50
"""How often is told, at most, how much of a collection was read."""


@dataclass(frozen=True)
class _Step:
    """How far the work has come, and what is done next."""

    progress: float
    message: str
    error: str = ""


async def preprocess_async(
    collection_name: str,
    client_manager: ClientManager | None = None,
    min_sample_size: int = 10,
    max_sample_size: int | None = None,
    num_sample_tokens: int = 30_000,
    force: bool = False,
    percentage_correct_threshold: float = THRESHOLD,
    settings: Settings | None = None,
) -> AsyncGenerator[ProgressUpdate, None]:
    """Analyse a collection, yielding how far it has come; a collection that was analysed is left as it is.

    The last update, and no other, is of type `completed`, or `error` where nothing could be saved; those
    before are of type `update`. `error` of a completed analysis says what the model failed at: that much is
    guessed or empty. With `force` an earlier analysis is replaced when this one ends, not before.
    """
    limits = Limits(min_sample_size, max_sample_size, num_sample_tokens, percentage_correct_threshold)
    progress = 0.0
    try:
        async with opened(client_manager, settings) as store:
            work = _analyse(store, collection_name, limits, settings or default_settings(), force)
            last = _Step(0.0, "")
            async with aclosing(work) as steps:
                async for step in steps:
                    progress = step.progress
                    last = step
                    if progress < 1:
                        yield _update("update", collection_name, progress, step)
        yield _update("completed", collection_name, 1.0, last)
    except ElysiaError as error:
        failed = _Step(progress, "The analysis failed.", error.sentence)
        yield _update("error", collection_name, progress, failed)


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

    Raises `ValueError` for an unknown collection before any is analysed, and `StoreError` when the store fails.
    """
    names = [collection_names] if isinstance(collection_names, str) else list(dict.fromkeys(collection_names))
    limits = Limits(min_sample_size, max_sample_size, num_sample_tokens, percentage_correct_threshold)

    async def analyse_all() -> None:
        async with opened(client_manager, settings) as store:
            for name in names:
                await refuse_unknown(store, name)
            for name in names:
                work = _analyse(store, name, limits, settings or default_settings(), force)
                async with aclosing(work) as steps:
                    async for step in steps:
                        logger.info("%s: %s", name, step.message)

    run_blocking(analyse_all())


def _update(kind: str, name: str, progress: float, step: _Step) -> ProgressUpdate:
    return {
        "type": kind,
        "collection_name": name,
        "progress": round(progress, 4),
        "message": step.message,
        "error": step.error,
    }


async def _analyse(
    store: Store, name: str, limits: Limits, settings: Settings, force: bool
) -> AsyncGenerator[_Step, None]:
    """The work step by step, the last with progress 1; raises `ElysiaError`."""
    await refuse_unknown(store, name)
    known = await store.get_metadata(name)
    if known is not None and not force:
        how = " without a model" if known.get("guessed") else ""
        yield _Step(1.0, f"{name} was analysed before{how}; its analysis is kept.")
        return
    yield _Step(0.0, f"Reading {name}…")
    metadata: Metadata = {}
    total = {info.name: info.count for info in await store.collections()}.get(name, 0)
    told = 0
    async for found in exact_statistics(store, name):
        if isinstance(found, dict):
            metadata = found
        elif (found - told) * _TIMES_TOLD >= total:
            told = found
            yield _Step(_READ * min(found / max(total, 1), 1.0), f"{found:,} of {total:,} objects read")
    properties = (await store.schema(name)).properties
    guess = guessed_mappings(properties, metadata["fields"], limits.percentage_correct_threshold)
    metadata |= {"mappings": with_table(guess, properties), "guessed": True}
    errors: list[str] = []
    models = TreeModels(settings)
    try:
        model = models.model("base")
        if model.choice.is_configured and metadata["length"]:
            async for step in _ask(store, model, metadata, limits, settings, errors):
                yield step
    finally:
        await models.aclose()
    failures = " ".join(dict.fromkeys(errors))
    yield _Step(_MAPPED, "Saving…", failures)
    await store.put_metadata(name, metadata)
    yield _Step(1.0, _outcome(name, metadata, bool(errors)), failures)


async def _ask(
    store: Store, model: Model, metadata: Metadata, limits: Limits, settings: Settings, errors: list[str]
) -> AsyncIterator[_Step]:
    """Have the model fill in the summary, the mappings and the questions; what it fails at stays guessed."""
    name = metadata["name"]
    await asyncio.to_thread(load_model_library)
    yield _Step(_READ, "Drawing a sample…")
    tokens = min(limits.num_sample_tokens, settings.prompt_token_budget)
    sample = await sample_within(store, name, tokens, limits.min_sample_size, limits.max_sample_size)
    properties = (await store.schema(name)).properties
    analyst = Analyst(
        model, settings, metadata, properties, sample, tokens, limits.percentage_correct_threshold, errors
    )
    yield _Step(_SAMPLED, f"Summarising {len(sample)} objects…")
    about = await analyst.about()
    if about is not None:
        metadata["summary"] = about.summary or metadata["summary"]
        metadata["prompts"] = about.questions
    yield _Step(_DESCRIBED, "Choosing displays…", _newest(errors))
    chosen = await analyst.displays()
    if chosen is None:
        return
    mappings: Mappings = {}
    is_guessed = False
    for number, display in enumerate(chosen):
        share = number / len(chosen)
        yield _Step(_CHOSEN + (_MAPPED - _CHOSEN) * share, f"Mapping fields to “{display}”…", _newest(errors))
        mapping = await analyst.mapping(display)
        if mapping is None:
            is_guessed = True
            mapping = analyst.guessed(display)
        if mapping:
            mappings[display] = mapping
    metadata["mappings"] = with_table(mappings, properties)
    if not is_guessed:
        metadata.pop("guessed", None)


def _newest(errors: Sequence[str]) -> str:
    return errors[-1] if errors else ""


def _outcome(name: str, metadata: Metadata, failed: bool) -> str:
    if failed:
        return f"{name} was analysed; what the model failed at was guessed or left out."
    if metadata.get("guessed"):
        return f"{name} was analysed without a model; its displays were guessed."
    return f"{name} was analysed."
