"""Which fields of a result come first: its name, then what was asked about, long texts last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

NAMES = ("name", "title", "subject")
LONG = 60
"""Characters from which a text is read rather than compared."""
_SAMPLE = 50


def telling_order(objects: Sequence[Mapping[str, Any]], request: Any) -> list[str]:
    """All fields of these objects, found by this request, in the order in which they tell most."""
    fields = list(dict.fromkeys(name for item in objects for name in item))
    asked = [name for name in dict.fromkeys(_asked(request)) if name in fields and _differs(name, objects)]
    first = [name for name in NAMES if name in fields][:1]
    last = [name for name in fields if _is_long(name, objects)]
    rest = [name for name in fields if name not in last]
    return list(dict.fromkeys([*first, *asked, *rest, *last]))


def _asked(request: Any) -> Iterator[str]:
    """The properties that a request sorts by, then those it filters by, however deep they stand."""
    if isinstance(request, dict):
        parts = cast("dict[str, Any]", request)
        if isinstance(parts.get("property"), str):
            yield parts["property"]
        for key in sorted(parts, key=lambda key: key != "sort"):
            yield from _asked(parts[key])
    elif isinstance(request, list | tuple):
        for part in cast("Sequence[Any]", request):
            yield from _asked(part)


def _differs(name: str, objects: Sequence[Mapping[str, Any]]) -> bool:
    values = [item.get(name) for item in islice(objects, _SAMPLE)]
    return len(values) == 1 or any(value != values[0] for value in values)


def _is_long(name: str, objects: Sequence[Mapping[str, Any]]) -> bool:
    texts = [value for item in islice(objects, _SAMPLE) if isinstance(value := item.get(name), str)]
    return bool(texts) and sum(map(len, texts)) > LONG * len(texts)
