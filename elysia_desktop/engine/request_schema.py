"""Requests as a model writes them: per collection, with its property names, types and known values built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Optional, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from elysia_desktop.core.requests import (
    AggregateRequest,
    And,
    Filter,
    Metric,
    Or,
    PropertyFilter,
    QueryRequest,
    Sort,
)
from elysia_desktop.core.schema import CollectionSchema, DataType, Property, metrics_of, operators_of
from elysia_desktop.engine.signatures import any_of, one_of

MAX_FILTERS = 6
MAX_METRICS = 6
_KNOWN_VALUES = 30


def _a_moment(text: str) -> str:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"“{text}” is no date; write one as 2024-05-31") from None
    return text


def _within_64_bits(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError("the number is too large")
    return number


def _whole(text: str) -> str:
    """A reply may spell half of a character, or none, as an escape; no store can look for one."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


_Text = Annotated[str, Field(max_length=120), AfterValidator(_whole)]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore")


def query_model(
    schema: CollectionSchema, metadata: Mapping[str, Any], displays: Sequence[str]
) -> type[BaseModel]:
    """What a model fills in to query this collection."""
    sortable = _names(p for p in schema.properties if not p.type.is_list and p.type is not DataType.OBJECT)
    searchable = any(p.searchable for p in schema.of_type(DataType.TEXT, DataType.TEXTS))
    fields: dict[str, Any] = {"collection": (one_of([schema.name]), ...)}
    if searchable:
        fields["search_words"] = (
            Optional[Annotated[str, Field(max_length=160), AfterValidator(_whole)]],  # noqa: UP045 - not a class, so it has no “|”
            Field(..., description="words to look for in the texts; null to only filter and sort"),
        )
    fields |= _filter_fields(schema, metadata)
    if sortable:
        fields["sort_by"] = (sortable | None, Field(..., description="null: no particular order"))
        fields["descending"] = (bool, Field(..., description="true: highest or newest first"))
    fields["limit"] = (
        Annotated[int, Field(ge=1, le=200)],
        Field(..., description="how many objects; the number asked for, else 10; 200 for all"),
    )
    if len(displays) > 1:
        fields["display"] = (one_of(displays), Field(..., description="how to show the objects"))
    return _model(f"{schema.name}Query", fields)


def aggregate_model(schema: CollectionSchema, metadata: Mapping[str, Any]) -> type[BaseModel]:
    """What a model fills in to count or compute over this collection."""
    kinds: list[Any] = []
    by_functions: dict[tuple[str, ...], list[str]] = {}
    for prop in schema.properties:
        functions = tuple(f for f in metrics_of(prop.type) if f != "COUNT")
        if functions and prop.filterable:
            by_functions.setdefault(functions, []).append(prop.name)
    for functions, names in by_functions.items():
        kinds.append(
            _model(
                f"{schema.name}Metric{len(kinds)}",
                {"property": (one_of(names), ...), "function": (one_of(functions), ...)},
            )
        )
    groupable = _names(p for p in schema.properties if p.filterable and _is_groupable(p.type))
    fields: dict[str, Any] = {"collection": (one_of([schema.name]), ...)}
    # What to compute comes before what to leave out: a small model fills in whatever it is offered first.
    if groupable:
        fields["group_by"] = (
            groupable | None,
            Field(
                ..., description="null unless asked per, by or for each value of it, or for the most common"
            ),
        )
    if kinds:
        fields["metrics"] = (
            list[any_of(kinds)],
            Field(..., max_length=MAX_METRICS, description="[] for the plain number of objects"),
        )
    fields |= _filter_fields(schema, metadata)
    return _model(f"{schema.name}Aggregation", fields)


def to_query(reply: BaseModel) -> QueryRequest:
    """The request that a filled-in `query_model` stands for."""
    said = _said(reply)
    words = (said.get("search_words") or "").strip()
    words = words if any(letter.isalnum() for letter in words) else ""
    sort_by = said.get("sort_by")
    return QueryRequest(
        collection=said["collection"],
        search="keyword" if words else "none",
        text=words or None,
        filters=_filters(said),
        sort=(Sort(property=sort_by, direction="desc" if said.get("descending") else "asc"),)
        if sort_by
        else (),
        limit=said["limit"],
    )


def to_aggregate(reply: BaseModel) -> AggregateRequest:
    """The request that a filled-in `aggregate_model` stands for."""
    said = _said(reply)
    metrics = tuple(Metric(property=m.property, function=m.function) for m in said.get("metrics") or ())
    return AggregateRequest(
        collection=said["collection"],
        group_by=said.get("group_by"),
        metrics=tuple(dict.fromkeys(metrics)),
        filters=_filters(said),
    )


def _filter_fields(schema: CollectionSchema, metadata: Mapping[str, Any]) -> dict[str, Any]:
    kinds = _filter_kinds(schema, metadata)
    if not kinds:
        return {}
    return {
        "filters": (
            list[any_of(kinds)],
            Field(
                ..., max_length=MAX_FILTERS, description="only conditions that the question states; else []"
            ),
        ),
        "match": (Literal["all", "any"], Field(..., description="whether all conditions must hold or any")),
    }


def _filter_kinds(schema: CollectionSchema, metadata: Mapping[str, Any]) -> list[type[BaseModel]]:
    """One shape of condition per type; properties with known values get those as the only ones."""
    known = {f["name"]: f for f in cast("list[dict[str, Any]]", metadata.get("fields") or [])}
    plain: dict[DataType, list[str]] = {}
    kinds: list[type[BaseModel]] = []
    for prop in schema.properties:
        if not prop.filterable or prop.type is DataType.OBJECT:
            continue
        values = _known_values(prop, known.get(prop.name, {}))
        if values:
            operators = ("CONTAINS_ANY",) if prop.type.is_list else ("=", "!=")
            kinds.append(_condition(schema, len(kinds), [prop.name], operators, one_of(values)))
        # Known values are offered first, but the question may name another: then nothing is to be found.
        plain.setdefault(prop.type, []).append(prop.name)
    for data_type, names in plain.items():
        operators = tuple(o for o in operators_of(data_type) if o not in {"IS_NULL", "CONTAINS_ALL"})
        if data_type.is_list:
            operators = ("CONTAINS_ANY",)
        kinds.append(_condition(schema, len(kinds), names, operators, _value_type(data_type.element)))
    nullable = [p.name for p in schema.properties if p.filterable and p.type is not DataType.OBJECT]
    if nullable:
        kinds.append(_condition(schema, len(kinds), nullable, ("IS_NULL",), bool))
    return kinds


def _known_values(prop: Property, known: Mapping[str, Any]) -> list[str]:
    groups = cast("list[dict[str, Any]]", known.get("groups") or [])
    if prop.type.element is not DataType.TEXT or not 0 < len(groups) <= _KNOWN_VALUES:
        return []
    return [str(group["value"]) for group in groups]


def _condition(
    schema: CollectionSchema, number: int, names: Sequence[str], operators: Sequence[str], value: Any
) -> type[BaseModel]:
    return _model(
        f"{schema.name}Condition{number}",
        {"property": (one_of(names), ...), "operator": (one_of(operators), ...), "value": (value, ...)},
    )


def _value_type(data_type: DataType) -> Any:
    match data_type:
        case DataType.INT:
            return Annotated[int, AfterValidator(_within_64_bits)]
        case DataType.FLOAT:
            return Annotated[float, Field(allow_inf_nan=False)]
        case DataType.BOOLEAN:
            return bool
        case DataType.DATE:
            iso = Field(max_length=32, description="ISO 8601, such as 2024-05-31")
            return Annotated[str, iso, AfterValidator(_a_moment)]
        case _:
            return _Text


def _filters(said: Mapping[str, Any]) -> Filter | None:
    conditions = tuple(
        PropertyFilter(
            property=c.property,
            operator=c.operator,
            value=(c.value,) if c.operator in {"CONTAINS_ANY", "CONTAINS_ALL"} else c.value,
        )
        for c in said.get("filters") or ()
    )
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return Or(filters=conditions) if said.get("match") == "any" else And(filters=conditions)


def _is_groupable(data_type: DataType) -> bool:
    return data_type is DataType.TEXTS or not (data_type.is_list or data_type is DataType.OBJECT)


def _said(reply: BaseModel) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in type(reply).model_fields}


def _names(properties: Any) -> Any:
    names = [p.name for p in properties]
    return one_of(names) if names else None


def _model(name: str, fields: dict[str, Any]) -> type[BaseModel]:
    return create_model(name, __base__=_Reply, **fields)
