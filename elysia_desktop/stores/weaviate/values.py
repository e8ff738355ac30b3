"""Values on their way in: each checked against its property and made what the client library sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from elysia_desktop.core.date_range import EARLIEST, LATEST
from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.stores.base import NO_PROPERTIES
from elysia_desktop.stores.fitting import (
    Unfit,
    check_unicode,
    described,
    fitted,
    fitted_list,
    fitted_uuid,
    unfit,
)
from elysia_desktop.stores.weaviate import vectors
from elysia_desktop.stores.weaviate.vectors import Vector

_EXACT = 2**53
_FORBIDDEN = frozenset({"vector"})


@dataclass(frozen=True)
class Prepared:
    """An object as it is sent."""

    index: int
    uuid: str
    properties: dict[str, Any]
    references: dict[str, Any] = field(default_factory=dict[str, Any])
    vector: Vector | dict[str, Vector] | None = None

    @property
    def size(self) -> int:
        """About how many bytes it takes on the wire."""
        sent = self.vector.values() if isinstance(self.vector, dict) else [self.vector or ()]
        return 200 + sum(4 * len(one) for one in sent) + _size(self.properties)


def prepared(schema: CollectionSchema, index: int, given: Any) -> Prepared:
    """An object that fits the collection; raises `Unfit` with the reason."""
    if not isinstance(given, Mapping):
        raise Unfit(f"It is {described(given)}, not an object with properties.")
    values = cast("Mapping[str, Any]", given)
    properties, references = fitted_values(schema, values)
    uuid, vector = values.get("uuid"), values.get("_vector")
    return Prepared(
        index,
        str(uuid4()) if uuid is None else fitted_uuid(uuid),
        {name: value for name, value in properties.items() if value is not None},
        {name: value for name, value in references.items() if value is not None},
        None if vector is None else vectors.given(schema, vector),
    )


def fitted_values(
    schema: CollectionSchema, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The properties and references that are given, null included; raises `Unfit`."""
    by_name = {prop.name: prop for prop in schema.properties}
    links = {reference.name for reference in schema.references}
    for name in values.keys() - by_name.keys() - links - NO_PROPERTIES:
        names = [*by_name, *(reference.name for reference in schema.references)]
        raise Unfit(QueryRejected.unknown("property", str(name), names, schema.name).sentence)
    properties = {
        name: None if values[name] is None else _fit(prop, values[name])
        for name, prop in by_name.items()
        if name in values
    }
    references = {
        name: None if values[name] is None else _links(name, values[name]) for name in links if name in values
    }
    return properties, references


def _fit(prop: Property, value: Any) -> Any:
    if prop.type is DataType.OBJECT:
        return _object(prop.name, value)
    if not prop.type.is_list:
        return _sent(prop, fitted(prop.name, prop.type, value))
    if not isinstance(value, list | tuple):
        raise unfit(prop.name, prop.type, value)
    return [_sent(prop, one) for one in fitted_list(prop.name, prop.type, cast("list[Any]", value))]


def _sent(prop: Property, value: Any) -> Any:
    if isinstance(value, datetime):
        if value.utcoffset() and value.utcoffset().total_seconds() % 60:  # pyright: ignore[reportOptionalMemberAccess]
            raise unfit(prop.name, prop.type, value, "its offset has seconds")
        if not EARLIEST <= value <= LATEST:
            raise unfit(prop.name, prop.type, value, "Weaviate keeps dates from 1677-09-22 to 2262-04-11")
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        raise unfit(prop.name, prop.type, value, "Weaviate keeps whole numbers up to 2^53 exactly")
    return value


def _object(name: str, value: Any) -> Any:
    # Weaviate's lists of objects are reported as "object", too.
    parts = cast("list[Any]", value if isinstance(value, list | tuple) else [value])
    if not all(isinstance(one, Mapping) for one in parts):
        raise unfit(name, DataType.OBJECT, value)
    try:
        found = jsonable(value, path=name)
    except TypeError as error:
        raise Unfit(str(error)) from None
    return _nested(name, found)


def _nested(path: str, value: Any) -> Any:
    match value:
        case str():
            _check_unicode(path, value)
            return value
        case dict():
            parts = cast("dict[str, Any]", value)
            for key in parts:
                _check_unicode(path, key)
            for key in parts.keys() & _FORBIDDEN:
                raise Unfit(f"“{path}.{key}” cannot be kept: Weaviate keeps the name “{key}” for itself.")
            return {key: _nested(f"{path}.{key}", one) for key, one in parts.items() if one is not None}
        case list():
            items = cast("list[Any]", value)
            if any(isinstance(one, list) or one is None for one in items):
                raise Unfit(f"“{path}” is a list of lists or nulls, which Weaviate cannot keep in an object.")
            if len({_kind(one) for one in items}) > 1:
                raise Unfit(f"“{path}” is a list of several types, which Weaviate cannot keep in an object.")
            numbers = any(isinstance(one, float) for one in items)
            return [float(one) if numbers else _nested(path, one) for one in items]
        case _:
            return value


def _check_unicode(path: str, text: str) -> None:
    try:
        check_unicode(text)
    except Unfit as error:
        raise Unfit(f"“{path}” cannot be kept: {error}.") from None


def _kind(value: Any) -> str:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return "float" if is_whole else type(value).__name__


def _links(name: str, value: Any) -> Any:
    try:
        if isinstance(value, list | tuple):
            return [fitted_uuid(one) for one in cast("list[Any]", value)]
        return fitted_uuid(value)
    except Unfit:
        raise Unfit(f"“{name}” refers to {described(value)}, which is not the uuid of an object.") from None


def _size(value: Any) -> int:
    match value:
        case str():
            return len(value) + 8
        case dict():
            parts = cast("dict[str, Any]", value)
            return sum(len(key) + _size(one) for key, one in parts.items()) + 8
        case list():
            return sum(map(_size, cast("list[Any]", value))) + 8
        case _:
            return 12
