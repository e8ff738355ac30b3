"""Which columns a list of objects has, and of what kind."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain, islice
from typing import Any

HIDDEN = frozenset({"uuid", "collection_name"})
SAMPLE = 200
MOST_DECIMALS = 4

_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z\W_]+")
_INITIALS = frozenset({"id", "url", "sku", "uri", "isbn", "ean", "vat"})
# Numbers that name something read worse with separators: the year 2,010.
_NAMES_IN_DIGITS = frozenset({"year", "id", "zip", "isbn", "ean", "sku", "code"})


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True)
class Column:
    """A column: the field it shows, its title, its kind; for numbers the decimals that all rows share."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    decimals: int = 0
    grouped: bool = True


def infer_columns(
    objects: Sequence[Mapping[str, Any]],
    order: Sequence[str] = (),
    titles: Mapping[str, str] | None = None,
) -> list[Column]:
    """The columns of the objects: the preferred ones in their order, then the others as they first appear.

    Fields of the application's own (`uuid`, `_REF_ID`, …) have no column.
    """
    seen = [name for name in dict.fromkeys(chain.from_iterable(objects)) if is_shown(name)]
    names = [name for name in dict.fromkeys(order) if name in seen]
    names += [name for name in seen if name not in order]
    return [_column(name, objects, (titles or {}).get(name)) for name in names]


def is_shown(name: str) -> bool:
    """Whether a field is the person's, not the application's own."""
    return not name.startswith("_") and name not in HIDDEN


def title_of(name: str) -> str:
    """A field's name in sentence case: `release_date` and `releaseDate` give “Release date”."""
    words = [word.lower() for word in _WORDS.findall(name)]
    words = [word.upper() if word in _INITIALS else word for word in words]
    text = " ".join(words) or name
    return text[:1].upper() + text[1:]


def kind_of(values: Iterable[Any]) -> Kind:
    """What all the values are, nulls aside; text when they differ or there are none."""
    kinds = {_kind(value) for value in values if value is not None}
    return kinds.pop() if len(kinds) == 1 else Kind.TEXT


def is_date(value: Any) -> bool:
    """Whether this is a date, or text that is one in ISO form."""
    if isinstance(value, str):
        return len(value) >= 10 and value[4] == "-" and _DATE.fullmatch(value) is not None
    return isinstance(value, date)


def decimals_of(number: float) -> int:
    """How many decimals are worth showing: two, or below one as many as four digits need."""
    if not math.isfinite(number) or number == round(number):
        return 0
    most = 2 if abs(number) >= 1 else min(3 - math.floor(math.log10(abs(number))), 8)
    digits = f"{number:.{most}f}".rstrip("0")
    return len(digits) - digits.index(".") - 1


def _column(name: str, objects: Sequence[Mapping[str, Any]], title: str | None) -> Column:
    sample = list(islice((item[name] for item in objects if item.get(name) is not None), SAMPLE))
    kind = kind_of(sample)
    decimals = 0
    if kind is Kind.NUMBER:
        decimals = min(MOST_DECIMALS, max(map(decimals_of, sample), default=0))
    words = [word.lower() for word in _WORDS.findall(name)]
    grouped = not words or words[-1] not in _NAMES_IN_DIGITS
    return Column(name, title or title_of(name), kind, decimals, grouped)


def _kind(value: Any) -> Kind:
    match value:
        case bool():
            return Kind.BOOLEAN
        case int() | float():
            return Kind.NUMBER
        case list() | tuple() | set():
            return Kind.LIST
        case dict():
            return Kind.OBJECT
        case _:
            return Kind.DATE if is_date(value) else Kind.TEXT
