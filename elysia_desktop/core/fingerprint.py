"""What tells whether two objects are equal, in sixteen bytes each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from marshal import dumps
from operator import itemgetter
from typing import Any, cast

_FORMAT = 2  # later ones write shared and interned texts differently
_DICT = ord("{")


def fingerprints(items: Iterable[dict[str, Any]]) -> list[bytes]:
    """128 bits of each object's content without its `_REF_ID`; equal when its JSON is, whatever the order of keys.

    The objects are plain JSON data: two such have the same marshalled form exactly when they have the same
    canonical JSON (1, 1.0 and true differ in both), and it takes a quarter of the time.
    """
    found: list[bytes] = []
    known: tuple[str, ...] | None = None
    head, values_of = b"", _nothing
    for item in items:
        keys = tuple(item)
        if keys != known:
            known, (head, values_of) = keys, _layout(keys)
        content = dumps(values_of(item), _FORMAT)
        if _DICT in content:
            content = dumps(_sorted(values_of(item)), _FORMAT)
        found.append(blake2b(head + content, digest_size=16).digest())
    return found


@lru_cache(maxsize=512)
def _layout(keys: tuple[str, ...]) -> tuple[bytes, Callable[[dict[str, Any]], Any]]:
    """The marshalled keys in order, and what takes an object's values in that order."""
    ordered = sorted(key for key in keys if key != "_REF_ID")
    return dumps(ordered, _FORMAT), itemgetter(*ordered) if ordered else _nothing


def _nothing(_: dict[str, Any]) -> None:
    """The values of an object without content."""


def _sorted(value: Any) -> Any:
    """The value with the keys of every dict in it in order."""
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        return {key: _sorted(held[key]) for key in sorted(held)}
    if isinstance(value, list | tuple):
        items = [_sorted(item) for item in cast("list[Any]", value)]
        return items if isinstance(value, list) else tuple(items)
    return value
