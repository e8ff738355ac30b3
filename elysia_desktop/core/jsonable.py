"""Any value as plain JSON data, with the path to what is not convertible."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, cast
from uuid import UUID

LEVELS = 200
"""How deep lists and objects may be nested; Python's own JSON reader gives up before 1,000."""

_DROP = object()
_KEPT = frozenset({str, bool, type(None)})
_DIGITS = 4300  # Python writes and reads no longer numbers
_BITS = (10**_DIGITS).bit_length()


def jsonable(
    value: Any, *, remove_unserialisable: bool = False, path: str = "objects", levels: int = LEVELS
) -> Any:
    """Return `value` as dicts, lists, strings, numbers, booleans and None; the input is neither changed nor shared.

    Dates become ISO 8601, NaN and infinities null. What has no JSON form, or is nested deeper than `levels`
    (as whatever contains itself is), raises `TypeError` naming its path (`objects[3].geo`), or is left out with
    `remove_unserialisable`.
    """
    try:
        result = _converted(value, _Walk(levels, set() if remove_unserialisable else None), 1)
    except _Unfit as unfit:
        raise TypeError(f"{unfit.path_from(path)} {unfit}.") from None
    return None if result is _DROP else result


def plain_copy(value: Any, level: int = 1) -> Any:
    """A copy of a dict or list that is JSON data already, sharing no container with it; None for anything else.

    `level` is how deep the value itself stands, of `LEVELS`.
    """
    copied = _CONTAINERS.get(type(value))
    try:
        return copied(value, _PLAIN, level) if copied else None
    except _Unfit:
        return None


class _Unfit(Exception):
    """Something has no JSON form; its text goes on after the path, which grows from the inside out."""

    def __init__(self, told: str, *, is_deep: bool = False) -> None:
        super().__init__(told)
        self.is_deep = is_deep
        self.steps: list[str] = []

    def path_from(self, start: str) -> str:
        """Where it stands; of one that is too deep the beginning."""
        steps = self.steps[::-1]
        return start + "".join([*steps[:5], "…"] if self.is_deep and len(steps) > 5 else steps)


@dataclasses.dataclass(slots=True)
class _Walk:
    """How a value is gone through.

    `open` holds the containers around the present place where the unfit is left out, else None: there, what
    contains itself many times would be unrolled without end. With `plain`, whatever needs converting is unfit.
    """

    levels: int
    open: set[int] | None = None
    plain: bool = False
    direct: Mapping[Any, Callable[..., Any]] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        # where nothing is left out, dicts and lists need no further questions
        self.direct = _CONTAINERS if self.open is None else {}

    def unfit(self, value: Any, told: str = "which has no JSON form") -> object:
        """Leave it out or raise."""
        if self.open is None:
            raise _Unfit(f"is a {type(value).__name__}, {told}")
        return _DROP


def _dict(value: dict[Any, Any], walk: _Walk, level: int) -> Any:
    if level > walk.levels:
        raise _Unfit("is nested too deeply", is_deep=True)
    copy, key = value.copy(), None
    try:
        for key, item in value.items():
            if type(key) is not str:
                break
            kind = type(item)  # pyright: ignore[reportUnknownVariableType] - anything can be here
            if kind is str:
                continue
            if kind is int:
                if item.bit_length() < _BITS:
                    continue
            elif kind in _KEPT or (kind is float and isfinite(item)):
                continue
            converted = walk.direct.get(kind, _other)(item, walk, level + 1)
            if converted is _DROP:
                del copy[key]
            else:
                copy[key] = converted
        else:
            return copy
    except _Unfit as unfit:
        unfit.steps.append(f".{key}")
        raise
    if walk.plain:
        raise _Unfit("has other keys than texts")
    return _dict(_with_text_keys(value), walk, level)


def _list(value: list[Any], walk: _Walk, level: int) -> Any:
    if level > walk.levels:
        raise _Unfit("is nested too deeply", is_deep=True)
    copy, index = value.copy(), 0
    try:
        for index, item in enumerate(value):
            kind = type(item)  # pyright: ignore[reportUnknownVariableType] - anything can be here
            if kind is str:
                continue
            if kind is int:
                if item.bit_length() < _BITS:
                    continue
            elif kind in _KEPT or (kind is float and isfinite(item)):
                continue
            copy[index] = walk.direct.get(kind, _other)(item, walk, level + 1)
    except _Unfit as unfit:
        unfit.steps.append(f"[{index}]")
        raise
    return copy if walk.open is None else [item for item in copy if item is not _DROP]


_CONTAINERS: Mapping[Any, Callable[..., Any]] = {dict: _dict, list: _list}
_PLAIN = _Walk(LEVELS, plain=True)


def _converted(value: Any, walk: _Walk, level: int) -> Any:
    return walk.direct.get(cast("type[Any]", type(value)), _other)(value, walk, level)


def _other(value: Any, walk: _Walk, level: int) -> Any:
    """What is not exactly a dict or list, or anything where the unfit is left out."""
    if walk.plain:
        raise _Unfit("needs converting")
    if value is None or isinstance(value, bool):
        return value
    for kind, convert in _SIMPLE.items():
        if isinstance(value, kind):
            return convert(value, walk, level)
    shape: Any = _shape(value)
    if walk.open is None or type(shape) not in _CONTAINERS:
        return walk.unfit(value) if shape is value else _converted(shape, walk, level)
    if level > walk.levels or id(value) in walk.open:
        return _DROP
    walk.open.add(id(value))
    try:
        return _CONTAINERS[type(shape)](shape, walk, level)
    finally:
        walk.open.discard(id(value))


def _shape(value: Any) -> Any:
    """The outermost level of a value as a dict, list or something simpler; the value itself if it has no form."""
    if _is_of_pydantic(value):
        return _dumped(value)
    if isinstance(value, Mapping):
        return _with_text_keys(cast("Mapping[Any, Any]", value))
    if isinstance(value, Set):
        # a set has no order of its own; sorting makes the same set the same JSON
        return sorted(cast("Set[Any]", value), key=repr)
    if isinstance(value, list | tuple):
        return list(cast("Iterable[Any]", value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(value, "tolist") and type(value).__module__.startswith("numpy"):
        return _of_numpy(value)
    return value


def _whole(value: int, walk: _Walk, _: int) -> Any:
    return int(value) if value.bit_length() < _BITS else walk.unfit(value, f"longer than {_DIGITS:,} digits")


def _decimal(value: Decimal, walk: _Walk, level: int) -> Any:
    if not value.is_finite():
        return None
    if value.adjusted() >= _DIGITS:
        return walk.unfit(value, f"longer than {_DIGITS:,} digits")
    return _whole(int(value), walk, level) if value == value.to_integral_value() else float(value)


_SIMPLE: dict[Any, Callable[[Any, _Walk, int], Any]] = {
    Enum: lambda value, walk, level: _converted(value.value, walk, level),
    str: lambda value, _, __: str.__str__(value),
    int: _whole,
    float: lambda value, _, __: float(value) if isfinite(value) else None,
    (datetime, date, time): lambda value, _, __: value.isoformat(),
    timedelta: lambda value, _, __: value.total_seconds(),
    UUID: lambda value, _, __: str(value),
    Decimal: _decimal,
}


def _with_text_keys(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {_key(key): item for key, item in value.items()}


def _key(key: Any) -> str:
    """A key as text: as JSON writes numbers, booleans and null, dates as in values."""
    match key:
        case Enum():
            return _key(key.value)
        case str():
            return str.__str__(key)
        case None:
            return "null"
        case bool():
            return "true" if key else "false"
        case datetime() | date() | time():
            return key.isoformat()
        case _:
            return str(key)


def _is_of_pydantic(value: Any) -> bool:
    # Looked up, not imported: importing it takes longer than showing the window may.
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(value, pydantic.BaseModel)


def _dumped(model: Any) -> Any:
    try:
        return model.model_dump(serialize_as_any=True, warnings=False)
    except (ValueError, TypeError, AttributeError):  # it contains itself, or its own serialiser gave up
        return model


def _of_numpy(value: Any) -> Any:
    kind, name = value.dtype.kind, value.dtype.name
    # NumPy gives times finer than microseconds as bare numbers, and long doubles as themselves
    if kind == "M" or (kind == "m" and name.endswith(("[ns]", "[ps]", "[fs]", "[as]"))):
        value = value.astype(f"{kind}8[us]")
    elif kind == "f":
        value = value.astype(float)
    plain = value.tolist()
    return value if type(plain) is type(value) else plain
