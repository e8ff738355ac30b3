"""Conditions on fields, written as in Django: `name__icontains="report"`, joined with `&`, `|` and `~`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Generic, Literal, TypeVar, cast

from elysia_desktop.core.errors import QueryRejected

T = TypeVar("T")
Kind = Literal["text", "number", "time", "truth"]
Test = Callable[[Any], bool]

_EXPECTED: dict[Kind, str] = {
    "text": "a text",
    "number": "a number",
    "time": "a time, such as 2026-01-31 or a datetime",
    "truth": "True or False",
}


class Q:
    """A condition; all of its lookups and parts hold. One that is empty changes nothing, as in `Q() | Q(name="x")`."""

    def __init__(self, *parts: Q, **lookups: Any) -> None:
        self.parts: tuple[Q | Lookup, ...] = (
            *(part for part in parts if part),
            *(Lookup(name, value) for name, value in lookups.items()),
        )
        self.holds: Callable[[Iterable[bool]], bool] = all
        self.negated = False

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __and__(self, other: Q) -> Q:
        return _joined(all, self, other)

    def __or__(self, other: Q) -> Q:
        return _joined(any, self, other)

    def __invert__(self) -> Q:
        made = Q(self)
        made.negated = True
        return made

    def __repr__(self) -> str:
        told = (" & " if self.holds is all else " | ").join(map(repr, self.parts))
        return f"{'~' if self.negated else ''}Q({told})"


@dataclass(frozen=True)
class Lookup:
    """A field, how it is compared, and with what: `Lookup("size__gt", 100)`."""

    name: str
    value: Any

    def __repr__(self) -> str:
        return f"{self.name}={self.value!r}"


@dataclass(frozen=True)
class Field(Generic[T]):
    """A field of something: of which kind it is, and how it is read."""

    kind: Kind
    read: Callable[[T], Any]


class Fields(Generic[T]):
    """The fields that something can be filtered and ordered by. Whatever there is not raises `QueryRejected`."""

    def __init__(self, things: str, fields: Mapping[str, Field[T]]) -> None:
        self._things = things
        self._fields = dict(fields)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in order."""
        return tuple(self._fields)

    def field(self, name: str) -> Field[T]:
        """The field of this name."""
        if name not in self._fields:
            raise QueryRejected.unknown("field", name, self._fields, self._things)
        return self._fields[name]

    def matcher(self, condition: Q) -> Callable[[T], bool]:
        """Whether something fulfils the condition, as a function; what is wrong with it is said now."""
        tests = [self.matcher(part) if isinstance(part, Q) else self._test(part) for part in condition.parts]
        if not tests:
            return lambda _: True
        return lambda thing: condition.holds(test(thing) for test in tests) is not condition.negated

    def ordered(self, things: Iterable[T], names: Sequence[str]) -> list[T]:
        """The things by these fields, from large to small after a “-”; texts whatever their case, None last."""
        result = list(things)
        for name in reversed(names):
            field = self.field(name.removeprefix("-"))
            known = [thing for thing in result if field.read(thing) is not None]
            known.sort(key=_sort_key(field), reverse=name.startswith("-"))
            result = known + [thing for thing in result if field.read(thing) is None]
        return result

    def _test(self, lookup: Lookup) -> Callable[[T], bool]:
        name, _, way = lookup.name.partition("__")
        field = self.field(name)
        test = _test_of(name, field.kind, way or "exact", lookup.value)
        return lambda thing: test(field.read(thing))


def _joined(holds: Callable[[Iterable[bool]], bool], *parts: Q) -> Q:
    made = Q(*parts)
    made.holds = holds
    return made


def _sort_key(field: Field[T]) -> Callable[[T], Any]:
    if field.kind == "text":
        return lambda thing: (str(field.read(thing)).casefold(), str(field.read(thing)))
    return field.read


_TEXT: dict[str, Callable[[str, str], bool]] = {
    "iexact": lambda own, text: own.casefold() == text.casefold(),
    "contains": lambda own, text: text in own,
    "icontains": lambda own, text: text.casefold() in own.casefold(),
    "startswith": lambda own, text: own.startswith(text),
    "endswith": lambda own, text: own.endswith(text),
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda own, value: own > value,
    "gte": lambda own, value: own >= value,
    "lt": lambda own, value: own < value,
    "lte": lambda own, value: own <= value,
}
LOOKUPS = ("exact", *_TEXT, "in", *_ORDER, "isnull")
"""How a field may be compared."""


def _test_of(name: str, kind: Kind, way: str, value: Any) -> Test:
    """What a field's own value must fulfil; None, which is no value, fulfils nothing but `isnull`."""
    if way not in LOOKUPS:
        raise QueryRejected.unknown("lookup", way, LOOKUPS, f"{name}__…")
    if way == "isnull" or (way == "exact" and value is None):
        is_null = value is None or _fitting(f"{name}__{way}", "truth", value)
        return lambda own: (own is None) is is_null
    if way in _TEXT:
        compare, text = _TEXT[way], _fitting(f"{name}__{way}", "text", value)
        return lambda own: own is not None and compare(_as_text(own), text)
    if way == "in":
        wanted = [_fitting(f"{name}__in", kind, one) for one in _several(name, value) if one is not None]
        return lambda own: own is not None and own in wanted
    fitting = _fitting(f"{name}__{way}", kind, value)
    if way == "exact":
        return lambda own: own is not None and own == fitting
    order = _ORDER[way]
    return lambda own: own is not None and order(own, fitting)


def _several(name: str, value: Any) -> list[Any]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise QueryRejected(
            f"{name}__in is compared with several values, not with {value!r}.", "Give it a list."
        )
    return list(cast("Iterable[Any]", value))


def _fitting(place: str, kind: Kind, value: Any) -> Any:
    """The value as one of the field's kind."""
    try:
        return _FITTING[kind](value)
    except (ValueError, TypeError, OverflowError):
        told = f"{place} is compared with {_EXPECTED[kind]}, not with {value!r}."
        raise QueryRejected(told, f"Give it {_EXPECTED[kind]}.") from None


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | None) or (isinstance(value, Iterable) and not isinstance(value, str)):
        raise TypeError
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _as_number(value: Any) -> int | float:
    return value if isinstance(value, int | float) else float(value)


def _as_time(value: Any) -> datetime:
    """A moment; what names no time zone is UTC, what names no time of day is its beginning."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _as_truth(value: Any) -> bool:
    if value not in {True, False}:
        raise ValueError
    return bool(value)


_FITTING: dict[Kind, Callable[[Any], Any]] = {
    "text": _as_text,
    "number": _as_number,
    "time": _as_time,
    "truth": _as_truth,
}
