"""Carries out an aggregation: the numbers as a result that displays and prompts share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Return
from elysia_desktop.core.requests import AggregateRequest, shown
from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.engine.context import aggregation_text
from elysia_desktop.engine.request_code import code_of
from elysia_desktop.engine.wanted import refused

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.stores.base import Aggregates, MetricValue, Store


class Aggregation(Retrieval):
    """Numbers over a collection: overall, or per group."""

    def llm_parse(self) -> str:
        """The request and every number."""
        asked = self.metadata.get("query_output")
        told = "; ".join(aggregation_text(item) for item in self.objects)
        nothing = not any(item.get("num_items") for item in self.objects)
        judge = (
            " Judge this request: try another one if it can be improved, otherwise say so." if nothing else ""
        )
        return f"Aggregated “{self.metadata.get('collection_name', self.name)}” with {asked}: {told}.{judge}"


async def computed(
    clients: ClientManager, request: AggregateRequest, schema: CollectionSchema, tree_data: TreeData
) -> list[Return]:
    """The numbers, or what went wrong; another collection's failure is not felt here."""
    store: Store = clients.store()
    try:
        found = aggregation(request, await store.aggregate(request), schema)
    except StoreError as error:
        return [refused(error, request)]
    found.metadata["code"] = code_of(request, schema, clients, tree_data)
    return [found]


def aggregation(request: AggregateRequest, found: Aggregates, schema: CollectionSchema) -> Aggregation:
    """The numbers in the shape that displays and prompts share."""
    fields: dict[str, Any] = {}
    for metric in found.metrics:
        field = fields.setdefault(metric.property, {"type": _kind(schema, metric.property), "values": []})
        field["values"].append(_value(metric))
    if found.groups is not None and request.group_by is not None:
        groups = {
            str(group.value): {
                "values": [{"value": group.count, "field": request.group_by, "aggregation": "COUNT"}]
                + [_value(metric) for metric in group.metrics]
            }
            for group in found.groups
        }
        fields.setdefault(request.group_by, {"type": _kind(schema, request.group_by), "values": []})[
            "groups"
        ] = groups
    return Aggregation(
        [{"num_items": found.count, "collections": [{request.collection: fields}]}],
        metadata={
            "collection_name": request.collection,
            "display_type": "aggregation",
            "query_output": shown(request),
            "num_groups": len(found.groups) if found.groups is not None else 0,
            "num_items": found.count,
            "time": round(found.took_ms / 1000, 4),
        },
        payload_type="aggregation",
    )


def _value(metric: MetricValue) -> dict[str, Any]:
    return {"value": metric.value, "field": metric.property, "aggregation": metric.function}


def _kind(schema: CollectionSchema, name: str) -> str:
    data_type = schema.property(name).type.element
    return "number" if data_type.is_number else data_type.value
