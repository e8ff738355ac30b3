"""What can be asked of a store: queries and aggregations, as frozen data."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from elysia_desktop.core.schema import CollectionSchema, MetricFunction, Operator

Search = Literal["none", "keyword", "vector", "hybrid"]
Consistency = Literal["default", "one", "quorum", "all"]
Scalar = bool | int | float | str
MAX_LIMIT = 10_000
"""The most that stores answer at once; they refuse, in words, a page that reaches further."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PropertyFilter(_Frozen):
    """Compares one property, or with `length` the length of a list, with a value."""

    kind: Literal["property"] = "property"
    property: str
    operator: Operator
    value: Scalar | tuple[Scalar, ...]
    length: bool = False


class And(_Frozen):
    """Every one of the filters holds."""

    kind: Literal["and"] = "and"
    filters: tuple[Filter, ...] = Field(min_length=1)


class Or(_Frozen):
    """At least one of the filters holds."""

    kind: Literal["or"] = "or"
    filters: tuple[Filter, ...] = Field(min_length=1)


class Not(_Frozen):
    """The filter does not hold."""

    kind: Literal["not"] = "not"
    filter: Filter


Filter = Annotated[PropertyFilter | And | Or | Not, Field(discriminator="kind")]


class Sort(_Frozen):
    """One column of an ordering; in the first, objects without a value come last either way."""

    property: str
    direction: Literal["asc", "desc"] = "asc"


class QueryRequest(_Frozen):
    """Search, filter, sort and page the objects of one collection."""

    kind: Literal["query"] = "query"
    collection: str
    search: Search = "none"
    text: str | None = None
    alpha: float = Field(default=0.5, ge=0, le=1)
    target_vectors: tuple[str, ...] | None = None
    filters: Filter | None = None
    sort: tuple[Sort, ...] = ()
    limit: int = Field(default=5, ge=1)
    offset: int = Field(default=0, ge=0)
    properties: tuple[str, ...] | None = None

    def to_python(
        self,
        connect: str = "weaviate.connect_to_local()",
        *,
        schema: CollectionSchema | None = None,
        tenant: str = "",
        consistency: Consistency = "default",
    ) -> str:
        """The program for weaviate-client that prints the same objects, in the same order.

        `connect` is the expression that opens the client; with the collection's `schema`, values are written
        as their types have them.
        """
        from elysia_desktop.core.python_code import query_code
        from elysia_desktop.core.python_program import Target

        return query_code(self, schema, Target(connect, tenant, consistency))


class Metric(_Frozen):
    """One function over one property."""

    property: str
    function: MetricFunction
    min_occurrences: int | None = None


class AggregateRequest(_Frozen):
    """Metrics over all objects that match, or per value of `group_by`; no metrics means a plain count."""

    kind: Literal["aggregate"] = "aggregate"
    collection: str
    group_by: str | None = None
    metrics: tuple[Metric, ...] = ()
    filters: Filter | None = None
    search: Literal["none", "vector", "hybrid"] = "none"
    text: str | None = None
    limit: int | None = Field(default=None, ge=1)

    def to_python(
        self,
        connect: str = "weaviate.connect_to_local()",
        *,
        schema: CollectionSchema | None = None,
        tenant: str = "",
        consistency: Consistency = "default",
    ) -> str:
        """The program for weaviate-client that prints the same numbers; told as `QueryRequest.to_python` is."""
        from elysia_desktop.core.python_aggregation import aggregate_code
        from elysia_desktop.core.python_program import Target

        return aggregate_code(self, schema, Target(connect, tenant, consistency))


Request = Annotated[QueryRequest | AggregateRequest, Field(discriminator="kind")]

for _model in (And, Or, Not, QueryRequest, AggregateRequest):
    _model.model_rebuild()


def shown(request: QueryRequest | AggregateRequest) -> dict[str, Any]:
    """The request as JSON data without what was left at its default."""
    told = request.model_dump(mode="json", exclude_defaults=True)
    return {**told, "filters": shown_filter(request.filters)} if request.filters is not None else told


def shown_filter(tree: Filter) -> dict[str, Any]:
    """A filter without defaults, but for the kind that tells “and” from “or”."""
    match tree:
        case And() | Or():
            return {"kind": tree.kind, "filters": [shown_filter(part) for part in tree.filters]}
        case Not():
            return {"kind": tree.kind, "filter": shown_filter(tree.filter)}
        case _:
            return tree.model_dump(mode="json", exclude_defaults=True)
