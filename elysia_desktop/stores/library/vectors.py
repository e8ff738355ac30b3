"""Vectors as objects bring them along, and as the database keeps them: per object and name."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import VectorConfig
from elysia_desktop.stores.fitting import Unfit

if TYPE_CHECKING:
    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table

    Vector: TypeAlias = "array[float]"
    """Numbers of single precision, as the database keeps them."""

DEFAULT = "default"


def given(schema: CollectionSchema, value: Any) -> dict[str, Vector]:
    """The vectors of an object by name, a list alone being the only one or the default; raises `Unfit`."""
    known = [config.name for config in schema.vectors] or [DEFAULT]
    alone = known[0] if len(known) == 1 else DEFAULT
    named = cast("Mapping[Any, Any]", value) if isinstance(value, Mapping) else {alone: value}
    found: dict[str, Vector] = {}
    for name, numbers in named.items():
        if name not in known:
            raise Unfit(QueryRejected.unknown("vector", str(name), known, schema.name).sentence)
        found[name] = vector_of(name, numbers)
    return found


def vector_of(name: str, numbers: Any) -> Vector:
    """A list of numbers as a vector; raises `Unfit`, telling its name."""
    if isinstance(numbers, str | bytes | Mapping):
        raise Unfit(f"The vector “{name}” is not a list of numbers.")
    try:
        vector = _copied(numbers) or array("f", numbers)
    except (TypeError, ValueError, OverflowError):
        raise Unfit(f"The vector “{name}” is not a list of numbers.") from None
    if not vector:
        raise Unfit(f"The vector “{name}” is not a list of numbers.")
    # A sum is infinite or no number where one of its parts is, and much faster than a look at each.
    if not math.isfinite(sum(vector)):
        raise Unfit(f"The vector “{name}” has numbers that are not finite.")
    return vector


def _copied(numbers: Any) -> Vector | None:
    """Numbers that are single precision already, such as those of an array of NumPy, as they are."""
    try:
        view = memoryview(numbers)
    except TypeError:
        return None
    if view.format != "f" or view.ndim != 1:
        return None
    vector = array("f")
    vector.frombytes(view.tobytes())
    return vector


def misfit(configs: Sequence[VectorConfig], vectors: Mapping[str, Vector]) -> str:
    """Why these vectors do not go with those there are, or an empty text."""
    known = {config.name: config.dimensions for config in configs}
    for name, vector in vectors.items():
        expected = known.get(name)
        if expected and expected != len(vector):
            return f"The vector “{name}” has {len(vector)} dimensions, those of the collection {expected}."
    return ""


def widened(configs: tuple[VectorConfig, ...], vectors: Mapping[str, Vector]) -> tuple[VectorConfig, ...]:
    """The configurations with those added that the first vector of a name makes known.

    Where an object brings the first vector of a name along, its vectors are the owner's own from then on:
    an embedder's could not be compared with them.
    """
    found = {config.name: config for config in configs}
    for name, vector in vectors.items():
        config = found.get(name, VectorConfig(name=name))
        if config.dimensions is None:
            own = {"dimensions": len(vector), "vectorizer": "none", "model": ""}
            found[name] = config.model_copy(update=own)
    return tuple(found.values())


def store(session: Session, table: Table, vectors: Iterable[tuple[int, str, Vector]]) -> None:
    """Keep vectors of rows by name; these rows have none by these names."""
    added = [(row, name, vector.tobytes()) for row, name, vector in vectors]
    session.run_many(f"INSERT INTO {table.vectors} (object, name, vector) VALUES (?, ?, ?)", added)


def remove(session: Session, table: Table, vectors: Iterable[tuple[int, str]]) -> None:
    """Forget vectors, named by row and name; those that are not there are passed over."""
    session.run_many(f"DELETE FROM {table.vectors} WHERE object = ? AND name = ?", vectors)
