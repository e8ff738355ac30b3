"""A SELECT as the request that it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import (
    AggregateRequest,
    And,
    Filter,
    Metric,
    PropertyFilter,
    QueryRequest,
    Sort,
)
from elysia_desktop.core.schema import CollectionSchema, DataType
from elysia_desktop.engine.context import content_words
from elysia_desktop.engine.request_schema import FOUND_BY_WORDS, MOST_OBJECTS, made_vectors, vectors_of
from elysia_desktop.engine.sql.conditions import Conditions
from elysia_desktop.engine.sql.values import column_of, literal_of, unwrapped
from elysia_desktop.stores import checks

if TYPE_CHECKING:
    from elysia_desktop.core.schema import MetricFunction

_LABEL = 4
"""Tokens; words are looked for in a text that is longer on average, rather than compared with it."""
_FUNCTIONS: dict[type[exp.Expr], MetricFunction] = {
    exp.Avg: "MEAN", exp.Sum: "SUM", exp.Min: "MIN", exp.Max: "MAX", exp.Median: "MEDIAN", exp.Mode: "MODE",
    exp.Count: "COUNT",
}  # fmt: skip
_OF_TRUTH: dict[type[exp.Expr], MetricFunction] = {
    exp.Sum: "TOTAL_TRUE", exp.Count: "COUNT", exp.Avg: "PERCENTAGE_TRUE"
}  # fmt: skip
_ALONE = "Ask one table at a time, without joins and subqueries: what is found is there for the next step."


def request_of(
    sql: str,
    schemas: Mapping[str, CollectionSchema],
    known: Mapping[str, Mapping[str, Any]],
    question: str | None = None,
) -> QueryRequest | AggregateRequest:
    """The request that an SQL statement stands for; raises `QueryRejected`, saying what cannot be said so.

    A selection of functions or groups is an aggregation, another one a query. `known` is what analysis wrote of
    the collections: it tells long texts, in which LIKE looks for words, from labels, with which it compares. With
    a `question`, a search for words is not narrowed by labels of which it has no word: those are guessed.
    """
    select = _parsed(sql)
    schema = schemas[_table(select, schemas)]
    where = cast("exp.Where | None", select.args.get("where"))
    condition = cast("exp.Expr", where.this) if where is not None else None
    items = [unwrapped(item) for item in cast("list[exp.Expr]", select.expressions)]
    functions = [found for item in items for found in item.find_all(exp.AggFunc)]
    if select.args.get("group") or select.args.get("distinct") or functions:
        largest = _object_of_extreme(select, items, functions)
        if largest is None:
            return _aggregation(select, items, functions, condition, schema)
        return _query(select, [largest], 1, condition, schema, known.get(schema.name, {}), question)
    limit = select.args.get("limit")
    most = literal_of(limit.expression) if limit is not None else None
    order = cast("list[exp.Ordered]", select.args["order"].expressions) if select.args.get("order") else []
    return _query(select, order, most, condition, schema, known.get(schema.name, {}), question)


def _parsed(sql: str) -> exp.Select:
    try:
        statements = sqlglot.parse(sql, read="sqlite")
    except (SqlglotError, RecursionError) as error:
        told = str(error).partition(". Line")[0] or "It is no SQL."
        raise QueryRejected(f"The SQL cannot be read: {told}.", "Write a plain SELECT.") from None
    select = statements[0] if len(statements) == 1 else None
    if not isinstance(select, exp.Select):
        raise QueryRejected("That is not one SELECT statement.", "Write one plain SELECT.")
    if select.args.get("joins") or len(list(select.find_all(exp.Select))) > 1:
        raise QueryRejected("More than one table is asked for.", _ALONE)
    return select


def _table(select: exp.Select, schemas: Mapping[str, CollectionSchema]) -> str:
    table = select.find(exp.Table)
    name = table.name if table is not None else next(iter(schemas)) if len(schemas) == 1 else ""
    found = next((each for each in schemas if each.casefold() == name.casefold()), None)
    if found is None:
        raise QueryRejected.unknown("table", name, schemas)
    return found


def _query(
    select: exp.Select,
    order: Sequence[exp.Ordered],
    most: Any,
    condition: exp.Expr | None,
    schema: CollectionSchema,
    known: Mapping[str, Any],
    question: str | None,
) -> QueryRequest:
    said = Conditions(condition, schema, _long_texts(schema, known))
    filters = said.filter
    if said.words and question is not None:
        filters = _without_guesses(filters, schema, content_words(question))
    words = " ".join(dict.fromkeys(said.words))
    vectors = vectors_of(schema, known)
    search = "none" if not words else "hybrid" if vectors else "keyword"
    number = most if isinstance(most, int) else FOUND_BY_WORDS if words else MOST_OBJECTS
    offset = select.args.get("offset")
    skipped = literal_of(offset.expression) if offset is not None else 0
    request = QueryRequest(
        collection=schema.name,
        search=search,
        text=words or None,
        target_vectors=tuple(vectors) if words and 0 < len(vectors) < len(made_vectors(schema)) else None,
        filters=filters,
        sort=tuple(_sorted_by(each, select, schema) for each in order if not isinstance(each.this, exp.Rand)),
        limit=min(max(number, 1), MOST_OBJECTS),
        offset=skipped if isinstance(skipped, int) else 0,
    )
    checks.query(schema, request)
    return request


def _without_guesses(
    filters: Filter | None, schema: CollectionSchema, asked: frozenset[str]
) -> Filter | None:
    def is_guessed(part: Filter) -> bool:
        return (
            isinstance(part, PropertyFilter)
            and isinstance(part.value, str)
            and schema.property(part.property).type is DataType.TEXT
            and not content_words(part.value) & asked
        )

    parts = filters.filters if isinstance(filters, And) else (filters,) if filters is not None else ()
    kept = tuple(part for part in parts if not is_guessed(part))
    return And(filters=kept) if len(kept) > 1 else kept[0] if kept else None


def _long_texts(schema: CollectionSchema, known: Mapping[str, Any]) -> frozenset[str]:
    lengths = {field["name"]: field.get("mean") or 0 for field in known.get("fields") or ()}
    texts = schema.of_type(DataType.TEXT)
    return frozenset(text.name for text in texts if text.searchable and lengths.get(text.name, 0) > _LABEL)


def _sorted_by(ordered: exp.Ordered, select: exp.Select, schema: CollectionSchema) -> Sort:
    prop = column_of(_item(ordered.this, select), schema)
    if prop is None:
        raise QueryRejected(
            f"Objects cannot be ordered by “{ordered.this.sql()}”.", "Order by columns alone."
        )
    return Sort(property=prop.name, direction="desc" if ordered.args.get("desc") else "asc")


def _item(node: exp.Expr, select: exp.Select) -> exp.Expr:
    """What a place or a name of the selection stands for: ORDER BY 2, GROUP BY month."""
    items = cast("list[exp.Expr]", select.expressions)
    place = literal_of(node)
    if isinstance(place, int) and 0 < place <= len(items):
        return items[place - 1]
    named = (item for item in items if isinstance(item, exp.Alias) and item.alias == node.name)
    return next(named, node)


def _object_of_extreme(
    select: exp.Select, items: Sequence[exp.Expr], functions: Sequence[exp.Expr]
) -> exp.Ordered | None:
    """The order whose first object is meant by SELECT name, MAX(price), as SQLite understands it."""
    if select.args.get("group") or len(functions) != 1 or not isinstance(functions[0], exp.Min | exp.Max):
        return None
    if len(items) == 1 or not isinstance(functions[0].this, exp.Column):
        return None
    return exp.Ordered(this=functions[0].this, desc=isinstance(functions[0], exp.Max))


def _aggregation(
    select: exp.Select,
    items: Sequence[exp.Expr],
    functions: Sequence[exp.Expr],
    condition: exp.Expr | None,
    schema: CollectionSchema,
) -> AggregateRequest:
    group = select.args.get("group")
    columns = [_item(node, select) for node in cast("list[exp.Expr]", group.expressions)] if group else []
    if not group and select.args.get("distinct"):
        columns = list(items)
    counted = [found.this.expressions[0] for found in functions if isinstance(found.this, exp.Distinct)]
    groups = [column_of(column, schema) for column in columns or counted]
    if len(groups) > 1 or None in groups:
        told = ", ".join(column.sql() for column in columns or counted)
        raise QueryRejected(f"Objects cannot be grouped by “{told}”.", "Group by one column, as it is.")
    metrics = (_metric(found, schema) for found in functions if not isinstance(found.this, exp.Distinct))
    request = AggregateRequest(
        collection=schema.name,
        group_by=groups[0].name if groups and groups[0] is not None else None,
        metrics=tuple(dict.fromkeys(metric for metric in metrics if metric is not None)),
        filters=Conditions(condition, schema, ()).filter,
    )
    checks.aggregate(schema, request)
    return request


def _metric(function: exp.Expr, schema: CollectionSchema) -> Metric | None:
    """The metric that a function is; None for the number of objects, which is always counted."""
    over = cast("exp.Expr", function.this)
    if isinstance(function, exp.Count) and isinstance(over, exp.Star | exp.Literal):
        return None
    prop = column_of(over, schema)
    names = _OF_TRUTH if prop is not None and prop.type is DataType.BOOLEAN else _FUNCTIONS
    if prop is None or type(function) not in names:
        raise QueryRejected(
            f"“{function.sql()}” cannot be computed.",
            "Use COUNT, SUM, AVG, MIN, MAX or MEDIAN of a column, with the conditions in WHERE.",
        )
    return Metric(property=prop.name, function=names[type(function)])
