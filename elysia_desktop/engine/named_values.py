"""Which values of the data a question names: a model that is told of them filters by what there is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.requests import QueryRequest
from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.engine.budget import compact
from elysia_desktop.engine.context import content_words

if TYPE_CHECKING:
    from elysia_desktop.stores.base import Store

logger = logging.getLogger(__name__)

_LOOKED_THROUGH = 30
"""Objects that match the words of the question best, whose values are looked at."""
_MOST_WORDS = 8
_LONGEST = 80
"""Characters; a value that can be named is no longer."""
_MOST_VALUES = 3
"""Of one property."""


async def named_values(
    store: Store,
    schemas: Mapping[str, CollectionSchema],
    known: Mapping[str, Mapping[str, Any]],
    question: str,
) -> str:
    """A line per collection with those of its values all of whose words stand in the question; "" without any.

    They are found among those that its analysis lists, and in the objects that match the question's words best.
    What cannot be searched is passed over.
    """
    asked = content_words(question)
    names = list(schemas)
    found = await asyncio.gather(*(_objects(store, schemas[name], question) for name in names))
    lines: list[str] = []
    for name, objects in zip(names, found, strict=True):
        values = [*_listed(known.get(name, {})), *_in_objects(schemas[name], objects)]
        fields = {content_words(prop.name) for prop in schemas[name].properties}
        named = _named(values, asked, fields)
        if named:
            told = (f"{prop} {' / '.join(f'“{value}”' for value in each)}" for prop, each in named.items())
            lines.append(f"{name}: {'; '.join(told)}")
    return "\n".join(lines)


async def _objects(store: Store, schema: CollectionSchema, question: str) -> list[dict[str, Any]]:
    if not any(prop.searchable for prop in _texts(schema)):
        return []
    properties = tuple(prop.name for prop in _texts(schema) if prop.filterable)
    request = QueryRequest(
        collection=schema.name, search="keyword", text=question, limit=_LOOKED_THROUGH, properties=properties
    )
    try:
        return (await store.query(request)).objects
    except StoreError as error:
        logger.info("Values of %s that the question names are not looked for: %s", schema.name, error)
        return []


def _texts(schema: CollectionSchema) -> list[Property]:
    return schema.of_type(DataType.TEXT, DataType.TEXTS)


def _listed(known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in known.get("fields") or ():
        if str(field["type"]).startswith("text"):
            yield from ((str(field["name"]), str(group["value"])) for group in field.get("groups") or ())


def _in_objects(schema: CollectionSchema, objects: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    names = [prop.name for prop in _texts(schema)]
    for item in objects:
        for name in names:
            value = item.get(name)
            each = cast("list[Any]", value) if isinstance(value, list) else [value]
            yield from ((name, text) for text in each if isinstance(text, str))


def _named(
    values: Iterable[tuple[str, str]], asked: frozenset[str], fields: Collection[frozenset[str]]
) -> dict[str, list[str]]:
    """The values that are named by property; one that says less than another, or names a field, is left out."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for prop, value in dict.fromkeys(values):
        if len(value) <= _LONGEST:
            words = content_words(value)
            if words and len(words) <= _MOST_WORDS and words <= asked and words not in fields:
                found[prop, compact(value, _LONGEST)] = words
    named: dict[str, list[str]] = {}
    for (prop, value), words in found.items():
        if not any(words < other for other in found.values()):
            named.setdefault(prop, []).append(value)
    return {prop: each[:_MOST_VALUES] for prop, each in named.items()}
