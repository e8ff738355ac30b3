"""The tool that counts and computes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.core.payloads import Error, ModelUsed
from elysia_desktop.core.requests import AggregateRequest, shown
from elysia_desktop.core.schema import CollectionSchema
from elysia_desktop.engine.context import aggregation_text
from elysia_desktop.engine.request_schema import aggregate_model, to_aggregate
from elysia_desktop.engine.requesting import CollectionTool, ask_for_requests, refused_as_repeated

if TYPE_CHECKING:
    from elysia_desktop.core.collection_data import ClientManager
    from elysia_desktop.core.tree_data import TreeData
    from elysia_desktop.engine.lm import Model
    from elysia_desktop.stores.base import Aggregates, MetricValue

_INSTRUCTIONS = """\
Write the aggregations that compute what the question asks, one per collection that is needed.
“How many” needs no metric: the number of objects is always counted. “Per”, “by”, “each”, “most common” need group_by."""


class Aggregation(Retrieval):
    """Numbers over a collection: overall, or per group."""

    def llm_parse(self) -> str:
        """The request and every number."""
        asked = self.metadata.get("query_output")
        told = "; ".join(aggregation_text(item) for item in self.objects)
        return f"Aggregated “{self.metadata.get('collection_name', self.name)}” with {asked}: {told}"


class Aggregate(CollectionTool):
    """Count, or compute over, the objects of a collection."""

    name = "aggregate"
    description = (
        "Count or compute over a collection: how many, number of, average, total, sum, minimum, maximum, share, "
        "most common, per or by something. Gives numbers, no objects."
    )
    status = "Computing…"

    async def __call__(
        self,
        tree_data: TreeData,
        inputs: dict[str, Any],
        base_lm: Model,
        complex_lm: Model,
        client_manager: ClientManager,
        **kwargs: Any,
    ) -> AsyncGenerator[Aggregation | Error | ModelUsed, None]:
        """Ask the complex model for requests, run them, yield the numbers."""
        store = client_manager.store()
        names = inputs.get("collection_names") or tree_data.collection_names
        metadata = tree_data.output_collection_metadata(names)
        schemas: dict[str, CollectionSchema] = {name: await store.schema(name) for name in metadata}
        models = {name: aggregate_model(schemas[name], metadata[name]) for name in metadata}
        written = await ask_for_requests(self.name, _INSTRUCTIONS, models, tree_data, complex_lm)
        yield written.used
        for reply in written.replies:
            request = to_aggregate(reply)
            repeated = refused_as_repeated(self, request, tree_data)
            if repeated is not None:
                yield repeated
                continue
            try:
                found = await store.aggregate(request)
            except QueryRejected as error:
                yield Error(
                    feedback=error.sentence, error_message=json.dumps(shown(request), ensure_ascii=False)
                )
                continue
            yield aggregation(request, found, schemas[request.collection])


def aggregation(request: AggregateRequest, found: Aggregates, schema: CollectionSchema) -> Aggregation:
    """The numbers in the shape that displays and prompts share."""
    fields: dict[str, Any] = {}
    for metric in found.metrics:
        field = fields.setdefault(metric.property, {"type": _kind(schema, metric.property), "values": []})
        field["values"].append(_value(metric))
    if found.groups is not None and request.group_by is not None:
        groups = {
            "(none)" if group.value is None else str(group.value): {
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
