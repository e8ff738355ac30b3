"""The figures in the objects of an aggregation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from elysia_desktop.ui.tables.columns import title_of


@dataclass(frozen=True)
class Figure:
    """One aggregated value; `group` is the value of `field` that it is about, None for all objects."""

    collection: str
    field: str
    group: str | None
    measured: str
    aggregation: str
    value: Any

    @property
    def title(self) -> str:
        """What the value is: “Count”, “Mean price”, “Price count”."""
        name = title_of(self.aggregation)
        if not self.measured or (self.group is not None and self.measured == self.field):
            return name
        field = title_of(self.measured)
        if name == "Count":
            return f"{field} count"
        return f"{name} {field[:1].lower()}{field[1:]}" if name else field

    @property
    def is_missing(self) -> bool:
        """Whether there was nothing to take a value of."""
        return self.value is None or self.value == []

    @property
    def number(self) -> float | None:
        """The value where it is a number."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return self.value
        return None


def figures_in(objects: Iterable[Mapping[str, Any]]) -> list[Figure]:
    """All figures, in their order, how many objects there are first; what has another form is passed over."""
    return [figure for item in objects for figure in _of_object(item)]


def _of_object(item: Mapping[str, Any]) -> Iterator[Figure]:
    collections = [pair for named in _mappings(item.get("collections")) for pair in named.items()]
    counted = str(collections[0][0]) if collections else ""
    count = Figure(counted, "", None, "", "COUNT", item.get("num_items"))
    if count.number is not None:
        yield count
    for name, fields in collections:
        for field, content in _items(fields):
            yield from _of_field(name, field, content)


def _of_field(collection: str, field: str, content: Mapping[str, Any]) -> Iterator[Figure]:
    for value in _mappings(content.get("values")):
        yield from _figures(collection, field, None, value)
    for group, inner in _items(content.get("groups")):
        for value in _mappings(inner.get("values")):
            yield from _figures(collection, field, group, value)


def _figures(collection: str, field: str, group: str | None, value: Mapping[str, Any]) -> Iterator[Figure]:
    measured, aggregation = str(value.get("field") or field), str(value.get("aggregation") or "")
    held = value.get("value")
    top = _mappings(held)
    if group is None and top and all("value" in item and "count" in item for item in top):
        # The most frequent values are groups in all but name.
        for item in top:
            yield Figure(collection, measured, str(item["value"]), measured, "count", item["count"])
        return
    yield Figure(collection, field, group, measured, aggregation, held)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    return [cast("Mapping[str, Any]", item) for item in cast("list[Any]", value) if isinstance(item, Mapping)]


def _items(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, Mapping):
        return []
    pairs = cast("Mapping[str, Any]", value).items()
    return [
        (str(key), cast("Mapping[str, Any]", inner)) for key, inner in pairs if isinstance(inner, Mapping)
    ]
