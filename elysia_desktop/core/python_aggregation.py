"""Aggregations as programs for weaviate-client, which compute the same numbers as a store."""

from __future__ import annotations

from dataclasses import dataclass

from elysia_desktop.core.python_code import hits_code, search_code
from elysia_desktop.core.python_dates import (
    MOMENT,
    counts_code,
    is_own,
    latest_code,
    mode_code,
    of_group_code,
)
from elysia_desktop.core.python_filters import all_of, filters_code, type_of
from elysia_desktop.core.python_layout import Node, call, literal, statement
from elysia_desktop.core.python_metrics import metrics_code, printed
from elysia_desktop.core.python_program import Target, program
from elysia_desktop.core.requests import MAX_LIMIT, AggregateRequest, Metric
from elysia_desktop.core.schema import CollectionSchema, DataType

_LIMIT = str(MAX_LIMIT)


def aggregate_code(request: AggregateRequest, schema: CollectionSchema | None, target: Target) -> str:
    """The program of an aggregation, which prints each number; without a schema, types are read off functions."""
    has_latest = any(one.function == "MAX" and is_own(one, schema) for one in request.metrics)
    is_page = has_latest and request.group_by is None and request.search == "none"
    lines, filters = filters_code(request.filters, schema, whole=is_page)
    limit = request.limit
    if request.search != "none":
        # After a search, the limit says how many of the nearest objects are aggregated.
        page: dict[str, Node | None] = {
            "filters": filters, "limit": str(limit or MAX_LIMIT), "return_properties": "[]"
        }  # fmt: skip
        lines += hits_code(search_code(request, schema, page))
        filters, limit = "Filter.by_id().contains_any(hits)", None
    asked = _Asked(request, schema, filters)
    name = request.group_by
    if name is None:
        lines += asked.overall()
    else:
        first = "groups" if limit is None else f"groups[:{limit}]"
        is_date = type_of(name, schema) is DataType.DATE
        lines += asked.by_moment(name, first) if is_date else asked.by_value(name, first)
    return program(request.collection, lines, target)


@dataclass(frozen=True)
class _Asked:
    """What is aggregated: the request's metrics over all objects that match, or per group."""

    request: AggregateRequest
    schema: CollectionSchema | None
    filters: Node | None

    def overall(self) -> list[str]:
        """The lines that print the metrics over all."""
        lines: list[str] = []
        also: Node | None = None
        if self.filters is None and any(one.function == "TOP_OCCURRENCES" for one in self._metrics()):
            lines.append(
                "    # Without a filter, Weaviate would tell texts as JSON has them, with \\n for a new line."
            )
            also = "Filter.by_id().not_equal(UUID(int=0))"
        lines += statement("response = ", self._over_all(also=also), 1)
        lines.append('    print("objects:", response.total_count)')
        for metric in self._metrics():
            match self._kind(metric):
                case DataType.OBJECT:
                    missing = self._over_all(also=_is_missing(metric.property), is_measured=False)
                    lines += statement("missing = ", missing, 1)
                    lines += printed(metric, "response.total_count - missing.total_count", 1)
                case DataType.DATE if metric.function == "MODE":
                    again = self._over_all(group_by=metric.property, is_measured=False)
                    lines += mode_code(metric, again)
                case DataType.DATE if metric.function == "MAX":
                    lines += latest_code(metric, self.filters)
                case _:
                    source = f"response.properties[{literal(metric.property)}]"
                    lines += printed(metric, source, 1, self._kind(metric))
        return lines

    def by_value(self, name: str, first: str) -> list[str]:
        """The lines that print the groups by any property but a date."""
        is_int = type_of(name, self.schema) is DataType.INT  # which Weaviate gives as a float
        value = "int(group.grouped_by.value)" if is_int else "group.grouped_by.value"
        order = "lambda group: (-group.total_count, group.grouped_by.value)"
        return [
            *statement("response = ", self._over_all(group_by=name), 1),
            *self._missing(name),
            *self._dates(name),
            *statement("groups = ", call("sorted", "response.groups", key=order), 1),
            f"    for group in {first}:",
            f"        print({value}, group.total_count)",
            *self._of_group(
                "group.total_count - missing{}.get(group.grouped_by.value, 0)", "group.grouped_by.value"
            ),
        ]

    def by_moment(self, name: str, first: str) -> list[str]:
        """The lines that print the groups by a date, which Weaviate groups by its text."""
        same = call(f"Filter.by_property({literal(name)}).equal", "moment")
        merged = [
            "        group = same[0]",
            "        if len(same) > 1:",
            *statement("group = ", self._over_all(also=same), 3),
        ]
        missing = "count - sum(missing{}.get(one.grouped_by.value, 0) for one in same)"
        is_measured = any(self._is_native(one) for one in self._metrics())
        return [
            *statement("response = ", self._over_all(group_by=name), 1),
            *self._missing(name),
            *self._dates(name),
            "    # Weaviate groups dates by their text; in other time zones one moment has others.",
            "    moments = {}",
            "    for group in response.groups:",
            f"        moment = {MOMENT}",
            "        moments.setdefault(moment, []).append(group)",
            "    groups = [",
            "        (sum(group.total_count for group in same), moment, same)",
            "        for moment, same in moments.items()",
            "    ]",
            "    groups.sort(key=lambda group: (-group[0], group[1]))",
            f"    for count, moment, {'same' if is_measured or self._nested() else '_'} in {first}:",
            "        print(moment.isoformat(), count)",
            *(merged if is_measured else []),
            *self._of_group(missing, "moment"),
        ]

    def _metrics(self) -> list[Metric]:
        return list(dict.fromkeys(self.request.metrics))

    def _kind(self, metric: Metric) -> DataType | None:
        return type_of(metric.property, self.schema)

    def _over_all(
        self, *, group_by: str | None = None, also: Node | None = None, is_measured: bool = True
    ) -> Node:
        """The call that aggregates; `also` narrows the filter."""
        filters = [part for part in (self.filters, also) if part is not None]
        metrics = [one for one in self._metrics() if self._is_native(one)]
        return call(
            "collection.aggregate.over_all",
            filters=all_of(filters) if filters else None,
            group_by=call("GroupByAggregate", prop=literal(group_by), limit=_LIMIT) if group_by else None,
            return_metrics=metrics_code(metrics, self.schema) if is_measured else None,
        )

    def _is_native(self, metric: Metric) -> bool:
        """Whether Weaviate is asked for it; of a group it is for MAX, which it has for most dates."""
        if is_own(metric, self.schema):
            return metric.function == "MAX" and self.request.group_by is not None
        return self._kind(metric) is not DataType.OBJECT

    def _dates(self, name: str) -> list[str]:
        own = [one for one in self._metrics() if is_own(one, self.schema)]
        return counts_code(own, name, self.schema, self.filters)

    def _missing(self, name: str) -> list[str]:
        """The lines that count, per group, the objects without a value of each nested property."""
        lines: list[str] = []
        for number, metric in enumerate(self._nested()):
            absent = self._over_all(group_by=name, also=_is_missing(metric.property), is_measured=False)
            lines += [
                *statement(f"missing_{number} = ", absent, 1),
                f"    missing_{number} = {{one.grouped_by.value: one.total_count for one in missing_{number}.groups}}",
            ]
        return lines

    def _nested(self) -> list[Metric]:
        return [one for one in self._metrics() if self._kind(one) is DataType.OBJECT]

    def _of_group(self, count: str, key: str) -> list[str]:
        """The lines that print each metric of a group.

        `count` is told by the number of a nested property, `key` is what the dates of the group are counted by.
        """
        nested = self._nested()
        lines: list[str] = []
        for metric in self._metrics():
            if is_own(metric, self.schema):
                lines += of_group_code(metric, key)
                continue
            source = f"group.properties[{literal(metric.property)}]"
            if metric in nested:
                source = count.format(f"_{nested.index(metric)}")
            lines += printed(metric, source, 2, self._kind(metric))
        return lines


def _is_missing(name: str) -> Node:
    """A filter; of objects, Weaviate's index knows only those that are missing."""
    return call(f"Filter.by_property({literal(name)}).is_none", "True")
