"""What analysis wrote: whether it is there, read, changed by the person, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.collection_data import Metadata
from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.engine.analysis.displays import DISPLAYS, TABLE, display_names
from elysia_desktop.engine.analysis.mapping import Mappings, with_table
from elysia_desktop.engine.analysis.request import AnalysisRefused, count_of, opened
from elysia_desktop.engine.blocking import run_blocking
from elysia_desktop.stores import analyses
from elysia_desktop.stores.fitting import described

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.stores.base import Store

_OF_FIELDS = ("description",)
_OF_VECTORS = ("enabled", "description")


async def preprocessed_collection_exists_async(
    collection_name: str, client_manager: ClientManager | None = None
) -> bool:
    """Whether a collection was analysed; False too where there is no such collection."""
    async with opened(client_manager) as store:
        if collection_name not in {info.name for info in await store.collections()}:
            return False
        return await store.get_metadata(collection_name) is not None


def preprocessed_collection_exists(collection_name: str, client_manager: ClientManager | None = None) -> bool:
    """Whether a collection was analysed; blocks."""
    return run_blocking(preprocessed_collection_exists_async(collection_name, client_manager))


async def view_preprocessed_collection_async(
    collection_name: str, client_manager: ClientManager | None = None
) -> Metadata:
    """What analysis wrote; raises `ValueError` for an unknown collection or one that was not analysed."""
    async with opened(client_manager) as store:
        return await _written(store, collection_name)


def view_preprocessed_collection(
    collection_name: str, client_manager: ClientManager | None = None
) -> Metadata:
    """What analysis wrote; blocks."""
    return run_blocking(view_preprocessed_collection_async(collection_name, client_manager))


async def delete_preprocessed_collection_async(
    collection_name: str, client_manager: ClientManager | None = None
) -> None:
    """Forget what analysis wrote, and what one that was cut off found out; the collection itself stays.

    Raises `ValueError` where it was not analysed.
    """
    async with opened(client_manager) as store:
        await count_of(store, collection_name)
        await analyses.forget(store, collection_name)
        if not await store.delete_metadata(collection_name):
            raise _not_analysed(collection_name)


def delete_preprocessed_collection(collection_name: str, client_manager: ClientManager | None = None) -> None:
    """Forget what analysis wrote; blocks."""
    run_blocking(delete_preprocessed_collection_async(collection_name, client_manager))


async def edit_preprocessed_collection_async(
    collection_name: str,
    client_manager: ClientManager | None = None,
    named_vectors: Sequence[Mapping[str, Any]] | None = None,
    summary: str | None = None,
    mappings: Mapping[str, Mapping[str, str]] | None = None,
    fields: Sequence[Mapping[str, Any] | None] | None = None,
) -> Metadata:
    """Change what analysis wrote, all or nothing; returns it whole.

    `mappings` replace all there were, but for the table's, which is always there. Whoever maps a display wants it:
    it is kept however few of its fields are mapped, if those that it needs are; conversations are mapped as messages,
    too. Of each of the `fields`, found by `name`, the `description` changes, of each of the `named_vectors` also
    whether it is `enabled`; None leaves either as it is. Raises `ValueError` saying what is expected, or naming
    what is unknown and what there is.
    """
    async with opened(client_manager) as store:
        metadata = await _written(store, collection_name)
        if summary is not None:
            metadata["summary"] = _text("The summary", summary)
        if mappings is not None:
            metadata["mappings"] = _checked(mappings, await store.schema(collection_name))
            metadata.pop("guessed", None)
        _change("field", metadata.get("fields"), _listed("fields", fields), _OF_FIELDS)
        _change("vector", metadata.get("named_vectors"), _listed("named_vectors", named_vectors), _OF_VECTORS)
        await store.put_metadata(collection_name, metadata)
        return metadata


def edit_preprocessed_collection(
    collection_name: str,
    client_manager: ClientManager | None = None,
    named_vectors: Sequence[Mapping[str, Any]] | None = None,
    summary: str | None = None,
    mappings: Mapping[str, Mapping[str, str]] | None = None,
    fields: Sequence[Mapping[str, Any] | None] | None = None,
) -> Metadata:
    """Change what analysis wrote; blocks."""
    return run_blocking(
        edit_preprocessed_collection_async(
            collection_name, client_manager, named_vectors, summary, mappings, fields
        )
    )


async def _written(store: Store, name: str) -> Metadata:
    await count_of(store, name)
    metadata = await store.get_metadata(name)
    if metadata is None:
        raise _not_analysed(name)
    return metadata


def _not_analysed(name: str) -> AnalysisRefused:
    return AnalysisRefused(f"The collection “{name}” was not analysed yet.", "Analyse it first.")


def _checked(mappings: Mapping[str, Mapping[str, str]], schema: CollectionSchema) -> Mappings:
    """The mappings without empty fields; raises where a display, a field or a property is unknown."""
    names = [prop.name for prop in schema.properties]
    checked: Mappings = {}
    for display, mapping in _object("mappings", "displays", mappings).items():
        if display not in display_names():
            raise AnalysisRefused.unknown("display", str(display), display_names())
        known = names if display == TABLE else DISPLAYS[display].fields
        for field, prop in _object(display, "fields", mapping).items():
            if field not in known:
                raise AnalysisRefused.unknown("field", str(field), known, f"the display “{display}”")
            if prop is not None and not isinstance(prop, str):
                raise AnalysisRefused(
                    f"“{field}” of the display “{display}” takes the name of one property, not {described(prop)}."
                )
            if prop and prop not in names:
                raise AnalysisRefused.unknown("property", prop, names, schema.name)
        if display != TABLE:
            checked[display] = {field: prop for field, prop in mapping.items() if prop}
            _refuse_unmapped(display, checked[display])
    return with_table(checked, schema.properties)


def _refuse_unmapped(display: str, mapping: Mapping[str, str]) -> None:
    missing = [field for field in DISPLAYS[display].required if field not in mapping]
    if missing:
        raise AnalysisRefused(
            f"The display “{display}” needs {' and '.join(missing)}.", "Map them or leave the display out."
        )
    if not mapping:
        raise AnalysisRefused(
            f"The display “{display}” has no field mapped.",
            f"Map some of {', '.join(DISPLAYS[display].fields)}, or leave the display out.",
        )


def _object(name: str, keys: str, given: Any) -> Mapping[Any, Any]:
    if isinstance(given, Mapping):
        return cast("Mapping[Any, Any]", given)
    raise AnalysisRefused(
        f"“{name}” is an object with {keys} as keys, not {described(given)}.",
        'For example: {"document": {"title": "name"}}, where “name” is a property.',
    )


def _listed(name: str, given: Any) -> Sequence[Mapping[str, Any]]:
    """The changes of parts of the metadata; raises where they are not objects in a list."""
    if given is None:
        return ()
    if isinstance(given, Sequence) and not isinstance(given, str):
        changes = [one for one in cast("Sequence[Any]", given) if one is not None]
        if all(isinstance(one, Mapping) for one in changes):
            return changes
    raise AnalysisRefused(
        f"“{name}” is a list of objects with a name each, not {described(given)}.",
        'For example: [{"name": "price", "description": "In pounds"}].',
    )


def _change(
    kind: str,
    known: Sequence[dict[str, Any]] | None,
    changes: Sequence[Mapping[str, Any]],
    editable: Sequence[str],
) -> None:
    """Write the editable values of each change into the part of the same name; others may only be repeated."""
    parts = {part["name"]: part for part in known or ()}
    for change in changes:
        name = change.get("name")
        if not isinstance(name, str) or name not in parts:
            raise AnalysisRefused.unknown(kind, str(name), parts)
        for key, value in change.items():
            if value is None and key in editable:
                continue
            if key == "enabled" and key in editable and not isinstance(value, bool):
                raise AnalysisRefused(f"“enabled” of “{name}” is true or false, not {value!r}.")
            if key == "description":
                parts[name][key] = _text(f"The description of “{name}”", value)
            elif key in editable:
                parts[name][key] = value
            elif key not in parts[name] or parts[name][key] != value:
                raise AnalysisRefused(
                    f"“{key}” of the {kind} “{name}” cannot be changed.",
                    f"What can be is: {', '.join(editable)}.",
                )


def _text(what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise AnalysisRefused(f"{what} is a text, not {value!r}.")
    # Half a surrogate pair is no valid Unicode, and no store can keep it.
    return value.encode("utf-8", "replace").decode()
