"""What is known of the collections in use: the metadata that analysis wrote."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import deepcopy
from logging import Logger
from typing import Any, Protocol

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.saved_json import Saved

Metadata = dict[str, Any]
"""Name, length, summary, fields with statistics, display mappings, prompt suggestions."""

_SMALL_CHANGE = 1_000
"""A change of one object in so many leaves the statistics as they are."""
_AT_ONCE = 8
"""Collections whose metadata are read at the same time."""


class MetadataStore(Protocol):
    """The part of a data store that knows what was learned about its collections."""

    async def collections(self) -> Sequence[Any]:
        """All collections."""
        ...

    async def get_metadata(self, name: str) -> Metadata | None:
        """What analysis wrote about the collection."""
        ...


class ClientManager(Protocol):
    """Opens the data store that is configured."""

    def store(self) -> Any:
        """The store to read from."""
        ...


Statistics = Callable[[Any, str], Awaitable[Metadata]]
"""Makes metadata for a collection that was never analysed, from its store and name."""


class CollectionData:
    """Knows the metadata of the collections in use.

    `removed_collections` are those whose metadata could not be had, `incorrect_collections` those that do not
    exist; both are warned about and left out. `statistics` serves where there was no analysis.
    """

    def __init__(
        self,
        collection_names: Sequence[str],
        metadata: Mapping[str, Metadata] | None = None,
        logger: Logger | None = None,
        statistics: Statistics | None = None,
    ) -> None:
        self.collection_names = list(collection_names)
        self.metadata: dict[str, Metadata] = deepcopy(dict(metadata or {}))
        self.logger = logger
        self.statistics = statistics
        self.removed_collections: list[str] = []
        self.incorrect_collections: list[str] = []
        self._seen: dict[str, tuple[int | None, Metadata | None]] = {}

    async def set_collection_names(
        self,
        collection_names: Sequence[str],
        client_manager: ClientManager,
        statistics: Statistics | None = None,
    ) -> list[str]:
        """Use these collections with what is known of them now; returns those that can be used.

        What analysis wrote is read anew each time; the statistics are refreshed when the number of objects changed.
        """
        statistics = statistics or self.statistics
        store = client_manager.store()
        counts = {info.name: info.count for info in await store.collections()}
        collection_names = list(dict.fromkeys(collection_names))
        self.incorrect_collections = [name for name in collection_names if name not in counts]
        self.removed_collections = []
        present = [name for name in collection_names if name in counts]
        some = asyncio.Semaphore(_AT_ONCE)

        async def current(name: str) -> Metadata | None:
            async with some:
                return await self._current(store, name, counts[name], statistics)

        known = await asyncio.gather(*map(current, present))
        for name, metadata in zip(present, known, strict=True):
            if metadata is None:
                self.removed_collections.append(name)
            else:
                self.metadata[name] = metadata
        self.collection_names = [name for name in present if name not in self.removed_collections]
        if self.incorrect_collections:
            self._warn("Left out, there are no such collections: %s", ", ".join(self.incorrect_collections))
        return list(self.collection_names)

    def output_full_metadata(
        self, collection_names: Sequence[str] | None = None, with_mappings: bool = False
    ) -> dict[str, Metadata]:
        """The metadata of these collections, or of all in use, with their display mappings if asked."""
        return {
            name: {
                key: value for key, value in self.metadata[name].items() if with_mappings or key != "mappings"
            }
            for name in self._in_use(collection_names)
        }

    def output_collection_summaries(self, collection_names: Sequence[str] | None = None) -> dict[str, str]:
        """The summary of each collection."""
        return {name: str(self.metadata[name].get("summary", "")) for name in self._in_use(collection_names)}

    def output_mapping_lists(self) -> dict[str, list[str]]:
        """The displays that fit each collection."""
        return {name: list(mappings) for name, mappings in self.output_mappings().items()}

    def output_mappings(self) -> dict[str, dict[str, dict[str, str]]]:
        """Display → display field → property, for each collection."""
        return {
            name: deepcopy(self.metadata[name].get("mappings") or {"table": {}})
            for name in self._in_use(None)
        }

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs."""
        return {
            "collection_names": list(self.collection_names),
            "metadata": deepcopy(self.metadata),
            "removed_collections": list(self.removed_collections),
            "incorrect_collections": list(self.incorrect_collections),
        }

    @classmethod
    def from_json(
        cls, json_data: Mapping[str, Any], logger: Logger | None = None, place: str = "collection_data"
    ) -> CollectionData:
        """What `to_json` wrote, ours or Elysia's; raises `ValueError` naming what is damaged, below `place`.

        Metadata whose fields have no name or type is left out, so that it is read anew.
        """
        saved = Saved(json_data, place)
        known = {
            name: told.object()
            for name, told in saved.get("metadata", {}).parts().items()
            if _is_usable(told)
        }
        data = cls(saved["collection_names"].texts(), known, logger)
        data.removed_collections = saved.get("removed_collections", []).texts()
        data.incorrect_collections = saved.get("incorrect_collections", []).texts()
        return data

    def _in_use(self, collection_names: Sequence[str] | None) -> list[str]:
        names = self.collection_names if collection_names is None else collection_names
        return [name for name in names if name in self.metadata]

    async def _current(
        self, store: MetadataStore, name: str, count: int, statistics: Statistics | None
    ) -> Metadata | None:
        """What is known of a collection now, None where that is nothing; what was known before serves in need."""
        known = self.metadata.get(name)
        try:
            written = await store.get_metadata(name)
            counted, before = self._seen.get(name) or _first(known)
            if known is not None and before == written and _is_near(counted, count):
                return _with_length(known, count)
            found = written and _as_ours(written)
            counted = _counted(found or {})
            if statistics is not None and (found is None or not _is_near(counted, count)):
                found, counted = _refreshed(found, await statistics(store, name)), count
        except StoreError as error:
            if known is None:
                self._warn("The collection %s is left out, it could not be read: %s", name, error)
            return known
        if found is None:
            self._warn("The collection %s is left out, it was not analysed.", name)
            return None
        self._seen[name] = counted, written
        return _with_length(found, count)

    def _warn(self, message: str, *values: object) -> None:
        (self.logger or logging.getLogger(__name__)).warning(message, *values)


def _first(known: Metadata | None) -> tuple[int | None, Metadata | None]:
    """What is taken as seen for metadata that came from elsewhere: a collection of that size, without analysis."""
    return _counted(known or {}), None


def _counted(metadata: Metadata) -> int | None:
    """How many objects there were, None where that was not told."""
    length = metadata.get("length")
    return None if length is None else int(length)


def _is_near(counted: int | None, count: int) -> bool:
    """Whether statistics of so many objects are still good; in a large collection a few more change nothing."""
    return counted is None or abs(counted - count) <= count // _SMALL_CHANGE


def _with_length(metadata: Metadata, count: int) -> Metadata:
    return metadata if _counted(metadata) in {count, None} else {**metadata, "length": float(count)}


def _as_ours(written: Metadata) -> Metadata:
    """What analysis wrote, but as we write it where Elysia does not: fields mapped to "", a group of the rest."""
    ours = dict(written)
    if written.get("fields"):
        fields: list[dict[str, Any]] = written["fields"]
        ours["fields"] = [{**field, **_listed(field)} for field in fields]
    if written.get("mappings"):
        ours["mappings"] = _ordered(
            written["mappings"], [field["name"] for field in written.get("fields") or ()]
        )
    return ours


def _ordered(
    mappings: Mapping[str, Mapping[str, str]], properties: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Mappings without empty fields, the table last and in the order of the properties, which Weaviate does not keep."""
    place = {name: number for number, name in enumerate(properties)}
    ordered = {
        display: {shown: prop for shown, prop in mapping.items() if prop}
        for display, mapping in sorted(mappings.items(), key=lambda item: item[0] == "table")
    }
    if "table" in ordered:
        columns = sorted(ordered["table"].items(), key=lambda item: place.get(item[1], len(place)))
        ordered["table"] = dict(columns)
    return ordered


def _listed(field: Mapping[str, Any]) -> dict[str, Any]:
    groups: Sequence[Mapping[str, Any]] = field.get("groups") or ()
    if not groups:
        return {}
    # Elysia writes a whole number's values as Weaviate tells them: “3.0”.
    zero = ".0" if field.get("type") == "int" else ""
    return {
        "groups": [
            {**group, "value": str(group["value"]).removesuffix(zero)}
            for group in groups
            if not _is_rest(group)
        ]
    }


def _is_rest(group: Mapping[str, Any]) -> bool:
    return str(group.get("value")).startswith("<undefined_group>")


def _refreshed(written: Metadata | None, computed: Metadata) -> Metadata:
    """What analysis wrote, with the statistics as they are now.

    The lengths of texts and lists stay: these are computed from a part of the objects only.
    """
    if written is None:
        return computed
    before = {field["name"]: field for field in written.get("fields") or ()}
    fields = [_refreshed_field(before.get(field["name"], {}), field) for field in computed["fields"]]
    mappings: dict[str, Any] = {**(written.get("mappings") or {}), "table": computed["mappings"]["table"]}
    return {**written, "length": computed["length"], "fields": fields, "mappings": mappings}


def _refreshed_field(before: Mapping[str, Any], computed: Mapping[str, Any]) -> dict[str, Any]:
    has_lengths = computed["type"] == "text" or str(computed["type"]).endswith("[]")
    kept = ("description", "range", "mean") if has_lengths else ("description",)
    return {**computed, **{key: before[key] for key in kept if before.get(key) is not None}}


def _is_usable(metadata: Saved) -> bool:
    """Whether metadata tells of its fields what every reader of it needs."""
    return all({"name", "type"} <= field.object().keys() for field in metadata.get("fields", []).items())
