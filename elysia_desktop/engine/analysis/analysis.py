"""The analysis of one collection, step by step; cut off, it is gone on with where it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Collection, Sequence
from contextlib import aclosing, suppress
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from elysia_desktop.engine.analysis.analyst import About, Analyst
from elysia_desktop.engine.analysis.earlier import digest, take_over
from elysia_desktop.engine.analysis.guessing import guessed_mappings
from elysia_desktop.engine.analysis.mapping import Mappings, with_table
from elysia_desktop.engine.analysis.reading import Reading, read_all
from elysia_desktop.engine.analysis.request import count_of
from elysia_desktop.engine.analysis.sampling import sample_within
from elysia_desktop.engine.analysis.statistics import statistics_of
from elysia_desktop.engine.analysis.unfinished import Found, Unfinished
from elysia_desktop.engine.lm import load_model_library
from elysia_desktop.engine.tree_models import TreeModels

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import Metadata
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.analysis.request import Limits
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.stores.base import Store, StoredObject

_READ, _SAMPLED, _DESCRIBED, _CHOSEN, _MAPPED = 0.4, 0.45, 0.6, 0.7, 0.95
_TIMES_TOLD = 50
"""How often is told, at most, how much of a collection was read."""
_SECONDS_BETWEEN_SAVES = 5.0
_SECONDS_TO_SAVE = 3.0
"""How long a cancelled analysis may take to put away what it found out."""
_FEW = 10
"""Objects that tell whether the data are still the same."""


@dataclass(frozen=True)
class Step:
    """How far the work has come, from 0 to 1, and what is done next."""

    progress: float
    message: str
    error: str = ""


@dataclass
class Analysis:
    """Analyses one collection and saves the result, which has the last step's progress, 1.

    What is found out on the way is kept in the store: cancelled, or with questions that the model failed at,
    it is gone on with by the next one, if the data, the model and the limits are still the same.
    """

    store: Store
    name: str
    limits: Limits
    settings: Settings
    force: bool = False

    async def steps(self) -> AsyncGenerator[Step, None]:
        """Do the work; raises `ElysiaError`."""
        total = await count_of(self.store, self.name)
        models = TreeModels(self.settings)
        try:
            model = models.model("base")
            known = await self.store.get_metadata(self.name)
            found = await self._found(digest(known))
            if known is not None and not self._is_wanted(known, found, total, model):
                how = " without a model" if known.get("guessed") else ""
                yield Step(1.0, f"{self.name} was analysed before{how}; its analysis is kept.")
                return
            async with aclosing(self._keeping(model, total, known, found)) as steps:
                async for step in steps:
                    yield step
        finally:
            await models.aclose()

    async def _found(self, known: str) -> Found:
        """What was kept to go on with; forgotten where what is known was changed or deleted since."""
        unfinished = Unfinished(self.store, self.name)
        kept = Found() if self.force else await unfinished.load()
        if kept.replaces == known:
            return kept
        if kept.is_worth_keeping:
            await unfinished.forget()
        return Found(replaces=known, is_forced=self.force)

    def _is_wanted(self, known: Metadata, found: Found, total: int, model: Model) -> bool:
        """Whether another analysis is to replace this one: it was guessed, or its successor was cut off."""
        if self.force:
            return True
        if not model.choice.is_configured or not total:
            return False
        return bool(known.get("guessed")) or found.is_worth_keeping

    async def _keeping(
        self, model: Model, total: int, known: Metadata | None, found: Found
    ) -> AsyncGenerator[Step, None]:
        """The work, which leaves behind what was found out when it is cut off."""
        unfinished = Unfinished(self.store, self.name)
        revision = await self.store.revision(self.name)
        schema = await self.store.schema(self.name)
        some = await self.store.sample(self.name, _FEW)
        data = digest([prop.model_dump(mode="json") for prop in schema.properties], total, some)
        replaceable = {schema.description, (found.about or {}).get("summary")}
        found = found.of(data, revision)
        metadata: Metadata = {}
        errors: list[str] = []
        saved = time.monotonic()
        try:
            async with aclosing(self._work(model, schema, total, some, found, metadata, errors)) as steps:
                async for step in steps:
                    if time.monotonic() - saved > _SECONDS_BETWEEN_SAVES:
                        await unfinished.save(found)
                        saved = time.monotonic()
                    yield step
            failures = " ".join(dict.fromkeys(errors))
            yield Step(_MAPPED, "Saving…", failures)
            outcome = await self._save(known, replaceable, found, metadata, is_complete=not errors)
        except BaseException:  # cancelled, closed or failed: what was found out is put away either way
            await _within(_SECONDS_TO_SAVE, unfinished.save(found))
            raise
        yield Step(1.0, outcome, failures)

    async def _work(
        self,
        model: Model,
        schema: CollectionSchema,
        total: int,
        some: Sequence[StoredObject],
        found: Found,
        metadata: Metadata,
        errors: list[str],
    ) -> AsyncGenerator[Step, None]:
        """Fill in the metadata: exact statistics, and what the model says or, without, names speak for."""
        if found.statistics is None:
            async with aclosing(self._read(schema, total, some, found)) as steps:
                async for step in steps:
                    yield step
        metadata |= deepcopy(found.statistics or {})
        threshold = self.limits.percentage_correct_threshold
        guess = guessed_mappings(schema.properties, metadata["fields"], threshold)
        metadata |= {"mappings": with_table(guess, schema.properties), "guessed": True}
        if model.choice.is_configured and metadata["length"]:
            async with aclosing(self._ask(model, schema, some, found, metadata, errors)) as steps:
                async for step in steps:
                    yield step

    async def _save(
        self,
        known: Metadata | None,
        replaceable: Collection[str | None],
        found: Found,
        metadata: Metadata,
        *,
        is_complete: bool,
    ) -> str:
        """Save the metadata unless others were written since these were `known`; tells how it ended."""
        unfinished = Unfinished(self.store, self.name)
        now = await self.store.get_metadata(self.name)
        if now is not None and not found.is_forced:
            if now != known and not now.get("guessed"):
                await unfinished.forget()
                return f"{self.name} was analysed or edited meanwhile; that is kept."
            take_over(now, metadata, replaceable if found.about else ())
        await self.store.put_metadata(self.name, metadata)
        if is_complete:
            await unfinished.forget()
        else:
            found.replaces, found.is_forced = digest(await self.store.get_metadata(self.name)), False
            await unfinished.save(found)
        return _outcome(self.name, metadata, not is_complete)

    async def _read(
        self, schema: CollectionSchema, total: int, some: Sequence[StoredObject], found: Found
    ) -> AsyncGenerator[Step, None]:
        """Compute the statistics, which takes every object where there are texts or lists."""
        reading = Reading(schema, found.reading)
        told = reading.objects
        share = _READ / max(total, 1)
        went_on = f" on from the {told:,} objects that were read before" if told else ""
        yield Step(min(told * share, _READ), f"Reading {self.name}{went_on}…")
        if reading.is_needed:
            async with aclosing(read_all(self.store, self.name, reading)) as counts:
                async for count in counts:
                    found.reading = reading.to_json()
                    if (count - told) * _TIMES_TOLD >= total:
                        told = count
                        text = f"{count:,} of {total:,} objects read"
                        yield Step(min(count * share, _READ), text)
        else:
            await reading.read(some)
        found.statistics = await statistics_of(self.store, schema, reading)
        found.reading = None

    async def _ask(
        self,
        model: Model,
        schema: CollectionSchema,
        some: Sequence[StoredObject],
        found: Found,
        metadata: Metadata,
        errors: list[str],
    ) -> AsyncGenerator[Step, None]:
        """Have the model fill in the summary, the mappings and the questions; what it fails at stays guessed."""
        limits, settings = self.limits, self.settings
        asked = digest(model.choice.provider, model.choice.model, asdict(limits))
        if found.asked != asked:
            found.asked, found.about, found.displays, found.mappings = asked, None, None, {}
        await asyncio.to_thread(load_model_library)
        yield Step(_READ, "Drawing a sample…")
        tokens = min(limits.num_sample_tokens, settings.prompt_token_budget)
        sample = await sample_within(
            self.store, self.name, tokens, limits.min_sample_size, limits.max_sample_size, some
        )
        analyst = Analyst(
            model,
            settings,
            metadata,
            schema.properties,
            sample,
            tokens,
            limits.percentage_correct_threshold,
            errors,
        )
        yield Step(_SAMPLED, f"Summarising {len(sample)} objects…")
        found.about = found.about or _plain(await analyst.about())
        if found.about is not None:
            metadata["summary"] = found.about["summary"] or metadata["summary"]
            metadata["prompts"] = found.about["questions"]
        yield Step(_DESCRIBED, "Choosing displays…", _newest(errors))
        if found.displays is None:
            found.displays = await analyst.displays()
        if found.displays is not None:
            async with aclosing(self._map(analyst, schema, found.displays, found, metadata)) as steps:
                async for step in steps:
                    yield step

    async def _map(
        self,
        analyst: Analyst,
        schema: CollectionSchema,
        chosen: list[str],
        found: Found,
        metadata: Metadata,
    ) -> AsyncGenerator[Step, None]:
        """Have the fields of each display mapped."""
        mappings: Mappings = {}
        for number, display in enumerate(chosen):
            progress = _CHOSEN + (_MAPPED - _CHOSEN) * number / len(chosen)
            yield Step(progress, f"Mapping fields to “{display}”…", _newest(analyst.errors))
            mapping = found.mappings.get(display)
            if mapping is None:
                mapping = await analyst.mapping(display)
            if mapping is not None:
                found.mappings[display] = mapping
            mappings[display] = analyst.guessed(display) if mapping is None else mapping
        metadata["mappings"] = with_table({k: m for k, m in mappings.items() if m}, schema.properties)
        if found.mappings.keys() >= set(chosen):
            metadata.pop("guessed", None)


async def _within(seconds: float, work: Awaitable[None]) -> None:
    """Do this as long as it does not take longer."""
    with suppress(TimeoutError):
        await asyncio.wait_for(work, seconds)


def _plain(about: About | None) -> dict[str, Any] | None:
    return None if about is None else asdict(about)


def _newest(errors: Sequence[str]) -> str:
    return errors[-1] if errors else ""


def _outcome(name: str, metadata: Metadata, failed: bool) -> str:
    if failed:
        return f"{name} was analysed; what the model failed at was guessed or left out."
    if metadata.get("guessed"):
        return f"{name} was analysed without a model; its displays were guessed."
    return f"{name} was analysed."
