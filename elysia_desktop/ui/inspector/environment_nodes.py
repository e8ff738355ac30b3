"""The rows of the environment tree: what hangs below what, without Qt and without making rows early."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice
from typing import Any, cast

from elysia_desktop.core.environment import Entry, Environment
from elysia_desktop.ui.inspector.value_text import title_of

_SUMMARY = "ELYSIA_SUMMARY"


class Kind(Enum):
    """What a row stands for."""

    ROOT = auto()
    TOOL = auto()
    NAME = auto()
    ENTRY = auto()
    OBJECT = auto()
    METADATA = auto()
    HIDDEN = auto()
    ERRORS = auto()
    VALUE = auto()


@dataclass(frozen=True)
class Shown:
    """One entry of the environment and the positions of its objects that pass the filter."""

    number: int
    entry: Entry
    positions: Sequence[int]


Contents = dict[str, dict[str, list[Shown]]]
"""`{tool: {name: entries}}` as the filter leaves them."""


@dataclass(frozen=True)
class Tree:
    """All that the root row holds."""

    contents: Contents
    hidden: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    is_filtered: bool


@dataclass(frozen=True)
class Item:
    """A row that can be made; `key` tells it from its siblings."""

    key: str
    label: str
    kind: Kind
    value: Any


@dataclass
class Node:
    """A row that has been made. `total` counts what can hang below it, `tail` what always stands last."""

    id: int
    item: Item
    parent: Node | None
    row: int
    total: int
    children: list[Node] = field(default_factory=list["Node"])
    fetched: int = 0
    is_open: bool = False

    @property
    def tail(self) -> list[Item]:
        """The rows that stand below all others."""
        return tail_of(self.item)

    @property
    def has_children(self) -> bool:
        """Whether anything hangs or can hang below."""
        return self.total > 0 or bool(self.tail)


def contents_of(environment: Environment, text: str) -> Contents:
    """What of the environment matches a filter text: a tool or name by itself, else single objects."""
    wanted = text.strip().casefold()
    contents: Contents = {}
    for tool, name, entries in environment.results():
        by_name = not wanted or wanted in tool.casefold() or wanted in name.casefold()
        shown = [_shown(number, entry, "" if by_name else wanted) for number, entry in enumerate(entries, 1)]
        if by_name or (shown := [entry for entry in shown if entry.positions]):
            contents.setdefault(tool, {})[name] = shown
    return contents


def _shown(number: int, entry: Entry, wanted: str) -> Shown:
    objects = entry["objects"]
    if not wanted:
        return Shown(number, entry, range(len(objects)))
    matching = [
        position
        for position, item in enumerate(objects)
        if wanted in str(item.get("_REF_ID", "")).casefold() or wanted in title_of(item).casefold()
    ]
    return Shown(number, entry, matching)


def count_of(item: Item) -> int:
    """How many rows can hang below, those that always stand last not counted."""
    value = item.value
    match item.kind:
        case Kind.ROOT:
            return len(value.contents)
        case Kind.NAME:
            single = single_of(item)
            return len(value) if single is None else len(single.positions)
        case Kind.ENTRY:
            return len(value.positions)
        case Kind.OBJECT:
            return len(value) - ("_REF_ID" in value)
        case Kind.VALUE:
            return len(cast("Sequence[Any]", value)) if isinstance(value, dict | list | tuple) else 0
        case _:
            return len(value)


def items_of(item: Item, start: int, stop: int) -> list[Item]:
    """The rows from `start` up to `stop` that hang below."""
    value = item.value
    match item.kind:
        case Kind.ROOT:
            tools = islice(cast("Tree", value).contents.items(), start, stop)
            return [Item(tool, tool, Kind.TOOL, named) for tool, named in tools]
        case Kind.TOOL:
            names = islice(cast("dict[str, list[Shown]]", value).items(), start, stop)
            return [Item(name, name, Kind.NAME, entries) for name, entries in names]
        case Kind.NAME if (single := single_of(item)) is not None:
            return _objects(single, start, stop)
        case Kind.NAME:
            entries = cast("list[Shown]", value)[start:stop]
            return [Item(f"#{entry.number}", str(entry.number), Kind.ENTRY, entry) for entry in entries]
        case Kind.ENTRY:
            return _objects(value, start, stop)
        case _ if isinstance(value, list | tuple):
            elements = enumerate(islice(cast("Sequence[Any]", value), start, stop), start)
            return [Item(str(index), str(index), Kind.VALUE, element) for index, element in elements]
        case _:
            mapping = cast("Mapping[Any, Any]", value)
            hides_id = item.kind is Kind.OBJECT
            fields = ((key, held) for key, held in mapping.items() if not (hides_id and key == "_REF_ID"))
            return [
                Item("summary" if key == _SUMMARY else str(key), str(key), Kind.VALUE, held)
                for key, held in islice(fields, start, stop)
            ]


def tail_of(item: Item) -> list[Item]:
    """The rows that stand below all others, however many come."""
    match item.kind:
        case Kind.ROOT if not cast("Tree", item.value).is_filtered:
            tree = cast("Tree", item.value)
            return [
                Item("#hidden_environment", "hidden_environment", Kind.HIDDEN, tree.hidden),
                Item("#errors", "errors", Kind.ERRORS, tree.errors),
            ]
        case Kind.NAME | Kind.ENTRY:
            shown = single_of(item) if item.kind is Kind.NAME else cast("Shown", item.value)
            metadata = shown.entry.get("metadata") if shown is not None else None
            return [Item("#metadata", "metadata", Kind.METADATA, metadata)] if metadata else []
        case _:
            return []


def single_of(item: Item) -> Shown | None:
    """The only entry of a result name, whose objects then hang on the name itself."""
    entries = cast("list[Shown]", item.value)
    return entries[0] if item.kind is Kind.NAME and len(entries) == 1 else None


def is_repeat(value: Mapping[str, Any]) -> bool:
    """Whether an object only stands for one that was found before."""
    return value.get("object_info") == "[repeat]" and len(value) == 2


def _objects(shown: Shown, start: int, stop: int) -> list[Item]:
    objects, items = shown.entry["objects"], list[Item]()
    for position in shown.positions[start:stop]:
        value = objects[position]
        ref_id = str(value.get("_REF_ID", position))
        key = f"{ref_id}@{position}" if is_repeat(value) else ref_id
        items.append(Item(key, ref_id, Kind.OBJECT, value))
    return items
