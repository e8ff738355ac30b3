"""Puts a request back into the form in which a model writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from elysia_desktop.core.requests import shown_filter
from elysia_desktop.engine.condition_schema import filter_of
from elysia_desktop.engine.request_schema import HIGHEST_FIRST, LOWEST_FIRST

_OF_AGGREGATIONS = {"kind", "collection", "filters", "group_by", "metrics"}
_OF_METRICS = {"property", "function", "min_occurrences"}
_OF_QUERIES = {"kind", "collection", "filters", "search", "text", "target_vectors", "sort", "limit", "offset"}
_SEARCHES = {"none": "words", "keyword": "words", "vector": "meaning", "hybrid": "both"}
_DEFAULT_LIMIT = 5
_MOST_ORDERS = 2
_NOTHING_SAID: tuple[Any, ...] = (None, [], (), False, 0, "all", "words", "table", LOWEST_FIRST)


def as_written(asked: Mapping[str, Any], form: type[BaseModel]) -> str | None:
    """A request, as `requests.shown` tells it, as the JSON text that fills in `form`.

    None where it says something that the form cannot say, or that does not fit it any longer.
    """
    filters = _conditions(asked.get("filters"))
    if filters is None:
        return None
    conditions, match = filters
    said: dict[str, Any] = {"collection": asked.get("collection"), "filters": conditions, "match": match}
    of_its_kind = _query(asked) if "limit" in form.model_fields else _aggregation(asked)
    return None if of_its_kind is None else _filled_in({**said, **of_its_kind}, form, asked.get("filters"))


def _aggregation(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    metrics: Sequence[Mapping[str, Any]] = asked.get("metrics") or ()
    if asked.keys() - _OF_AGGREGATIONS or any(metric.keys() - _OF_METRICS for metric in metrics):
        return None
    return {"group_by": asked.get("group_by"), "metrics": metrics}


def _query(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    sort: Sequence[Mapping[str, Any]] = asked.get("sort") or ()
    if asked.keys() - _OF_QUERIES or len(sort) > _MOST_ORDERS:
        return None
    nothing: Mapping[str, Any] = {}
    first, then = (*sort, nothing, nothing)[:_MOST_ORDERS]
    return {
        "search_words": asked.get("text"),
        "search_by": _SEARCHES[asked.get("search", "none")],
        "search_in": asked.get("target_vectors") or [],
        "sort_by": first.get("property"),
        "order": _order(first),
        "then_by": then.get("property"),
        "then_order": _order(then),
        "skip": asked.get("offset", 0),
        "limit": asked.get("limit", _DEFAULT_LIMIT),
        "display": "table",
    }


def _order(sort: Mapping[str, Any]) -> str:
    return HIGHEST_FIRST if sort.get("direction") == "desc" else LOWEST_FIRST


def _filled_in(said: Mapping[str, Any], form: type[BaseModel], asked_filter: Any) -> str | None:
    fields = form.model_fields.keys()
    # Some fields are there only where the collection has something to fill in.
    if any(said[name] not in _NOTHING_SAID for name in said.keys() - fields):
        return None
    given = {name: value for name, value in said.items() if name in fields}
    if not said.get("search_words"):  # how to search says nothing then
        given = {name: value for name, value in given.items() if name not in {"search_by", "search_in"}}
    try:
        written = form.model_validate(given)
    except ValidationError:
        return None
    if said["filters"] and not _means(written, asked_filter):
        return None
    return json.dumps(written.model_dump(mode="json", exclude_unset=True), ensure_ascii=False)


def _means(written: BaseModel, asked_filter: Any) -> bool:
    """Whether the conditions still stand for this filter: which values are known may have changed."""
    meant = filter_of({name: getattr(written, name) for name in ("filters", "match")})
    return meant is not None and shown_filter(meant) == asked_filter


def _conditions(tree: Any) -> tuple[list[dict[str, Any]], str] | None:
    """The conditions of a filter of one level, and whether all or any must hold."""
    if tree is None:
        return [], "all"
    kind = tree.get("kind", "property")
    parts: list[dict[str, Any]] = [tree] if kind == "property" else tree.get("filters") or []
    if kind not in {"property", "and", "or"}:
        return None
    conditions = [_condition(one) for part in parts for one in _alternatives(part, kind)]
    if None in conditions:
        return None
    return cast("list[dict[str, Any]]", conditions), "any" if kind == "or" else "all"


def _alternatives(part: Any, joined_by: str) -> list[Any]:
    """The values of one property that a form has side by side, although any of them will do."""
    if joined_by != "and" or part.get("kind") != "or":
        return [part]
    told: list[dict[str, Any]] = part["filters"]
    one_of_many = {(one.get("property"), one.get("operator")) for one in told}
    return told if len(one_of_many) == 1 and told[0].get("operator") == "=" else [part]


def _condition(part: Mapping[str, Any]) -> dict[str, Any] | None:
    if part.get("kind", "property") != "property":
        return None
    value: Any = part["value"]
    if isinstance(value, list):
        values = cast("list[Any]", value)
        if len(values) != 1:
            return None
        value = values[0]
    operator = f"LENGTH {part['operator']}" if part.get("length") else part["operator"]
    return {"property": part["property"], "operator": operator, "value": value}
