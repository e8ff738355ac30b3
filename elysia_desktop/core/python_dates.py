"""The MODE and MAX of dates as code for weaviate-client: Weaviate's own are others than a store's."""

from __future__ import annotations

from collections.abc import Sequence

from elysia_desktop.core.python_filters import all_of, type_of
from elysia_desktop.core.python_layout import STEP, Node, call, items, literal, statement
from elysia_desktop.core.requests import Metric
from elysia_desktop.core.schema import CollectionSchema, DataType

MOMENT = "datetime.fromisoformat(group.grouped_by.value).astimezone(UTC)"
"""The expression of the moment that a group by a date stands for."""

_AT_ONCE = 1000
_NO_EARLY = "    # Weaviate's own MAX knows no date before 1970."


def is_own(metric: Metric, schema: CollectionSchema | None) -> bool:
    """Whether a program computes it itself: Weaviate's MODE is any of the most frequent, its MAX none before 1970."""
    return metric.function in {"MODE", "MAX"} and type_of(metric.property, schema) is DataType.DATE


def latest_code(metric: Metric, filters: Node | None) -> list[str]:
    """The lines that print the latest date of all that the filter lets through."""
    name = literal(metric.property)
    latest = call(
        "collection.query.fetch_objects",
        filters=filters,
        sort=f"Sort.by_property({name}, ascending=False)",
        limit="1",
        return_properties=items([name]),
    )
    told = "moments[0].astimezone(UTC).isoformat() if any(moments) else None"
    return [
        _NO_EARLY,
        *statement("latest = ", latest, 1),
        *statement("moments = ", f"[item.properties.get({name}) for item in latest.objects]", 1),
        *statement("", call("print", _label(metric), told), 1),
    ]


def mode_code(metric: Metric, groups: Node) -> list[str]:
    """The lines that print the earliest of the most frequent dates; `groups` asks for the objects by date."""
    return [
        *statement("response_by_date = ", groups, 1),
        "    counts = Counter()",
        "    for group in response_by_date.groups:",
        f"        moment = {MOMENT}",
        "        counts[moment] += group.total_count",
        *_mode(metric, 1),
    ]


def counts_code(
    metrics: Sequence[Metric], group_by: str, schema: CollectionSchema | None, filters: Node | None
) -> list[str]:
    """The lines that count as `dates` how often each group has each date, if these metrics need that."""
    if not metrics:
        return []
    names = list(dict.fromkeys(one.property for one in metrics))
    every = "[item.uuid for item in collection.iterator(return_properties=[])]"
    if all(one.function == "MAX" for one in metrics):
        lacks = " or ".join(f"not group.properties[{literal(name)}].maximum" for name in names)
        lines = [_NO_EARLY, "    ids = []", f"    if any({lacks} for group in response.groups):"]
        lines += statement("ids = ", every, 2)
    else:
        lines = ["    # Weaviate's own MODE is any of the most frequent dates."]
        lines += statement("ids = ", every, 1)
    among = f"Filter.by_id().contains_any(ids[start : start + {_AT_ONCE}])"
    page = call(
        "collection.query.fetch_objects",
        filters="among" if filters is None else all_of([filters, "among"]),
        limit=str(_AT_ONCE),
        return_properties=items(literal(name) for name in dict.fromkeys([group_by, *names])),
    )
    return [
        *lines,
        "    dates = defaultdict(Counter)",
        f"    for start in range(0, len(ids), {_AT_ONCE}):",
        *statement("among = ", among, 2),
        *statement("page = ", page, 2),
        "        for item in page.objects:",
        *_counted(names, group_by, schema),
    ]


def _counted(names: Sequence[str], group_by: str, schema: CollectionSchema | None) -> list[str]:
    """The lines that count the dates of an object in its groups."""
    data_type = type_of(group_by, schema)
    value = f"item.properties.get({literal(group_by)})"
    depth = 3
    if data_type is not None and data_type.is_list:
        lines = statement("for key in ", f"set({value} or [])", depth, ":")
        depth += 1
    else:
        lines = statement("key = ", value, depth)
    for name in names:
        lines += [
            *statement("moment = ", f"item.properties.get({literal(name)})", depth),
            " " * (STEP * depth) + "if moment is not None:",
            *statement(f"dates[{literal(name)}, key][moment.astimezone(UTC)] += ", "1", depth + 1),
        ]
    return lines


def of_group_code(metric: Metric, key: str) -> list[str]:
    """The lines that print the MODE or MAX of a group; `key` is the expression of what it is grouped by."""
    counts = f"dates[{literal(metric.property)}, {key}]"
    if metric.function == "MODE":
        return [*statement("counts = ", counts, 2), *_mode(metric, 2)]
    native = f"group.properties[{literal(metric.property)}].maximum"
    told = f"{native} or (latest and latest.isoformat())"
    return [
        *statement("latest = ", call("max", counts, default="None"), 2),
        *statement("", call("print", _label(metric), told), 2),
    ]


def _mode(metric: Metric, depth: int) -> list[str]:
    order = "lambda moment: (-counts[moment], moment)"
    earliest = call("min", "counts", key=order, default="None")
    return [
        *statement("mode = ", earliest, depth),
        *statement("", call("print", _label(metric), "mode and mode.isoformat()"), depth),
    ]


def _label(metric: Metric) -> str:
    return literal(f"{metric.property} {metric.function}:")
