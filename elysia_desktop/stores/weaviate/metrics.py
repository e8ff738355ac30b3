"""Metrics: what Weaviate is asked for each aggregate function, and its answers as every store gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weaviate.classes.query import Metrics

from elysia_desktop.core.schema import DataType, MetricFunction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elysia_desktop.core.requests import Metric
    from elysia_desktop.core.schema import CollectionSchema

_MOST_OCCURRENCES = 100
_ASKED_OCCURRENCES = 1_000  # shards tell their own most frequent values

_NAMES: dict[MetricFunction, str] = {
    "MIN": "minimum",
    "MAX": "maximum",
    "MEAN": "mean",
    "MEDIAN": "median",
    "MODE": "mode",
    "SUM": "sum_",
    "TOTAL_TRUE": "total_true",
    "TOTAL_FALSE": "total_false",
    "PERCENTAGE_TRUE": "percentage_true",
    "PERCENTAGE_FALSE": "percentage_false",
}


def is_native(schema: CollectionSchema, metric: Metric) -> bool:
    """Whether Weaviate computes it: not for objects, and among equally frequent dates it takes any."""
    data_type = schema.property(metric.property).type
    return data_type is not DataType.OBJECT and (data_type, metric.function) != (DataType.DATE, "MODE")


def is_answered(schema: CollectionSchema, metric: Metric, found: Mapping[str, Any]) -> bool:
    """Whether Weaviate's answer holds the metric: it has no latest date where all are before 1970."""
    is_latest = metric.function == "MAX" and schema.property(metric.property).type is DataType.DATE
    lacks = is_latest and getattr(found.get(metric.property), "maximum", None) == ""
    return is_native(schema, metric) and not lacks


def asked(schema: CollectionSchema, metrics: Iterable[Metric]) -> list[Any] | None:
    """The metrics to return, those of one property together; None for none."""
    functions: dict[str, set[MetricFunction]] = {}
    for metric in metrics:
        if is_native(schema, metric):
            functions.setdefault(metric.property, set()).add(metric.function)
    return [counting(schema, name, wanted) for name, wanted in functions.items()] or None


def counting(schema: CollectionSchema, name: str, functions: Iterable[MetricFunction] = ()) -> Any:
    """The functions of one property, its count included."""
    wanted: dict[str, Any] = {_NAMES[function]: True for function in functions if function in _NAMES}
    wanted["count"] = True
    metrics = Metrics(name)
    match schema.property(name).type.element:
        case DataType.INT:
            return metrics.integer(**wanted)
        case DataType.FLOAT:
            return metrics.number(**wanted)
        case DataType.BOOLEAN:
            return metrics.boolean(**wanted)
        case DataType.DATE:
            return metrics.date_(**wanted)
        case _:
            if "TOP_OCCURRENCES" in functions:
                wanted |= {"top_occurrences_count": True, "top_occurrences_value": True}
                wanted["limit"] = _ASKED_OCCURRENCES
            return metrics.text(**wanted)


def value(data_type: DataType, metric: Metric, found: Mapping[str, Any]) -> Any:
    """One metric of an answer's properties; of nothing 0 for sums and totals, else None."""
    answer = found.get(metric.property)
    count = getattr(answer, "count", None) or 0
    match metric.function:
        case "COUNT":
            return count
        case "TOP_OCCURRENCES":
            return _occurrences(getattr(answer, "top_occurrences", None) or (), metric.min_occurrences or 1)
        case "SUM" | "TOTAL_TRUE" | "TOTAL_FALSE":
            return _told(data_type, getattr(answer, _NAMES[metric.function], None)) or 0
        case function:
            return _told(data_type, getattr(answer, _NAMES[function])) if count else None


def _occurrences(found: Iterable[Any], least: int) -> list[dict[str, Any]]:
    listed = [(one.value or "", one.count or 0) for one in found]
    listed.sort(key=lambda one: (-one[1], one[0]))
    return [{"value": text, "count": count} for text, count in listed if count >= least][:_MOST_OCCURRENCES]


def _told(data_type: DataType, number: Any) -> Any:
    if data_type is DataType.DATE:
        return None if number is None else in_utc(number).isoformat()
    if data_type is DataType.INT and isinstance(number, float) and number.is_integer():
        return int(number)
    return number


def in_utc(text: str) -> datetime:
    """The moment that a date names."""
    return datetime.fromisoformat(text).astimezone(UTC)
