"""Aggregations as rows: one per group, one per metric, or one per value that was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

COUNTED = "number of objects"
METRIC, VALUE = "metric", "value"

Row = dict[str, Any]


def aggregated(item: Mapping[str, Any]) -> Iterator[list[Row]]:
    """The rows of each grouping within an aggregation's object; what is not shaped as one gives none."""
    for collection in _mappings(item.get("collections")):
        overall: list[Row] = []
        for fields in collection.values():
            for field, found in _items(fields):
                values = _mappings(found.get("values"))
                rows = [_group_row(field, found, *group) for group in _items(found.get("groups"))]
                if rows:
                    yield rows
                yield from (rows for metric in values if (rows := _counted_rows(field, metric)))
                overall += [{METRIC: named(metric), VALUE: metric.get("value")} for metric in values]
        numbers = [row for row in overall if isinstance(row[VALUE], (int, float))]
        if len(numbers) > 1:
            yield numbers


def named(metric: Mapping[str, Any], group: str = "") -> str:
    """What a metric is called: “mean of price”, in groups “number of objects” for their count."""
    function = str(metric.get("aggregation") or "").lower().replace("_", " ")
    if function == "count" and metric.get("field") == group:
        return COUNTED
    return f"{function} of {metric.get('field')}".strip()


def _group_row(field: str, found: Mapping[str, Any], group: str, content: Mapping[str, Any]) -> Row:
    row: Row = {field: _label(group, str(found.get("type")))}
    for metric in _mappings(content.get("values")):
        if not isinstance(metric.get("value"), list):
            row.setdefault(named(metric, field), metric.get("value"))
    return row


def _counted_rows(field: str, metric: Mapping[str, Any]) -> list[Row]:
    """The values of a field that occur most, each with how often."""
    listed = metric.get("value")
    if not isinstance(listed, list):
        return []
    return [{field: top.get("value"), COUNTED: top.get("count")} for top in _mappings(listed)]  # pyright: ignore[reportUnknownArgumentType]


def _label(group: str, kind: str) -> Any:
    """A group's value as it was before it became a key."""
    if group == "(none)" and kind != "text":
        return None
    return _number(group) if kind == "number" else group


def _number(text: str) -> int | float | None:
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return None


def _mappings(value: Any) -> Sequence[Mapping[str, Any]]:
    """The dicts within a list, which may come from a file of another program."""
    if not isinstance(value, list):
        return ()
    items = cast("list[Any]", value)
    return [cast("Mapping[str, Any]", each) for each in items if isinstance(each, Mapping)]


def _items(value: Any) -> list[tuple[str, Mapping[str, Any]]]:
    if not isinstance(value, Mapping):
        return []
    return [
        (str(key), cast("Mapping[str, Any]", each))
        for key, each in cast("Mapping[Any, Any]", value).items()
        if isinstance(each, Mapping)
    ]
