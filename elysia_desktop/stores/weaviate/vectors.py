"""Vectors that come with objects: numbers of a length that goes with those there are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores.fitting import Unfit
from elysia_desktop.stores.weaviate.collections import SINGLE

if TYPE_CHECKING:
    from elysia_desktop.core.schema import CollectionSchema

Vector = list[float]


def given(schema: CollectionSchema, value: Any) -> Vector | dict[str, Vector]:
    """The vector, or the vectors by name, as they are sent; raises `Unfit`."""
    if not isinstance(value, Mapping):
        return numbers(SINGLE, value)
    named = {str(name): numbers(str(name), one) for name, one in cast("Mapping[Any, Any]", value).items()}
    known = [vector.name for vector in schema.vectors] or [SINGLE]
    for name in named:
        if name not in known:
            raise Unfit(QueryRejected.unknown("vector", name, known, schema.name).sentence)
    return named[SINGLE] if known == [SINGLE] and named else named


def numbers(name: str, value: Any) -> Vector:
    """A vector of finite numbers; raises `Unfit`."""
    try:
        vector = [float(number) for number in value]
    except (TypeError, ValueError, OverflowError):
        raise Unfit(f"The vector “{name}” is not a list of numbers.") from None
    if not vector or isinstance(value, str):
        raise Unfit(f"The vector “{name}” is not a list of numbers.")
    if not all(map(math.isfinite, vector)):
        raise Unfit(f"The vector “{name}” has numbers that are not finite.")
    return vector


def check_asked(schema: CollectionSchema, vector: Sequence[float], name: str) -> None:
    """Raise `QueryRejected` where nothing can be near this vector of a question."""
    if all(one.name != name for one in schema.vectors):
        raise QueryRejected.unknown("vector", name, [one.name for one in schema.vectors], schema.name)
    try:
        Lengths(schema).check({name: numbers(name, vector)})
    except Unfit as error:
        raise QueryRejected(
            str(error), "Make the query vector with the model that made the others."
        ) from None


class Lengths:
    """How long the vectors of each name are: Weaviate keeps objects of which it can index no vector."""

    def __init__(self, schema: CollectionSchema) -> None:
        self._known = {vector.name: vector.dimensions for vector in schema.vectors if vector.dimensions}

    def check(self, vector: Vector | dict[str, Vector] | None) -> None:
        """Raise `Unfit` for a vector of another length; the first of a name says how long the others are."""
        named = vector if isinstance(vector, dict) else {SINGLE: vector or []}
        for name, one in named.items():
            length = self._known.get(name, len(one))
            if one and len(one) != length:
                raise Unfit(
                    f"The vector “{name}” has {len(one)} dimensions, those of the collection {length}."
                )
        self._known |= {name: len(one) for name, one in named.items() if one}
