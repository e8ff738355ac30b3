"""Any value as plain JSON data, with the path to what is not convertible."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel, SecretStr

_DROP = object()


def jsonable(value: Any, *, remove_unserialisable: bool = False, path: str = "objects") -> Any:
    """Return `value` as dicts, lists, strings, numbers, booleans and None; the input is not changed.

    Dates become ISO 8601, NaN and infinities null. What has no JSON form raises `TypeError` naming its
    path (`objects[3].geo`), or is left out with `remove_unserialisable`.
    """
    result = _convert(value, path, remove_unserialisable)
    return None if result is _DROP else result


def _convert(value: Any, path: str, drop: bool) -> Any:  # noqa: C901, PLR0911, PLR0912 - one branch per type, nothing nested
    match value:
        case None | bool() | str():
            return value.value if isinstance(value, Enum) else value
        case Enum():
            return _convert(value.value, path, drop)
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID():
            return str(value)
        case Decimal():
            return (
                _convert(int(value) if value == value.to_integral() else float(value), path, drop)
                if value.is_finite()
                else None
            )
        case SecretStr():
            pass
        case BaseModel():
            return _mapping({name: getattr(value, name) for name in type(value).model_fields}, path, drop)
        case Mapping():
            return _mapping(cast("Mapping[Any, Any]", value), path, drop)
        case list() | tuple() | Set():
            return _sequence(cast("Iterable[Any]", value), path, drop)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _mapping({f.name: getattr(value, f.name) for f in dataclasses.fields(value)}, path, drop)
        case _ if hasattr(value, "tolist") and type(value).__module__.startswith("numpy"):
            return _convert(value.tolist(), path, drop)
        case _:
            pass
    if drop:
        return _DROP
    raise TypeError(f"{path} is a {type(value).__name__}, which has no JSON form.")


def _mapping(value: Mapping[Any, Any], path: str, drop: bool) -> dict[str, Any]:
    converted = {str(key): _convert(item, f"{path}.{key}", drop) for key, item in value.items()}
    return {key: item for key, item in converted.items() if item is not _DROP}


def _sequence(value: Iterable[Any], path: str, drop: bool) -> list[Any]:
    # a set has no order of its own; sorting makes the same set the same JSON
    items = sorted(value, key=repr) if isinstance(value, Set) else value
    converted = [_convert(item, f"{path}[{index}]", drop) for index, item in enumerate(items)]
    return [item for item in converted if item is not _DROP]
