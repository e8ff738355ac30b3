"""The store of everything found in a conversation, seen by every decision and tool."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypedDict

from elysia_desktop.core.fingerprint import fingerprints
from elysia_desktop.core.jsonable import LEVELS, jsonable, plain_copy
from elysia_desktop.core.object_index import ObjectIndex
from elysia_desktop.core.objects import Result

SELF_INFO = [
    {
        "name": "Elysia Desktop",
        "description": "A desktop application that answers questions about the user's own data "
        "by choosing tools step by step: searching, aggregating, charting, summarising with citations.",
        "purpose": "To find what is in the user's collections, show it, and explain how the answer came about.",
    }
]

_OBJECT_LEVEL = 10  # leaves room for the tool, name and result around an object when all is saved
_OWN_NUMBER = re.compile(r"([0-9]{1,9})_[0-9]+(?:_[0-9]+)?")


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
        copied, is_plain = _copy(environment or {})
        self.environment: dict[str, dict[str, Any]] = copied
        self.hidden_environment: dict[str, Any] = {} if hidden_environment is None else hidden_environment
        self.self_info = self_info
        self.version = 0
        self._numbers: dict[tuple[str, str], int] = {}
        self._index = ObjectIndex()
        self._order: list[tuple[str, str, Entry]] = []
        self._ordered_at = (-1, -1)
        if self_info:
            self.environment.setdefault("SelfInfo", {"info": deepcopy(SELF_INFO)})
        self._adopt(is_plain)

    def results(self) -> Iterator[tuple[str, str, list[Entry]]]:
        """Every `(tool, name, entries)` except what the application says about itself; more may be added meanwhile."""
        for tool, named in list(self.environment.items()):
            if tool != "SelfInfo":
                for name, entries in list(named.items()):
                    yield tool, name, entries

    def entries(self) -> Iterator[tuple[str, str, Entry]]:
        """Every `(tool, name, entry)`, oldest first within a name; more may be added meanwhile."""
        for tool, name, entries in self.results():
            for entry in list(entries):
                yield tool, name, entry

    def newest(self) -> Iterator[tuple[str, str, Entry]]:
        """Every `(tool, name, entry)`, the last one added first, whatever its name."""
        state = (self.version, sum(len(entries) for _, _, entries in self.results()))
        if state != self._ordered_at:
            known = {id(entry): place for place, (_, _, entry) in enumerate(self._order)}
            # new ones come after those known, each where its name's turn is
            self._order = sorted(self.entries(), key=lambda found: known.get(id(found[2]), len(known)))
            self._ordered_at = state
        return reversed(self._order)

    def is_empty(self) -> bool:
        """Whether no result is left; what the application says about itself does not count."""
        return not any(entries for _, _, entries in self.results())

    def has_objects(self) -> bool:
        """Whether any result holds at least one object."""
        return any(entry["objects"] for _, _, entry in self.entries())

    def object(self, ref_id: str) -> dict[str, Any] | None:
        """The object that carries this reference id, not one of its repeats."""
        return self._index.get(ref_id)

    def add(self, tool_name: str, result: Result, include_duplicates: bool = False) -> list[dict[str, Any]]:
        """Store a result's objects, JSON-ready; returns them as stored, with their ids."""
        if type(result).to_json is Result.to_json:  # converting and copying are one pass
            added = self._new(result.objects, result.metadata, is_converted=True)
        else:
            added = self._new(result.to_json(), result.metadata)
        return self._append(tool_name, result.name, added, include_duplicates)

    def add_objects(
        self,
        tool_name: str,
        name: str,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        include_duplicates: bool = False,
    ) -> list[dict[str, Any]]:
        """Store objects as a new entry; the caller's objects are not changed."""
        return self._append(tool_name, name, self._new(objects, metadata), include_duplicates)

    def find(self, tool_name: str, name: str, index: int | None = None) -> Any:
        """The entries under tool and name, or the one at `index`; None when absent."""
        entries = self.environment.get(tool_name, {}).get(name)
        if entries is None or index is None:
            return entries
        return entries[index] if -len(entries) <= index < len(entries) else None

    def remove(self, tool_name: str, name: str, index: int | None = None) -> None:
        """Remove one entry, or all and keep an empty list; `KeyError` or `IndexError` when absent."""
        self._take_out(tool_name, name, index)
        self.version += 1

    def replace(
        self,
        tool_name: str,
        name: str,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None = None,
        index: int | None = None,
    ) -> None:
        """Put new objects in place of one entry, or of all; ids are given as by `add`.

        An object that brings the id of one that it replaces keeps it.
        """
        entries = self._existing(tool_name, name, index)
        position = 0 if index is None else index % len(entries)
        added = self._new(objects, metadata)  # raises before anything is removed
        removed = self._take_out(tool_name, name, index)
        self._index.release(added.brought.keys() & removed)
        entries.insert(position, self._entry(tool_name, name, added, include_duplicates=False))
        self._index.take(removed)  # what brought an id may have become a repeat
        self.version += 1

    def to_json(self, remove_unserialisable: bool = False) -> dict[str, Any]:
        """`{"environment", "hidden_environment", "self_info"}`.

        Where results were removed, `numbers` says how many there have been and `taken` which ids they had, so
        that none is used again.
        """
        numbers, taken = self._hidden_numbers(), self._index.taken()
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
            **({"numbers": numbers} if numbers else {}),
            **({"taken": taken} if taken else {}),
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
                made._numbers[tool, name] = int(number)
        made._index.take(json_data.get("taken") or ())
        return made

    def _shown_number(self, tool: str, name: str) -> int:
        """How many results a name has had, as far as what is left shows it."""
        entries: list[Entry] = self.find(tool, name) or []
        start = f"{tool}_{name}_"
        return max(
            len(entries),
            *(_own_number(item, start) for entry in entries for item in entry["objects"]),
            0,
        )

    def _hidden_numbers(self) -> dict[str, dict[str, int]]:
        """How many results each name has had, where what is left does not show it."""
        numbers: dict[str, dict[str, int]] = {}
        for (tool, name), number in sorted(self._numbers.items()):
            if number != self._shown_number(tool, name):
                numbers.setdefault(tool, {})[name] = number
        return numbers

    def _existing(self, tool_name: str, name: str, index: int | None) -> list[Entry]:
        entries = self.find(tool_name, name)
        if entries is None:
            raise KeyError(f"The environment has nothing under “{tool_name}” / “{name}”.")
        if index is not None and not -len(entries) <= index < len(entries):
            raise IndexError(
                f"“{tool_name}” / “{name}” has {len(entries)} results; there is no number {index}."
            )
        return entries

    def _new(
        self,
        objects: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, Any] | None,
        is_converted: bool = False,
    ) -> _New:
        """Copies of objects, with what stands for another object replaced by that one; changes nothing."""
        copies: list[dict[str, Any]] = []
        converted: dict[int, dict[str, Any]] = {}
        brought: dict[str, dict[str, Any]] = {}
        for index, item in enumerate(objects):
            copy = plain_copy(item, _OBJECT_LEVEL) if isinstance(item, dict) else None
            if copy is None:
                copy, converted[index] = _converted(item, index, is_converted)
            if "object_info" in copy and is_repeat(copy):
                ref_id = str(copy["_REF_ID"])
                original = brought.get(ref_id) or self._index.get(ref_id)
                if original is not None:
                    copy, converted[index] = _converted(original, index, is_converted)
            if "_REF_ID" in copy:
                brought.setdefault(str(copy["_REF_ID"]), copy)
            copies.append(copy)
        forms = [converted.get(index, copy) for index, copy in enumerate(copies)] if converted else copies
        return _New(_metadata(metadata), copies, fingerprints(forms), brought)

    def _append(self, tool: str, name: str, new: _New, include_duplicates: bool) -> list[dict[str, Any]]:
        entry = self._entry(tool, name, new, include_duplicates)
        self.environment.setdefault(tool, {}).setdefault(name, []).append(entry)
        self.version += 1
        return entry["objects"]

    def _entry(self, tool: str, name: str, new: _New, include_duplicates: bool) -> Entry:
        """The next result of a name; its objects have ids and are known."""
        place = tool, name
        number = max(self._numbers.get(place, 0), len(self.find(tool, name) or ())) + 1
        self._numbers[place] = number
        items = zip(new.objects, new.contents, strict=True)
        stored = self._index.store(place, items, f"{tool}_{name}_{number}_", include_duplicates)
        return Entry(metadata=new.metadata, objects=stored)

    def _adopt(self, is_plain: bool) -> None:
        """Learn the ids and contents of objects that were stored elsewhere; give ids to those without."""
        stood_for: set[str] = set()
        for _, _, entry in self.entries():
            for item in entry["objects"]:
                if item.get("_REF_ID") and not is_repeat(item):
                    stood_for.add(str(item["_REF_ID"]))
        self._index.take(stood_for)  # so that none of them is given to an object before it
        for tool, name, entries in self.results():
            for number, entry in enumerate(entries, start=1):
                plain = entry["objects"] if is_plain else [jsonable(item) for item in entry["objects"]]
                contents = fingerprints(plain)
                for position, (item, content) in enumerate(zip(entry["objects"], contents, strict=True)):
                    ref_id = str(item.get("_REF_ID") or "")
                    if is_repeat(item) and (ref_id in stood_for or self._index.get(ref_id)):
                        continue
                    if not ref_id or self._index.get(ref_id):
                        ref_id = self._index.unused(ref_id or f"{tool}_{name}_{number}_{position}")
                    item["_REF_ID"] = ref_id
                    self._index.keep((tool, name), content, item)
            self._numbers[tool, name] = self._shown_number(tool, name)

    def _take_out(self, tool: str, name: str, index: int | None) -> set[str]:
        """Remove one entry or all; a repeat that is left takes the fields of its original. The originals' ids."""
        entries = self._existing(tool, name, index)
        removed = slice(None) if index is None else slice(index % len(entries), index % len(entries) + 1)
        originals = {
            item["_REF_ID"]: item
            for entry in entries[removed]
            for item in entry.get("objects", ())
            if self._index.get(item["_REF_ID"]) is item or not is_repeat(item)
        }
        del entries[removed]
        gone = dict(originals)
        for heirs_tool, heirs_name, entry in self.entries() if gone else ():
            for item in entry["objects"]:
                if is_repeat(item) and (original := gone.pop(item["_REF_ID"], None)) is not None:
                    item.clear()
                    item.update(original)
                    self._index.inherit((tool, name), (heirs_tool, heirs_name), item)
        self._index.forget((tool, name), gone.keys())
        return set(originals)


@dataclass(slots=True)
class _New:
    """Objects that are about to be stored, their contents' fingerprints, and those that bring an id by it."""

    metadata: dict[str, Any]
    objects: list[dict[str, Any]]
    contents: list[bytes]
    brought: dict[str, dict[str, Any]]


def is_repeat(item: Mapping[str, Any]) -> bool:
    """Whether an object has the form of one that only stands for another."""
    return len(item) == 2 and item.get("object_info") == "[repeat]" and "_REF_ID" in item


def _copy(value: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A copy that shares nothing, and whether it is plain JSON data."""
    copy = plain_copy(value)
    return (deepcopy(value), False) if copy is None else (copy, True)


def _metadata(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """A copy of a result's metadata; raises `TypeError` for what could not be saved."""
    given = dict(metadata or {})
    copy = plain_copy(given, _OBJECT_LEVEL)
    if copy is None:
        jsonable(given, path="metadata", levels=LEVELS - _OBJECT_LEVEL)
        copy = deepcopy(given)
    return copy


def _converted(
    item: Mapping[str, Any], index: int, is_converted: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A copy of an object, as JSON data or as it is, and the object as JSON data."""
    if not isinstance(item, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - tools are untyped callers
        raise TypeError(f"objects[{index}] is a {type(item).__name__}; a result holds dicts.")
    plain = jsonable(item, path=f"objects[{index}]", levels=LEVELS - _OBJECT_LEVEL)
    return plain if is_converted else deepcopy(dict(item)), plain


def _own_number(item: Mapping[str, Any], start: str) -> int:
    """The number of the result within an id that begins as the ids of its name do, else 0."""
    ref_id = str(item.get("_REF_ID"))
    found = _OWN_NUMBER.fullmatch(ref_id, len(start)) if ref_id.startswith(start) else None
    return int(found[1]) if found else 0
