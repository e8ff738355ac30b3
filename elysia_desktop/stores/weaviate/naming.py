"""Names that Weaviate takes for collections and properties."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores import checks

if TYPE_CHECKING:
    from elysia_desktop.core.schema import CollectionSchema

_COLLECTION = re.compile(r"[A-Z][A-Za-z0-9_]{0,199}")
_PROPERTY = re.compile(r"[a-z_][A-Za-z0-9_]{0,199}")
_RESERVED = frozenset({"id", "_id", "uuid", "vector", "_vector", "_score", "_additional"})


def is_collection(name: str) -> bool:
    """Whether a collection can have this name."""
    return _COLLECTION.fullmatch(name) is not None


def check(schema: CollectionSchema) -> None:
    """Raise `QueryRejected`, saying what to do, where a name is not possible."""
    name = schema.name
    if not is_collection(name):
        capital = f"{name[:1].upper()}{name[1:]}"
        better = f" Call it “{capital}”." if capital != name and is_collection(capital) else ""
        raise QueryRejected(
            f"“{name}” cannot be the name of a collection in Weaviate.",
            f"Use the letters A to Z, digits and _, a capital letter first.{better}",
        )
    checks.new_vectors(schema)
    seen: set[str] = set()
    for one in (*schema.properties, *schema.references):
        _check_property(name, one.name)
        # Weaviate takes names that differ by case only for the same.
        if one.name.lower() in seen:
            raise QueryRejected(
                f"There are two properties called “{one.name}”.",
                "Give each a name of its own; capital and small letters do not tell them apart in Weaviate.",
            )
        seen.add(one.name.lower())


def _check_property(collection: str, name: str) -> None:
    if name in _RESERVED:
        raise QueryRejected(
            f"“{name}” cannot be a property: Weaviate keeps that name for itself.",
            f"Call it something else, such as “{collection.lower()}_{name.strip('_')}”.",
        )
    if not _PROPERTY.fullmatch(name):
        small = f"{name[:1].lower()}{name[1:]}"
        better = f" Call it “{small}”." if small != name and _PROPERTY.fullmatch(small) else ""
        raise QueryRejected(
            f"“{name}” cannot be the name of a property in Weaviate.",
            f"Use the letters A to Z, digits and _, a small letter first, at most 200 in all.{better}",
        )
