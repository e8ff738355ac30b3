"""The order of a column's values, typed, with nulls last."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, cast

from elysia_desktop.ui.tables.columns import Kind
from elysia_desktop.ui.tables.formats import parsed_date


@dataclass(frozen=True)
class SortKeys:
    """The keys of one column by object, None for nulls; `odd` are those that are not of the column's kind."""

    keys: list[Any]
    odd: dict[int, str]
    complete: bool

    def sort(self, order: list[int], *, descending: bool) -> None:
        """Sort positions of objects in place, stably; nulls stay last whichever way."""
        keys = self.keys
        if self.complete:
            order.sort(key=keys.__getitem__, reverse=descending)
            return
        typed = [position for position in order if keys[position] is not None]
        odd = [position for position in order if position in self.odd]
        nulls = [position for position in order if keys[position] is None and position not in self.odd]
        typed.sort(key=keys.__getitem__, reverse=descending)
        odd.sort(key=self.odd.__getitem__, reverse=descending)
        order[:] = [*odd, *typed, *nulls] if descending else [*typed, *odd, *nulls]


def sort_keys(values: Sequence[Any], kind: Kind) -> SortKeys:
    """The keys that sort these values as their kind does."""
    keys = _keys_at_once(values, kind)
    if keys is not None:
        return SortKeys(keys, {}, complete=None not in keys)
    keys = [_KEYS[kind](value) for value in values]
    odd = {
        position: str(value)
        for position, (key, value) in enumerate(zip(keys, values, strict=True))
        if key is None and value is not None and not _is_nan(value)
    }
    return SortKeys(keys, odd, complete=None not in keys)


def _keys_at_once(values: Sequence[Any], kind: Kind) -> list[Any] | None:
    """The same keys several times faster, for values that are as expected; None for others."""
    types = set(map(type, values)) - {type(None)}
    match kind:
        case Kind.BOOLEAN if types <= {bool}:
            return list(values)
        case Kind.NUMBER if types == {int} or (types <= {int, float} and not _any_nan(values)):
            return list(values)
        case Kind.TEXT if types <= {str}:
            distinct = set(values)
            if len(distinct) > len(values) / 4:
                return [_text(value) for value in values]
            known = {value: _text(value) for value in distinct}
            return [known[value] for value in values]
        case Kind.DATE if types <= {str}:
            # ISO texts of one form, in the same zone, sort as the dates that they are.
            forms = {(len(value), value[-1:] == "Z") for value in values if value is not None}
            return list(values) if forms in ({(10, False)}, {(20, True)}, {(24, True)}) else None
        case _:
            return None


def _number(value: Any) -> float | None:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return value if isinstance(value, int) else None


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    return text.lower() if text.isascii() else _without_accents(text)


def _without_accents(text: str) -> str:
    """Folded, so that “Éclair” stands with e and not behind z."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _date(value: Any) -> float | None:
    moment = parsed_date(value)
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _boolean(value: Any) -> int | None:
    return int(value) if isinstance(value, bool) else None


def _nested(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return ", ".join(map(str, cast("Sequence[Any]", value))).lower()
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _any_nan(values: Sequence[Any]) -> bool:
    # Only what is not a number differs from itself; this is three times as fast as asking math.
    return any(value != value for value in values)  # noqa: PLR0124


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


_KEYS = {
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
    Kind.LIST: _nested,
    Kind.OBJECT: _nested,
}
