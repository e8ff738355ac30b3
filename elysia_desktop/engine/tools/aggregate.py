"""The tool that counts and computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elysia_desktop.engine.request_schema import aggregate_model, to_aggregate
from elysia_desktop.engine.requesting import CollectionTool
from elysia_desktop.engine.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from elysia_desktop.core.schema import CollectionSchema


class Aggregate(CollectionTool):
    """Count, or compute over, the objects of a collection."""

    name = "aggregate"
    description = (
        "Count or compute over a collection: how many, number of, average, total, sum, minimum, maximum, share, "
        "most common, per or by something. Gives numbers, no objects."
    )
    status = "Computing…"
    instructions = """\
Write the aggregations that compute what the question asks, one per collection that is needed.
“How many” needs no metric: the number of objects is always counted. “Per”, “by”, “each”, “most common” need group_by."""

    def form(self, schema: CollectionSchema, known: Mapping[str, Any], *, detailed: bool) -> type[BaseModel]:
        """The aggregation of a collection."""
        return aggregate_model(schema, known, detailed=detailed)

    def wanted(self, reply: BaseModel) -> Wanted:
        """The aggregation that a filled-in form stands for."""
        return Wanted(to_aggregate(reply))
