"""Any value as plain JSON data, with the path to what is not convertible."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Iterable, Mapping, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

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
        case Enum():
            return _convert(value.value, path, drop)
        case None | bool():
            return value
        case str():
            return str(value)
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
        case _ if _is_of_pydantic(value):
            return _model(value, path, drop)
        case Mapping():
            return _mapping(cast("Mapping[Any, Any]", value), path, drop)
        case list() | tuple() | Set():
            return _sequence(cast("Iterable[Any]", value), path, drop)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _mapping({f.name: getattr(value, f.name) for f in dataclasses.fields(value)}, path, drop)
        case _ if hasattr(value, "tolist") and type(value).__module__.startswith("numpy"):
            # NumPy gives dates finer than microseconds as bare numbers
            fit = value.astype("datetime64[us]") if value.dtype.kind == "M" else value
            return _convert(fit.tolist(), path, drop)
        case _:
            pass
    return _unfit(value, path, drop)


def _is_of_pydantic(value: Any) -> bool:
    # Looked up, not imported: importing it takes longer than showing the window may.
    pydantic = sys.modules.get("pydantic")
    return pydantic is not None and isinstance(value, (pydantic.BaseModel, pydantic.SecretStr))


def _model(value: Any, path: str, drop: bool) -> Any:
    from pydantic import RootModel, SecretStr

    match value:
        case SecretStr():
            return _unfit(value, path, drop)
        case RootModel():
            return _convert(cast("Any", value).root, path, drop)
        case _:
            return _mapping(dict(value), path, drop)


def _unfit(value: Any, path: str, drop: bool) -> Any:
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
