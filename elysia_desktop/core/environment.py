"""The store of everything found in a conversation, seen by every decision and tool."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, TypedDict

from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.objects import Result

SELF_INFO = [
    {
        "name": "Elysia Desktop",
        "description": "A desktop application that answers questions about the user's own data "
        "by choosing tools step by step: searching, aggregating, charting, summarising with citations.",
        "purpose": "To find what is in the user's collections, show it, and explain how the answer came about.",
    }
]


class Entry(TypedDict):
    """One result: its metadata and objects, each object with a `_REF_ID`."""

    metadata: dict[str, Any]
    objects: list[dict[str, Any]]


class Environment:
    """`{tool: {name: [Entry, …]}}`, plus `SelfInfo` about the application.

    An object equal to one already there under the same tool and name is stored as a repeat of it. Reference
    ids are unique and never reused. `hidden_environment` is shared by tools and never shown to a model.
    """

    def __init__(
        self,
        environment: dict[str, dict[str, Any]] | None = None,
        self_info: bool = True,
        hidden_environment: dict[str, Any] | None = None,
    ) -> None:
        self.environment: dict[str, dict[str, Any]] = deepcopy(environment or {})
        self.hidden_environment: dict[str, Any] = {} if hidden_environment is None else hidden_environment
        self.self_info = self_info
        self._numbers: dict[tuple[str, str], int] = {}
        self._first: dict[tuple[str, str], dict[bytes, str]] = {}
        self._equals: dict[tuple[str, str, bytes], list[str]] = {}
        self._objects: dict[str, dict[str, Any] | None] = {}
        self.version = 0
        if self_info:
            self.environment.setdefault("SelfInfo", {"info": deepcopy(SELF_INFO)})
        for tool, name, entries in self.results():
            self._numbers[tool, name] = len(entries)
            for number, entry in enumerate(entries, start=1):
                self._adopt(tool, name, number, entry["objects"])

    def results(self) -> Iterator[tuple[str, str, list[Entry]]]:
        """Every `(tool, name, entries)` except what the application says about itself."""
        for tool, named in self.environment.items():
            if tool != "SelfInfo":
                for name, entries in named.items():
                    yield tool, name, entries

    def entries(self) -> Iterator[tuple[str, str, Entry]]:
        """Every `(tool, name, entry)`, oldest first within a name."""
        for tool, name, entries in self.results():
            for entry in entries:
                yield tool, name, entry

    def is_empty(self) -> bool:
        """Whether no result is left; what the application says about itself does not count."""
        return not any(entries for _, _, entries in self.results())

    def has_objects(self) -> bool:
        """Whether any result holds at least one object."""
        return any(entry["objects"] for _, _, entry in self.entries())

    def object(self, ref_id: str) -> dict[str, Any] | None:
        """The object that carries this reference id, not one of its repeats."""
        return self._objects.get(ref_id)

    def add(self, tool_name: str, result: Result, include_duplicates: bool = False) -> list[dict[str, Any]]:
        """Store a result's objects; returns them as stored, with their ids."""
        return self.add_objects(tool_name, result.name, result.to_json(), result.metadata, include_duplicates)

    def add_objects(
        self,
        tool_name: str,
        name: str,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        include_duplicates: bool = False,
    ) -> list[dict[str, Any]]:
        """Store objects as a new entry; the caller's objects are not changed."""
        entry = self._entry(tool_name, name, objects, metadata, include_duplicates)
        self.environment.setdefault(tool_name, {}).setdefault(name, []).append(entry)
        self.version += 1
        return entry["objects"]

    def find(self, tool_name: str, name: str, index: int | None = None) -> Any:
        """The entries under tool and name, or the one at `index`; None when absent."""
        entries = self.environment.get(tool_name, {}).get(name)
        if entries is None or index is None:
            return entries
        return entries[index] if -len(entries) <= index < len(entries) else None

    def remove(self, tool_name: str, name: str, index: int | None = None) -> None:
        """Remove one entry, or all and keep an empty list; `KeyError` or `IndexError` when absent."""
        entries = self._existing(tool_name, name, index)
        removed = list(entries) if index is None else [entries[index]]
        kept = (
            []
            if index is None
            else [e for position, e in enumerate(entries) if position != index % len(entries)]
        )
        entries[:] = kept
        for entry in removed:
            self._forget(tool_name, name, entry.get("objects", ()))
        self.version += 1

    def replace(
        self,
        tool_name: str,
        name: str,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        index: int | None = None,
    ) -> None:
        """Put new objects in place of one entry, or of all; ids are given as by `add`."""
        entries = self._existing(tool_name, name, index)
        for item in objects:
            _digest(item)  # raises before anything is removed
        position = None if index is None else index % len(entries)
        removed = list(entries) if position is None else [entries[position]]
        entries[:] = [e for number, e in enumerate(entries) if position not in {None, number}]
        for entry in removed:
            self._forget(tool_name, name, entry["objects"])
        entries.insert(position or 0, self._entry(tool_name, name, objects, metadata, False))
        self.version += 1

    def to_json(self, remove_unserialisable: bool = False) -> dict[str, Any]:
        """`{"environment", "hidden_environment", "self_info"}`.

        Where results were removed, `numbers` says how many there have been, so that no id is used again.
        """
        taken = self._taken_numbers()
        return {
            "environment": jsonable(
                self.environment, remove_unserialisable=remove_unserialisable, path="environment"
            ),
            "hidden_environment": jsonable(
                self.hidden_environment,
                remove_unserialisable=remove_unserialisable,
                path="hidden_environment",
            ),
            "self_info": self.self_info,
            **({"numbers": taken} if taken else {}),
        }

    @classmethod
    def from_json(cls, json_data: Mapping[str, Any]) -> Environment:
        """The environment that `to_json` wrote."""
        made = cls(
            environment=dict(json_data["environment"]),
            self_info=bool(json_data.get("self_info", True)),
            hidden_environment=deepcopy(dict(json_data.get("hidden_environment") or {})),
        )
        for tool, named in dict(json_data.get("numbers") or {}).items():
            for name, number in named.items():
                made._numbers[tool, name] = max(made._numbers.get((tool, name), 0), int(number))
        return made

    def _taken_numbers(self) -> dict[str, dict[str, int]]:
        """How many results each name has had, where what is left does not show it."""
        taken: dict[str, dict[str, int]] = {}
        for (tool, name), number in self._numbers.items():
            entries: list[Entry] = self.find(tool, name) or []
            shown = [_number_in(item["_REF_ID"]) for entry in entries for item in entry["objects"]]
            if number > max([len(entries), *shown]):
                taken.setdefault(tool, {})[name] = number
        return taken

    def _existing(self, tool_name: str, name: str, index: int | None) -> list[Entry]:
        entries = self.find(tool_name, name)
        if entries is None:
            raise KeyError(f"The environment has nothing under “{tool_name}” / “{name}”.")
        if index is not None and not -len(entries) <= index < len(entries):
            raise IndexError(
                f"“{tool_name}” / “{name}” has {len(entries)} results; there is no number {index}."
            )
        return entries

    def _entry(
        self,
        tool: str,
        name: str,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None,
        include_duplicates: bool,
    ) -> Entry:
        # all that can fail comes first: an object half stored would be the original of later repeats
        digests = [_digest(item) for item in objects]
        copies = [deepcopy(dict(item)) for item in objects]
        entry = Entry(metadata=deepcopy(dict(metadata or {})), objects=[])
        number = self._numbers.get((tool, name), 0) + 1
        self._numbers[tool, name] = number
        first = self._first.setdefault((tool, name), {})
        for position, (item, digest) in enumerate(zip(copies, digests, strict=True)):
            if digest in first and not include_duplicates:
                entry["objects"].append({"object_info": "[repeat]", "_REF_ID": first[digest]})
                continue
            ref_id = self._unused(str(item.get("_REF_ID") or f"{tool}_{name}_{number}_{position}"))
            kept = {**item, "_REF_ID": ref_id}
            self._keep(tool, name, digest, kept)
            entry["objects"].append(kept)
        return entry

    def _keep(self, tool: str, name: str, digest: bytes, kept: dict[str, Any]) -> None:
        """Remember an object by its id and content; a wanted duplicate may take its original's place later."""
        first = self._first[tool, name]
        self._objects[kept["_REF_ID"]] = kept
        if digest in first:
            self._equals.setdefault((tool, name, digest), []).append(kept["_REF_ID"])
        else:
            first[digest] = kept["_REF_ID"]

    def _unused(self, wanted: str) -> str:
        ref_id, suffix = wanted, 1
        while ref_id in self._objects:
            suffix += 1
            ref_id = f"{wanted}_{suffix}"
        return ref_id

    def _adopt(self, tool: str, name: str, number: int, objects: list[dict[str, Any]]) -> None:
        """Learn the ids and contents of objects that were stored elsewhere."""
        self._first.setdefault((tool, name), {})
        for position, item in enumerate(objects):
            if "_REF_ID" not in item:
                item["_REF_ID"] = self._unused(f"{tool}_{name}_{number}_{position}")
            if not _is_repeat(item):
                self._keep(tool, name, _digest(item), item)
                self._numbers[tool, name] = max(self._numbers[tool, name], _number_in(item["_REF_ID"]))

    def _forget(self, tool: str, name: str, objects: Sequence[dict[str, Any]]) -> None:
        """Let go of removed originals; a repeat that is left takes the fields of its original."""
        first = self._first.get((tool, name), {})
        gone = {item["_REF_ID"]: item for item in objects if not _is_repeat(item)}
        self._objects.update(dict.fromkeys(gone))  # the ids stay taken
        for digest in [digest for digest, ref_id in first.items() if ref_id in gone]:
            del first[digest]
            left = [i for i in self._equals.pop((tool, name, digest), ()) if self._objects.get(i)]
            if left:
                first[digest], self._equals[tool, name, digest] = left[0], left[1:]
        for _, _, entry in self.entries():
            for item in entry["objects"]:
                if _is_repeat(item) and (original := gone.pop(item["_REF_ID"], None)) is not None:
                    item.clear()
                    item.update(original)
                    self._objects[item["_REF_ID"]] = item
                    first[_digest(item)] = item["_REF_ID"]


def _is_repeat(item: Mapping[str, Any]) -> bool:
    return item.get("object_info") == "[repeat]" and len(item) == 2


def _digest(item: Mapping[str, Any]) -> bytes:
    """A hash of the object's canonical JSON without its reference id."""
    content = {key: value for key, value in item.items() if key != "_REF_ID"}
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError):
        text = json.dumps(jsonable(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _number_in(ref_id: str) -> int:
    """The result number within an id of the form `tool_name_number_position`, else 0."""
    parts = ref_id.rsplit("_", 2)
    return int(parts[1]) if len(parts) == 3 and parts[1].isdigit() else 0
