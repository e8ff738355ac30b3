"""Requests as a model writes them: per collection, with its property names, types and known values built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Optional, get_args

from pydantic import AfterValidator, BaseModel, Field

from elysia_desktop.core.requests import (
    AggregateRequest,
    Metric,
    QueryRequest,
    Search,
    Sort,
)
from elysia_desktop.core.schema import (
    CollectionSchema,
    DataType,
    metrics_of,
)
from elysia_desktop.engine.condition_schema import condition_fields, filter_of, reply_model, whole_text
from elysia_desktop.engine.signatures import any_of, one_of

MAX_METRICS = 6
LOWEST_FIRST, HIGHEST_FIRST = _ORDERS = ("lowest first", "highest first")
MOST_OBJECTS = 200
FOUND_BY_WORDS = 10
"""So many are found by words or meaning where no number is asked for: what follows matters less and less."""
_MOST_OCCURRENCES = 1_000_000
_MOST_SKIPPED = 9_000
_BY_WORDS, _BY_MEANING = "words", "meaning"
_SEARCHES: dict[str, Search] = {_BY_WORDS: "keyword", _BY_MEANING: "vector", "both": "hybrid"}


def query_model(
    schema: CollectionSchema, metadata: Mapping[str, Any], displays: Sequence[str], *, detailed: bool = False
) -> type[BaseModel]:
    """What a model fills in to query this collection.

    `detailed` adds what few questions need, for models that are not led astray by it: a second order, later
    pages and the lengths of lists.
    """
    sortable = _names(p for p in schema.properties if not p.type.is_list and p.type is not DataType.OBJECT)
    searchable = any(p.searchable for p in schema.of_type(DataType.TEXT, DataType.TEXTS))
    fields: dict[str, Any] = {"collection": (one_of([schema.name]), ...)}
    made, vectors = made_vectors(schema), vectors_of(schema, metadata)
    if searchable or vectors:
        fields["search_words"] = (
            Optional[Annotated[str, Field(max_length=160), AfterValidator(whole_text)]],  # noqa: UP045 - not a class, so it has no “|”
            Field(..., description="words to look for in the texts; null to only filter and sort"),
        )
    if vectors:
        ways = list(_SEARCHES) if searchable else [_BY_MEANING]
        about = "words: names and exact terms; meaning: topics, however they are worded; both: if unsure"
        fields["search_by"] = (one_of(ways), Field(ways[-1], description=about))
    if vectors and len(made) > 1:
        about = "which fields' meaning to search; [] for all"
        # A request that names none means every vector there is.
        unnamed = list[str]() if vectors == made else vectors
        bounds = Field(default_factory=unnamed.copy, max_length=len(vectors), description=about)
        fields["search_in"] = (list[one_of(vectors)], bounds)
    fields |= condition_fields(schema, metadata, detailed=detailed)
    if sortable:
        fields["sort_by"] = (sortable | None, Field(..., description="null: no particular order"))
        fields["order"] = (one_of(_ORDERS), Field(..., description="lowest first: cheapest, oldest, A to Z"))
    if sortable and detailed:
        fields["then_by"] = (sortable | None, Field(None, description="orders what is equal"))
        fields["then_order"] = (one_of(_ORDERS), Field(LOWEST_FIRST))
    fields["limit"] = (
        Optional[Annotated[int, Field(ge=1, le=MOST_OBJECTS)]],  # noqa: UP045
        Field(..., description="the number of objects asked for, else null"),
    )
    if detailed:
        about = "how many to leave out before, as for places 6 to 10: 5"
        fields["skip"] = (Annotated[int, Field(ge=0, le=_MOST_SKIPPED)], Field(0, description=about))
    if len(displays) > 1:
        fields["display"] = (one_of(displays), Field(..., description="how to show the objects"))
    return reply_model(f"{schema.name}Query", fields)


def vectors_of(schema: CollectionSchema, metadata: Mapping[str, Any]) -> list[str]:
    """The vectors that can be searched by meaning, but for those that are switched off."""
    described = metadata.get("named_vectors") or ()
    switched_off = {vector["name"] for vector in described if vector.get("enabled") is False}
    return [name for name in made_vectors(schema) if name not in switched_off]


def made_vectors(schema: CollectionSchema) -> list[str]:
    """The vectors that are made of the objects' texts."""
    return [vector.name for vector in schema.vectors if vector.vectorizer != "none"]


def aggregate_model(
    schema: CollectionSchema, metadata: Mapping[str, Any], *, detailed: bool = False
) -> type[BaseModel]:
    """What a model fills in to count or compute over this collection; `detailed` as for queries."""
    kinds: list[Any] = []
    by_functions: dict[tuple[str, ...], list[str]] = {}
    for prop in schema.properties:
        functions = tuple(f for f in metrics_of(prop.type) if f != "COUNT")
        if functions and prop.filterable:
            by_functions.setdefault(functions, []).append(prop.name)
    for functions, names in by_functions.items():
        measured: dict[str, Any] = {"property": (one_of(names), ...), "function": (one_of(functions), ...)}
        if "TOP_OCCURRENCES" in functions:
            about = Field(1, description="usually 1")
            measured["min_occurrences"] = (Annotated[int, Field(ge=1, le=_MOST_OCCURRENCES)], about)
        kinds.append(reply_model(f"{schema.name}Metric{len(kinds)}", measured))
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
    fields |= condition_fields(schema, metadata, detailed=detailed)
    return reply_model(f"{schema.name}Aggregation", fields)


def to_query(reply: BaseModel) -> QueryRequest:
    """The request that a filled-in `query_model` stands for."""
    said = _said(reply)
    words = (said.get("search_words") or "").strip()
    words = words if any(letter.isalnum() for letter in words) else ""
    search = _SEARCHES[said.get("search_by") or _BY_WORDS] if words else "none"
    named = said.get("search_in") or _unnamed(type(reply))
    targets = tuple(dict.fromkeys(named)) if search in {"vector", "hybrid"} else ()
    return QueryRequest(
        collection=said["collection"],
        search=search,
        text=words or None,
        target_vectors=targets or None,
        filters=filter_of(said),
        sort=_order(said),
        limit=said["limit"] or (MOST_OBJECTS if search == "none" else FOUND_BY_WORDS),
        offset=said.get("skip") or 0,
    )


def _unnamed(form: type[BaseModel]) -> Sequence[str]:
    """The vectors that are searched where a reply names none; none means all."""
    field = form.model_fields.get("search_in")
    return field.get_default(call_default_factory=True) if field else ()


def _order(said: Mapping[str, Any]) -> tuple[Sort, ...]:
    columns = [
        (said.get("sort_by"), said.get("order")),
        (said.get("then_by"), said.get("then_order")),
    ]
    named = {
        name: Sort(property=name, direction="desc" if order == HIGHEST_FIRST else "asc")
        for name, order in columns[::-1]
        if name
    }
    return tuple(named[name] for name in dict.fromkeys(name for name, _ in columns if name))


def to_aggregate(reply: BaseModel) -> AggregateRequest:
    """The request that a filled-in `aggregate_model` stands for."""
    said = _said(reply)
    metrics = tuple(
        Metric(
            property=m.property,
            function=m.function,
            min_occurrences=_above_one(getattr(m, "min_occurrences", 1)),
        )
        for m in said.get("metrics") or ()
    )
    return AggregateRequest(
        collection=said["collection"],
        group_by=said.get("group_by"),
        metrics=tuple(dict.fromkeys(metrics)),
        filters=filter_of(said),
    )


def _above_one(least: int) -> int | None:
    return least if least > 1 else None


def impossible_model(models: Sequence[type[BaseModel]]) -> type[BaseModel]:
    """What a model fills in instead where none of these request models can answer."""
    names: list[str] = [
        name for model in models for name in get_args(model.model_fields["collection"].annotation)
    ]
    about = Field(..., description="only if no such request can answer: why")
    fields: dict[str, Any] = {
        "collection": (one_of(names), ...),
        "impossible_reason": (
            Annotated[str, Field(min_length=1, max_length=240), AfterValidator(whole_text)],
            about,
        ),
    }
    return reply_model("Impossible", fields)


def impossible_reason(reply: BaseModel) -> str | None:
    """Why nothing can answer, where that is what a reply says."""
    return getattr(reply, "impossible_reason", None)


def _is_groupable(data_type: DataType) -> bool:
    return data_type is DataType.TEXTS or not (data_type.is_list or data_type is DataType.OBJECT)


def _said(reply: BaseModel) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in type(reply).model_fields}


def _names(properties: Any) -> Any:
    names = [p.name for p in properties]
    return one_of(names) if names else None
