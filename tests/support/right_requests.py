"""The requests of the sample questions, as a model writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from elysia_desktop.core.requests import Request, shown
from elysia_desktop.engine.feedback.as_written import as_written
from elysia_desktop.engine.request_schema import aggregate_model, query_model
from elysia_desktop.stores.base import Store

_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)


async def as_a_model_writes(store: Store, request: Mapping[str, Any]) -> dict[str, Any]:
    """A request of `questions.json` in the form that a model is asked for."""
    asked = shown(_REQUEST.validate_python(request))
    schema, known = await store.schema(asked["collection"]), await store.get_metadata(asked["collection"])
    asked["filters"] = _simpler(asked.get("filters"))
    if request["kind"] == "aggregate":
        return json.loads(as_written(asked, aggregate_model(schema, known, detailed=True)))
    form = query_model(schema, known, ["table"], detailed=True)
    return {"display": "table", **json.loads(as_written(asked, form))}


def _simpler(tree: dict[str, Any] | None) -> dict[str, Any] | None:
    """A filter in the words that a model has: all of a list one by one, and not equal."""
    if tree is None or tree.get("kind") == "or":
        return tree
    parts = [part for one in tree.get("filters", [tree]) for part in _conditions(one)]
    return {"kind": "and", "filters": parts} if len(parts) > 1 else parts[0]


def _conditions(tree: dict[str, Any]) -> list[dict[str, Any]]:
    match tree:
        case {"operator": "CONTAINS_ALL"}:
            return [{**tree, "operator": "CONTAINS_ANY", "value": [one]} for one in tree["value"]]
        case {"kind": "not"}:
            return [{**tree["filter"], "operator": "!="}]
        case _:
            return [tree]
