"""What analysis wrote, kept as `elysia-ai` keeps it: one object per collection in `ELYSIA_METADATA__`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import NAMESPACE_DNS, uuid5

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter
from weaviate.exceptions import WeaviateInsertManyAllFailedError

from elysia_desktop.core.errors import QueryRejected, StoreError
from elysia_desktop.stores.fitting import fitted_metadata
from elysia_desktop.stores.weaviate import failures
from elysia_desktop.stores.weaviate.identified import removed_all
from elysia_desktop.stores.weaviate.objects import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elysia_desktop.stores.weaviate.catalog import Catalog
    from elysia_desktop.stores.weaviate.targets import Collection, Target

NAME = "ELYSIA_METADATA__"

_MOST = 100


def _property(name: str, data_type: str, *nested: dict[str, Any], **more: Any) -> dict[str, Any]:
    parts = {"nestedProperties": list(nested)} if nested else {}
    return {"name": name, "dataType": [data_type], **parts, **more}


def definition() -> dict[str, Any]:
    """The collection; mappings, prompts and what else there is are added by Weaviate when they come in."""
    return {
        "class": NAME,
        "vectorizer": "none",
        "invertedIndexConfig": {"indexNullState": True},
        "properties": [
            _property("name", "text", tokenization="field"),
            _property("length", "number"),
            _property("summary", "text"),
            _property(
                "index_properties",
                "object",
                *(
                    _property(n, "boolean")
                    for n in ("isNullIndexed", "isLengthIndexed", "isTimestampIndexed")
                ),
            ),
            _property(
                "named_vectors",
                "object[]",
                *(_property(n, "text") for n in ("name", "vectorizer", "model")),
                _property("source_properties", "text[]"),
                _property("enabled", "boolean"),
                _property("description", "text"),
            ),
            _property("vectorizer", "object", *(_property(n, "text") for n in ("vectorizer", "model"))),
            _property(
                "fields",
                "object[]",
                *(_property(n, "text") for n in ("name", "type", "description")),
                _property("range", "number[]"),
                _property("date_range", "date[]"),
                _property("groups", "object[]", _property("value", "text"), _property("count", "int")),
                _property("date_median", "date"),
                _property("mean", "number"),
            ),
        ],
    }


async def get(catalog: Catalog, name: str) -> dict[str, Any] | None:
    """What analysis wrote about the collection."""
    target = await _target(catalog)
    if target is None:
        return None
    where = Filter.by_property("name").equal(name)
    try:
        found = await target.read("fetch_objects", filters=where, limit=_MOST)
    except failures.MissingCollection:
        return None
    written = [one for one in found if one.properties.get("name") == name]
    if not written:
        return None
    ours = [one for one in written if str(one.uuid) == _uuid(name)]
    return _told(plain((ours or written)[0].properties))


async def put(catalog: Catalog, name: str, metadata: Mapping[str, Any]) -> None:
    """Keep what analysis wrote, in place of what there was; raises `QueryRejected` when it is no JSON data."""
    written = _sent({**fitted_metadata(metadata), "name": name})
    # Looked for anew: Weaviate makes a collection that is missing by itself, and not as it should be.
    target = await _target(catalog, fresh=True)
    if target is None:
        await catalog.make(definition())
        target = await catalog.find(NAME, fresh=True)
    one = DataObject(written, uuid=_uuid(name))

    async def stored(collection: Collection) -> str:
        try:
            await collection.data.insert_many([one])
        except WeaviateInsertManyAllFailedError as error:
            if failures.is_passing(error) or failures.concerns_all(error):
                raise
            return failures.shortened(error.message)
        return ""

    if reason := await target.run(stored):
        raise StoreError(
            f"What was found out about “{name}” could not be kept: {reason}",
            f"Remove the collection {NAME} if another program made it in another way.",
        )
    others = Filter.all_of([Filter.by_property("name").equal(name), Filter.by_id().not_equal(_uuid(name))])
    await target.run(lambda c: removed_all(c, others))


async def delete(catalog: Catalog, name: str) -> bool:
    """Forget what analysis wrote; whether there was anything."""
    target = await _target(catalog, fresh=True)
    if target is None:
        return False
    where = Filter.by_property("name").equal(name)
    if not await target.read("fetch_objects", filters=where, limit=1, return_properties=[]):
        return False
    await target.run(lambda c: removed_all(c, where))
    return True


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_DNS, name))


async def _target(catalog: Catalog, *, fresh: bool = False) -> Target | None:
    try:
        return await catalog.find(NAME, fresh=fresh)
    except QueryRejected:
        return None


def _sent(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata as Weaviate takes it: numbers of the type that is declared, nothing that is null."""
    sent = {key: _filled(value) for key, value in metadata.items() if value not in (None, [], {})}
    if isinstance(metadata.get("length"), int):
        sent["length"] = float(metadata["length"])
    for field in sent.get("fields", []):
        if field.get("range"):
            field["range"] = [float(number) for number in field["range"]]
        if field.get("mean") is not None:
            field["mean"] = float(field["mean"])
    return sent


def _filled(value: Any) -> Any:
    match value:
        case dict():
            parts = cast("dict[str, Any]", value)
            return {key: _filled(one) for key, one in parts.items() if one is not None}
        case list():
            return [_filled(one) for one in cast("list[Any]", value)]
        case _:
            return value


_OF_FIELD = ("description", "range", "mean", "groups", "date_range", "date_median")


def _told(written: dict[str, Any]) -> dict[str, Any]:
    """What was written, with what Weaviate leaves out because it is null or empty."""
    empty: dict[str, Any] = {"summary": "", "fields": [], "mappings": {}, "prompts": []}
    told = empty | {key: value for key, value in written.items() if value is not None}
    for name in ("named_vectors", "vectorizer"):
        told.setdefault(name, None)
    fields: list[dict[str, Any]] = told["fields"]
    for field in fields:
        for name in _OF_FIELD:
            field.setdefault(name, "" if name == "description" else None)
    return told
