"""The exact analysis of the collections, as the application would store it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import TypeGuard, cast

from objects import Shop, Thing
from schema import MAPPINGS, PROMPTS, SCHEMA, SUMMARIES

MOST_GROUPS = 30
GROUPED_TYPES = ("text", "text[]", "int", "boolean")


def describe_collections(shop: Shop) -> list[dict[str, object]]:
    """Each collection's properties and metadata."""
    return [_describe(name, objects) for name, objects in shop.collections().items()]


def _describe(name: str, objects: Sequence[Thing]) -> dict[str, object]:
    records = [vars(item) for item in objects]
    properties = SCHEMA[name]
    fields = [
        _field(key, kind, text, [record[key] for record in records])
        for key, (kind, text) in properties.items()
    ]
    table = {key: key for key in properties}
    metadata: dict[str, object] = {
        "name": name,
        "length": float(len(objects)),
        "summary": SUMMARIES[name],
        "fields": fields,
        "mappings": MAPPINGS[name] | {"table": table},
        "named_vectors": None,
        "vectorizer": None,
        "index_properties": {"isNullIndexed": True, "isLengthIndexed": True, "isTimestampIndexed": True},
        "prompts": PROMPTS[name],
    }
    return {
        "name": name,
        "properties": [
            {"name": key, "type": kind, "description": text} for key, (kind, text) in properties.items()
        ],
        "metadata": metadata,
    }


def _field(name: str, kind: str, description: str, values: list[object]) -> dict[str, object]:
    present = [value for value in values if value is not None]
    sizes = [_size(value) for value in present if _has_size(value)]
    dates = sorted(str(value) for value in present) if kind == "date" else []
    return {
        "name": name,
        "type": kind,
        "description": description,
        "range": [min(sizes), max(sizes)] if sizes and not dates else None,
        "mean": round(fmean(sizes), 6) if sizes and not dates else None,
        "groups": _groups(present, len(values)) if kind in GROUPED_TYPES else None,
        "date_range": [dates[0], dates[-1]] if dates else None,
        "date_median": _median(dates) if dates else None,
    }


def _has_size(value: object) -> TypeGuard[str | list[str] | int | float]:
    return isinstance(value, str | list | int | float) and not isinstance(value, bool)


def _size(value: str | list[str] | float) -> float:
    """A number itself, the words of a text, the length of a list."""
    match value:
        case str():
            return len(value.split())
        case list():
            return len(value)
        case _:
            return value


def _groups(present: list[object], length: int) -> list[dict[str, object]] | None:
    """The values with their counts, most frequent first, when they tell about the collection."""
    counts: Counter[str] = Counter()
    for value in present:
        members = cast("list[object]", value) if isinstance(value, list) else [value]
        counts.update({_label(member) for member in members})
    if len(counts) > MOST_GROUPS or len(present) * 2 < length:
        return None
    ordered = sorted(counts.items(), key=lambda group: (-group[1], group[0]))
    return [{"value": value, "count": count} for value, count in ordered]


def _label(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _median(dates: list[str]) -> str:
    """The middle date, or the middle of the two that are there."""
    low, high = (datetime.fromisoformat(dates[index]) for index in ((len(dates) - 1) // 2, len(dates) // 2))
    middle = low + (high - low) / 2
    rounded = middle + timedelta(microseconds=500_000)
    return rounded.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
