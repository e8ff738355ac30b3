"""What is known of the collections in use: the metadata that analysis wrote."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from copy import deepcopy
from logging import Logger
from typing import Any, Protocol

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.saved_json import Saved

Metadata = dict[str, Any]
"""Name, length, summary, fields with statistics, display mappings, prompt suggestions."""


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
    """Caches metadata of the collections in use.

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

    async def set_collection_names(
        self,
        collection_names: Sequence[str],
        client_manager: ClientManager,
        statistics: Statistics | None = None,
    ) -> list[str]:
        """Use these collections, reading metadata that is not cached yet; returns those that can be used."""
        statistics = statistics or self.statistics
        store = client_manager.store()
        existing = {info.name for info in await store.collections()}
        collection_names = list(dict.fromkeys(collection_names))
        self.incorrect_collections = [name for name in collection_names if name not in existing]
        self.removed_collections = []
        for name in (name for name in collection_names if name in existing and name not in self.metadata):
            try:
                metadata = await store.get_metadata(name)
                if metadata is None and statistics is not None:
                    metadata = await statistics(store, name)
            except StoreError as error:
                metadata = None
                self._warn("The collection %s is left out, it could not be read: %s", name, error)
            else:
                if metadata is None:
                    self._warn("The collection %s is left out, it was not analysed.", name)
            if metadata is None:
                self.removed_collections.append(name)
            else:
                self.metadata[name] = metadata
        self.collection_names = [
            name for name in collection_names if name in self.metadata and name in existing
        ]
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

    def _warn(self, message: str, *values: object) -> None:
        (self.logger or logging.getLogger(__name__)).warning(message, *values)


def _is_usable(metadata: Saved) -> bool:
    """Whether metadata tells of its fields what every reader of it needs."""
    return all({"name", "type"} <= field.object().keys() for field in metadata.get("fields", []).items())
