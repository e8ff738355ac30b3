"""Values: how those of a property's type are kept in columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.fitting import Unfit, fitted, fitted_list, unfit
from elysia_desktop.stores.library.moments import micros


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
