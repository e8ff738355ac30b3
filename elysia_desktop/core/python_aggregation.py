"""Aggregations as programs for weaviate-client, which compute the same numbers as a store."""

from __future__ import annotations

from dataclasses import dataclass

from elysia_desktop.core.python_code import hits_code, search_code
from elysia_desktop.core.python_filters import all_of, filters_code, type_of
from elysia_desktop.core.python_layout import Node, call, literal, statement
from elysia_desktop.core.python_metrics import metrics_code, printed
from elysia_desktop.core.python_program import Target, program
from elysia_desktop.core.requests import MAX_LIMIT, AggregateRequest, Metric
from elysia_desktop.core.schema import CollectionSchema, DataType

_LIMIT = str(MAX_LIMIT)
_MOMENT = "datetime.fromisoformat(group.grouped_by.value).astimezone(UTC)"


def aggregate_code(request: AggregateRequest, schema: CollectionSchema | None, target: Target) -> str:
    """The program of an aggregation, which prints each number; without a schema, types are read off functions."""
    lines, filters = filters_code(request.filters, schema)
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
                    lines += self._mode(metric)
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
            *statement("groups = ", call("sorted", "response.groups", key=order), 1),
            f"    for group in {first}:",
            f"        print({value}, group.total_count)",
            *self._of_group("group.total_count - missing{}.get(group.grouped_by.value, 0)"),
        ]

    def by_moment(self, name: str, first: str) -> list[str]:
        """The lines that print the groups by a date, which Weaviate groups by its text."""
        same = call(f"Filter.by_property({literal(name)}).equal", "moment")
        merged = [
            "        group = same[0]",
            "        if len(same) > 1:",
            *statement("group = ", self._over_all(also=same), 3),
            *self._of_group("count - sum(missing{}.get(one.grouped_by.value, 0) for one in same)"),
        ]
        is_measured = bool(self.request.metrics)
        return [
            *statement("response = ", self._over_all(group_by=name), 1),
            *self._missing(name),
            "    # Weaviate groups dates by their text; in other time zones one moment has others.",
            "    moments = {}",
            "    for group in response.groups:",
            f"        moment = {_MOMENT}",
            "        moments.setdefault(moment, []).append(group)",
            "    groups = [",
            "        (sum(group.total_count for group in same), moment, same)",
            "        for moment, same in moments.items()",
            "    ]",
            "    groups.sort(key=lambda group: (-group[0], group[1]))",
            f"    for count, moment, {'same' if is_measured else '_'} in {first}:",
            "        print(moment.isoformat(), count)",
            *(merged if is_measured else []),
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
        metrics = [one for one in self._metrics() if self._kind(one) is not DataType.OBJECT]
        return call(
            "collection.aggregate.over_all",
            filters=all_of(filters) if filters else None,
            group_by=call("GroupByAggregate", prop=literal(group_by), limit=_LIMIT) if group_by else None,
            return_metrics=metrics_code(metrics, self.schema) if is_measured else None,
        )

    def _mode(self, metric: Metric) -> list[str]:
        """The lines that print the earliest of the most frequent dates, of which Weaviate's own is any."""
        again = self._over_all(group_by=metric.property, is_measured=False)
        order = "lambda moment: (-counts[moment], moment)"
        earliest = call("min", "counts", key=order, default="None")
        return [
            *statement("response_by_date = ", again, 1),
            "    counts = Counter()",
            "    for group in response_by_date.groups:",
            f"        moment = {_MOMENT}",
            "        counts[moment] += group.total_count",
            *statement("mode = ", earliest, 1),
            *printed(metric, "mode and mode.isoformat()", 1),
        ]

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

    def _of_group(self, count: str) -> list[str]:
        """The lines that print each metric of a group; `count` is told by the number of a nested property."""
        nested = self._nested()
        lines: list[str] = []
        for metric in self._metrics():
            source = f"group.properties[{literal(metric.property)}]"
            if metric in nested:
                source = count.format(f"_{nested.index(metric)}")
            lines += printed(metric, source, 2, self._kind(metric))
        return lines


def _is_missing(name: str) -> Node:
    """A filter; of objects, Weaviate's index knows only those that are missing."""
    return call(f"Filter.by_property({literal(name)}).is_none", "True")
