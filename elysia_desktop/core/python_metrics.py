"""Metrics as code for weaviate-client: what is asked for, and how the answers are printed."""

from __future__ import annotations

from collections.abc import Sequence

from elysia_desktop.core.python_filters import type_of
from elysia_desktop.core.python_layout import STEP, Node, call, items, literal, statement
from elysia_desktop.core.requests import Metric
from elysia_desktop.core.schema import CollectionSchema, DataType, MetricFunction

MOST_OCCURRENCES = 100
_ASKED_OCCURRENCES = 1000  # since each shard tells of its own
_TOP = "TOP_OCCURRENCES"
_BY_NAME: dict[MetricFunction, str] = {
    "COUNT": "count",
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
_KINDS: dict[DataType, str] = {
    DataType.TEXT: "text",
    DataType.INT: "integer",
    DataType.FLOAT: "number",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date_",
}


def metrics_code(metrics: Sequence[Metric], schema: CollectionSchema | None) -> Node | None:
    """The metrics to return; of one property all in one call, since a later one would replace an earlier."""
    by_property: dict[str, list[MetricFunction]] = {}
    for metric in metrics:
        by_property.setdefault(metric.property, []).append(metric.function)
    calls = [_metric(name, list(dict.fromkeys(functions)), schema) for name, functions in by_property.items()]
    if not calls:
        return None
    return calls[0] if len(calls) == 1 else items(calls)


def _metric(name: str, functions: Sequence[MetricFunction], schema: CollectionSchema | None) -> Node:
    wanted = {_BY_NAME[function]: "True" for function in functions if function in _BY_NAME}
    if _TOP in functions:
        wanted |= {"top_occurrences_count": "True", "top_occurrences_value": "True"}
        wanted["limit"] = str(_ASKED_OCCURRENCES)
    return call(f"Metrics({literal(name)}).{_method(name, functions, schema)}", **wanted)


def _method(name: str, functions: Sequence[MetricFunction], schema: CollectionSchema | None) -> str:
    """The method of the property's type; without a schema one that has the functions: the server knows the type."""
    data_type = type_of(name, schema)
    if data_type is not None:
        return _KINDS[data_type.element]
    if _TOP in functions:
        return "text"
    return "boolean" if any(function.endswith(("_TRUE", "_FALSE")) for function in functions) else "number"


def printed(metric: Metric, source: str, depth: int, data_type: DataType | None = None) -> list[str]:
    """The lines that print a metric; `source` is the answer about its property, or the value itself."""
    label = literal(f"{metric.property} {metric.function}:")
    if metric.function == _TOP:
        return _printed_top(metric, label, source, depth)
    value = f"{source}.{_BY_NAME[metric.function]}" if source.endswith("]") else source
    if metric.function == "SUM":
        value += " or 0"
    elif data_type is DataType.DATE and metric.function != "COUNT":
        value += " or None"  # of nothing, a group tells ""
    return statement("", call("print", label, value), depth)


def _printed_top(metric: Metric, label: str, source: str, depth: int) -> list[str]:
    indent = " " * (STEP * depth)
    order = "lambda top: (-top.count, top.value)"
    top = call("sorted", f"{source}.top_occurrences", key=order)
    lines = [*statement("", call("print", label), depth), *statement("tops = ", top, depth)]
    lines.append(f"{indent}for top in tops[:{MOST_OCCURRENCES}]:")
    inner = f"{indent}    "
    if (metric.min_occurrences or 1) > 1:
        lines.append(f"{inner}if top.count >= {metric.min_occurrences}:")
        inner += "    "
    return [*lines, f'{inner}print("-", top.value, top.count)']
