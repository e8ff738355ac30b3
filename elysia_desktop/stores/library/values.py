"""Values: which fit a property's type, and how they are kept in columns."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, cast

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.library.moments import micros, moment

_INT_LIMIT = 2**63

TAKES: dict[DataType, str] = {
    DataType.TEXT: "text",
    DataType.INT: "a whole number",
    DataType.FLOAT: "a number",
    DataType.BOOLEAN: "true or false",
    DataType.DATE: "a date in ISO 8601, such as 2024-05-31T12:00:00Z",
    DataType.TEXTS: "a list of texts",
    DataType.INTS: "a list of whole numbers",
    DataType.FLOATS: "a list of numbers",
    DataType.BOOLEANS: "a list of true or false",
    DataType.DATES: "a list of dates in ISO 8601, such as 2024-05-31T12:00:00Z",
    DataType.OBJECT: "an object",
}


class Unfit(ValueError):
    """A value that does not fit; the text is the reason, for the person."""


def described(value: Any) -> str:
    """A value as it is shown in a message: short, text in quotes."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        shown = repr(value)
    elif isinstance(value, str):
        shown = value if len(value) <= 40 else f"{value[:40]}…"
        return f"“{shown}”"
    elif isinstance(value, datetime | date):
        shown = value.isoformat()
    elif isinstance(value, Mapping):
        return "an object"
    elif isinstance(value, list | tuple):
        shown = f"[{', '.join(described(item) for item in cast('list[Any]', value)[:3])}]"
    else:
        return f"a {type(value).__name__}"
    return shown if len(shown) <= 60 else f"{shown[:60]}…"


def unfit(name: str, data_type: DataType, value: Any, detail: str = "") -> Unfit:
    """The reason why `value` is not for this property."""
    return Unfit(f"“{name}” takes {TAKES[data_type]}, not {described(value)}{detail and f': {detail}'}.")


def fitted(name: str, data_type: DataType, value: Any) -> Any:
    """One value in the form that is kept: str, int, float, bool or `datetime`; raises `Unfit`."""
    try:
        return _FIT[data_type](value)
    except (TypeError, ValueError) as error:
        detail = str(error) if isinstance(error, Unfit) else ""
        raise unfit(name, data_type, value, detail) from None


def comparable(data_type: DataType, value: Any) -> Any:
    """A fitted value as the column that is compared and sorted by holds it."""
    match data_type:
        case DataType.DATE:
            return micros(value)
        case DataType.BOOLEAN:
            return int(value)
        case _:
            return value


def list_text(data_type: DataType, values: list[Any]) -> str:
    """Fitted values of a list as the JSON text that is compared; equal lists have equal text."""
    return compact(values if data_type is not DataType.DATE else [micros(value) for value in values])


def compact(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def encoder(name: str, data_type: DataType) -> Callable[[Any], tuple[Any, ...]]:
    """What turns a property's value into its columns: one, or for dates two; raises `Unfit`."""
    dated = data_type.element is DataType.DATE
    nothing = (None, None) if dated else (None,)
    if data_type is DataType.OBJECT:
        encode = _object_encoder(name)
    elif data_type.is_list:
        encode = _list_encoder(name, data_type)
    else:
        encode = _scalar_encoder(name, data_type)
    return lambda value: nothing if value is None else encode(value)


def _scalar_encoder(name: str, data_type: DataType) -> Callable[[Any], tuple[Any, ...]]:
    if data_type is DataType.DATE:

        def encode_date(value: Any) -> tuple[Any, ...]:
            kept = fitted(name, data_type, value)
            return kept.isoformat(), micros(kept)

        return encode_date
    return lambda value: (fitted(name, data_type, value),)


def _list_encoder(name: str, data_type: DataType) -> Callable[[Any], tuple[Any, ...]]:
    def encode(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise unfit(name, data_type, value)
        items = fitted_list(name, data_type, cast("list[Any]", value))
        if data_type is DataType.DATES:
            return compact([item.isoformat() for item in items]), list_text(DataType.DATE, items)
        return (list_text(data_type.element, items),)

    return encode


def fitted_list(name: str, data_type: DataType, values: list[Any] | tuple[Any, ...]) -> list[Any]:
    """The elements of a list in the form that is kept; raises `Unfit` naming the first that is wrong."""
    fit = _FIT[data_type.element]
    kept: list[Any] = []
    for index, value in enumerate(values):
        try:
            kept.append(fit(value))
        except (TypeError, ValueError) as error:
            detail = str(error) if isinstance(error, Unfit) else ""
            raise unfit(f"{name}[{index}]", data_type.element, value, detail) from None
    return kept


def _object_encoder(name: str) -> Callable[[Any], tuple[Any, ...]]:
    return lambda value: (_object_text(name, value),)


def _object_text(name: str, value: Any) -> str:
    # A list of objects is let through: Weaviate's object[] is reported as "object", too.
    if not isinstance(value, Mapping | list | tuple):
        raise unfit(name, DataType.OBJECT, value)
    try:
        # ASCII, because half a surrogate pair cannot be stored otherwise.
        return json.dumps(jsonable(value, path=name), separators=(",", ":"))
    except TypeError as error:
        raise Unfit(str(error)) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    if "\0" in value:
        raise Unfit("it contains a NUL character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unfit("it contains half a surrogate pair, which is not valid Unicode") from None
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    if not -_INT_LIMIT <= value < _INT_LIMIT:
        raise Unfit("it does not fit into 64 bits")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    try:
        # Adding zero makes -0.0 and 0.0 one value, also in a list's text.
        number = float(value) + 0.0
    except OverflowError:
        raise Unfit("it is too large") from None
    if not math.isfinite(number):
        raise Unfit("it is not finite")
    return number


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_FIT: dict[DataType, Callable[[Any], Any]] = {
    DataType.TEXT: _text,
    DataType.INT: _whole,
    DataType.FLOAT: _number,
    DataType.BOOLEAN: _truth,
    DataType.DATE: moment,
}
