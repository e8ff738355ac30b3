"""Draws a sample of a collection that a prompt has room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.engine.budget import compact, estimate_tokens
from elysia_desktop.stores.base import Store, StoredObject


async def sample_within(
    store: Store,
    name: str,
    tokens: int,
    least: int,
    most: int | None = None,
    some: Sequence[StoredObject] | None = None,
) -> list[StoredObject]:
    """A uniform sample within `tokens`, but of at least `least` and at most `most` objects, as far as there are.

    How large objects are is told by `some`, where they were drawn before.
    """
    some = await store.sample(name, least) if some is None else some
    spent = sum(map(size_of, some))
    number = max(least, len(some) * tokens // max(spent, 1))
    sample = await store.sample(name, min(number, MAX_LIMIT if most is None else most))
    return sample[: max(least, _fitting(sample, tokens))]


def size_of(item: StoredObject) -> int:
    """About how many tokens an object takes in a prompt, whole."""
    return estimate_tokens(compact(item, most=1_000_000))


def _fitting(sample: Sequence[dict[str, Any]], tokens: int) -> int:
    """How many of the first objects take no more than `tokens`."""
    for number, item in enumerate(sample):
        tokens -= size_of(item)
        if tokens < 0:
            return number
    return len(sample)
