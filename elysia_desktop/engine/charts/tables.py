"""Results as tables that charts are drawn from: columns of values, each row with the object it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Literal, TypeGuard, cast

from elysia_desktop.core.environment import Entry, Environment
from elysia_desktop.engine.budget import compact
from elysia_desktop.engine.charts.aggregated import COUNTED, aggregated
from elysia_desktop.engine.stored_objects import objects_of

ColumnKind = Literal["number", "date", "text"]

_HIDDEN = {
    "_REF_ID", "uuid", "collection_name", "object_info", "_score", "ELYSIA_SUMMARY", "chunk_spans", "fullDocument"
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_LONGEST_NAME = 40
_LABEL_LENGTH = 120
"""Texts that are longer on average name nothing."""


@dataclass(frozen=True)
class Column:
    """The values of one field, None where an object has none.

    A text's value may be a list, which stands for several labels; a date's is its ISO 8601 text.
    """

    name: str
    kind: ColumnKind
    values: Sequence[Any]


@dataclass(frozen=True)
class Table:
    """One result, or one grouping of an aggregation; `key` names it to a model."""

    key: str
    ref_ids: Sequence[str]
    columns: Mapping[str, Column]
    can_count: bool = True
    """Whether the rows are objects, so that they can be counted and put together."""
    more: int = 0
    """How many objects matched the query beside those that were retrieved."""

    def of_kind(self, *kinds: ColumnKind) -> list[str]:
        """The names of the columns of these kinds, in the order of the kinds."""
        return [c.name for kind in kinds for c in self.columns.values() if c.kind == kind]

    @property
    def counts(self) -> bool:
        """Whether the number of objects can be drawn without being a field of theirs."""
        return self.can_count and COUNTED not in self.columns


def tables_of(environment: Environment) -> Iterator[Table]:
    """Every result with at least one column, newest first; charts are none."""
    keys: set[str] = set()
    for tool, name, number, entry in reversed(list(_numbered(environment))):
        if "chart_type" in entry["metadata"]:
            continue
        key = f"{tool}/{compact(name, _LONGEST_NAME)}/{number}"
        for made in _tables(key, objects_of(environment, entry), entry):
            if not made.columns:
                continue
            unique, suffix = made.key, 1
            while unique in keys:
                suffix += 1
                unique = f"{made.key}/{suffix}"
            keys.add(unique)
            yield (
                made
                if unique == made.key
                else Table(unique, made.ref_ids, made.columns, made.can_count, made.more)
            )


def columns_of(objects: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """The fields that have values a chart can show."""
    names = dict.fromkeys(key for item in objects for key in item if key not in _HIDDEN)
    columns: dict[str, Column] = {}
    for name in names:
        values = [item.get(name) for item in objects]
        kind = kind_of(values)
        if kind is not None:
            columns[name] = Column(name, kind, values)
    return columns


def kind_of(values: Sequence[Any]) -> ColumnKind | None:
    """What values are, leaving out those that are None; None for what has no place on an axis."""
    present = [value for value in values if value is not None]
    if not present:
        return None
    if all(is_number(value) for value in present):
        return "number"
    if all(isinstance(value, str) and moment(value) is not None for value in present):
        return "date"
    labels = [part for value in present for part in labels_in(value)]
    if not labels or not all(isinstance(part, (str, int, float)) for part in labels):
        return None
    length = sum(len(str(part)) for part in labels) / len(labels)
    return "text" if length <= _LABEL_LENGTH else None


def labels_in(value: Any) -> list[Any]:
    """The labels that a value stands for: a list's items, or the value itself."""
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [item for item in items if item is not None and item != ""]


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a finite number that a float can hold, and no truth value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return isfinite(float(value))
    except OverflowError:
        return False


def moment(text: str) -> datetime | None:
    """The moment that an ISO 8601 date stands for, in UTC where it names no time zone."""
    if not _DATE.fullmatch(text):
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)


def _numbered(environment: Environment) -> Iterator[tuple[str, str, int, Entry]]:
    for tool, name, entries in environment.results():
        for number, entry in enumerate(entries, start=1):
            yield tool, name, number, entry


def _tables(key: str, objects: Sequence[Mapping[str, Any]], entry: Entry) -> Iterator[Table]:
    """The tables of one result: its objects, and each grouping of its aggregations."""
    plain = [item for item in objects if "num_items" not in item]
    if plain:
        total = entry["metadata"].get("total")
        more = max(total - len(plain), 0) if isinstance(total, int) else 0
        yield Table(key, [str(item["_REF_ID"]) for item in plain], columns_of(plain), more=more)
    for item in objects:
        if "num_items" in item:
            for rows in aggregated(item):
                yield Table(key, [str(item["_REF_ID"])] * len(rows), columns_of(rows), can_count=False)
