"""Objects as Weaviate's client gives them, in the form every store gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from weaviate.classes.query import QueryReference

from elysia_desktop.core.schema import CollectionSchema, DataType

if TYPE_CHECKING:
    from elysia_desktop.stores.base import StoredObject
    from elysia_desktop.stores.weaviate.targets import Found


def reading(schema: CollectionSchema, names: Iterable[str] | None) -> dict[str, Any]:
    """What to tell a query about the properties and references to return; None for all."""
    wanted = None if names is None else set(names)
    references = [one.name for one in schema.references if wanted is None or one.name in wanted]
    asked: dict[str, Any] = {}
    if references:
        asked["return_references"] = [
            QueryReference(link_on=name, return_properties=[]) for name in references
        ]
    if wanted is not None:
        chosen = [one for one in schema.properties if one.name in wanted]
        # The parts of an object would have to be named one by one.
        if not any(one.type is DataType.OBJECT for one in chosen):
            asked["return_properties"] = [one.name for one in chosen]
    return asked


def stored(schema: CollectionSchema, found: Found, names: Iterable[str] | None = None) -> StoredObject:
    """The object with its properties, those without a value included, in the schema's order."""
    wanted = None if names is None else set(names)
    values: Mapping[str, Any] = found.properties
    references: Mapping[str, Any] = found.references or {}
    kept: StoredObject = {"uuid": str(found.uuid)}
    for prop in schema.properties:
        if wanted is None or prop.name in wanted:
            kept[prop.name] = plain(values.get(prop.name))
    for reference in schema.references:
        if wanted is None or reference.name in wanted:
            kept[reference.name] = _referred(references.get(reference.name))
    return kept


def _referred(reference: Any) -> str | list[str] | None:
    uuids = [str(one.uuid) for one in reference.objects] if reference is not None else []
    if not uuids:
        return None
    return uuids[0] if len(uuids) == 1 else uuids


def plain(value: Any) -> Any:
    """A value of the client library as JSON data; dates as ISO 8601 with their offset."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    parts = cast("Mapping[str, Any]", value if isinstance(value, Mapping) else vars(value))
    # Coordinates and telephone numbers, of which some parts may be missing, are classes of the library.
    return {key: plain(item) for key, item in parts.items() if item is not None or parts is value}
