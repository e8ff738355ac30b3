"""Filters: a tree of comparisons as an SQL condition with parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import And, Filter, Not, Or, PropertyFilter
from elysia_desktop.core.schema import DataType, Operator, operators_of
from elysia_desktop.stores.library.values import (
    Unfit,
    comparable,
    described,
    fitted,
    fitted_list,
    list_text,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from elysia_desktop.stores.library.tables import Column, Table

CREATION_TIME = "_creation_time"

# SQLite's parser gives up beyond 100 nested parentheses and its planner beyond 1,000 joined conditions.
_DEEPEST = 20
_MOST = 500

_COMPARE: dict[Operator, str] = {"=": "=", "!=": "IS NOT", "<": "<", ">": ">", "<=": "<=", ">=": ">="}


@dataclass(frozen=True)
class Condition:
    """What stands after WHERE, and its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


def condition(table: Table, tree: Filter | None) -> Condition:
    """The SQL of a filter; raises `QueryRejected` where it does not fit the schema.

    An object without a value matches no comparison. `!=` and `Not` are plain complements, so objects
    without a value match them: who asks for "not red" means those without a colour, too.
    """
    if tree is None:
        return Condition("1")
    if _leaves(tree, _DEEPEST) > _MOST:
        raise QueryRejected(
            f"The filter has more than {_MOST} conditions.", "Use CONTAINS_ANY with a list, or ask in parts."
        )
    return _tree(table, tree)


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the conditions use."""
    connection.create_function("matches_pattern", 2, _matches_pattern, deterministic=True)


def _leaves(tree: Filter, depth: int) -> int:
    if depth == 0:
        raise QueryRejected(f"The filter is nested more than {_DEEPEST} deep.", "Write it flatter.")
    match tree:
        case And() | Or():
            return sum(_leaves(part, depth - 1) for part in tree.filters)
        case Not():
            return _leaves(tree.filter, depth - 1)
        case PropertyFilter():
            return 1


def _tree(table: Table, tree: Filter) -> Condition:
    match tree:
        case And() | Or():
            parts = [_tree(table, part) for part in tree.filters]
            word = " AND " if isinstance(tree, And) else " OR "
            joined = word.join(part.sql for part in parts)
            return Condition(f"({joined})", tuple(value for part in parts for value in part.parameters))
        case Not():
            part = _tree(table, tree.filter)
            # Not NOT: that would leave out the rows for which the inner condition is NULL.
            return Condition(f"({part.sql} IS NOT TRUE)", part.parameters)
        case PropertyFilter():
            return _property(table, tree)


def _property(table: Table, tree: PropertyFilter) -> Condition:
    if tree.property == CREATION_TIME and not tree.length:
        _check_operator(tree, DataType.DATE, ("=", "<", ">", "<=", ">="))
        return _scalar("created", DataType.DATE, tree)
    column = table.column(tree.property)
    if not operators_of(column.type):
        raise QueryRejected(
            f"“{tree.property}” holds objects, and objects cannot be filtered on.",
            "Filter on another property, or read the objects and choose among them.",
        )
    if tree.length:
        return _length(column, tree)
    _check_operator(tree, column.type, operators_of(column.type))
    if tree.operator == "IS_NULL":
        return _is_null(column, tree)
    if column.type.is_list:
        return _list(column, tree)
    if tree.operator == "LIKE":
        return _like(column, tree)
    return _scalar(f'"{column.compared}"', column.type, tree)


def _check_operator(tree: PropertyFilter, data_type: DataType, allowed: tuple[Operator, ...]) -> None:
    if tree.operator not in allowed:
        raise QueryRejected(
            f"“{tree.property}” is {data_type.value} and cannot be compared with {tree.operator}.",
            f"Use one of: {', '.join(allowed)}.",
        )


def _is_null(column: Column, tree: PropertyFilter) -> Condition:
    if not isinstance(tree.value, bool):
        raise QueryRejected(
            f"IS_NULL takes true or false, not {described(tree.value)}.",
            "Use true for objects without a value, false for those with one.",
        )
    name = f'"{column.compared}"'
    if column.type.is_list:  # as Weaviate does: an empty list is no value
        return Condition(f"(json_array_length({name}) > 0) IS {'NOT ' if tree.value else ''}TRUE")
    return Condition(f"{name} IS {'' if tree.value else 'NOT '}NULL")


def _scalar(name: str, data_type: DataType, tree: PropertyFilter) -> Condition:
    value = comparable(data_type, _one(tree, data_type))
    return Condition(f"{name} {_COMPARE[tree.operator]} ?", (value,))


def _length(column: Column, tree: PropertyFilter) -> Condition:
    allowed = operators_of(column.type, length=True)
    if not allowed:
        raise QueryRejected(
            f"“{tree.property}” is {column.type.value} and has no length.", "Compare the value itself."
        )
    if tree.operator not in allowed:
        raise QueryRejected(
            f"The length of “{tree.property}” cannot be compared with {tree.operator}.",
            f"Use one of: {', '.join(allowed)}.",
        )
    value = _one(tree, DataType.INT)
    # As Weaviate counts: an object without the list has one of length 0.
    name = f'ifnull(json_array_length("{column.compared}"), 0)'
    return Condition(f"{name} {_COMPARE[tree.operator]} ?", (value,))


def _list(column: Column, tree: PropertyFilter) -> Condition:
    name = f'"{column.compared}"'
    if tree.operator in {"=", "!="} and isinstance(tree.value, tuple):
        return Condition(f"{name} {_COMPARE[tree.operator]} ?", (_wanted(column, tree, tree.value),))
    # A single value compared with a list means, as in Weaviate, that it is one of the elements.
    values = tree.value if isinstance(tree.value, tuple) else (tree.value,)
    if not values:
        raise QueryRejected(
            f"{tree.operator} on “{tree.property}” needs at least one value.",
            "To find objects without values use IS_NULL with true.",
        )
    # The wanted values go through JSON, too: both sides then read a number in the same way.
    wanted = (_wanted(column, tree, values),)
    elements, given = f"SELECT value FROM json_each({name})", "SELECT value FROM json_each(?)"
    match tree.operator:
        case "CONTAINS_ALL":
            return Condition(f"NOT EXISTS ({given} WHERE value NOT IN ({elements}))", wanted)
        case "!=":
            return Condition(f"NOT EXISTS ({elements} WHERE value IN ({given}))", wanted)
        case _:
            return Condition(f"EXISTS ({elements} WHERE value IN ({given}))", wanted)


def _wanted(column: Column, tree: PropertyFilter, values: tuple[Any, ...]) -> str:
    kept = _rejected(lambda: fitted_list(tree.property, column.type, values))
    return list_text(column.type.element, kept)


def _one(tree: PropertyFilter, data_type: DataType) -> Any:
    if isinstance(tree.value, tuple):
        raise QueryRejected(
            f"“{tree.property}” is compared with {tree.operator} to one value, not to a list.",
            "Join several comparisons with Or.",
        )
    return _rejected(lambda: fitted(tree.property, data_type, tree.value))


def _rejected(fit: Callable[[], Any]) -> Any:
    try:
        return fit()
    except Unfit as error:
        raise QueryRejected(str(error), "Give a value of that type.") from None


def _like(column: Column, tree: PropertyFilter) -> Condition:
    pattern = cast("str", _one(tree, DataType.TEXT))
    name = f'"{column.name}"'
    likeness = f"{name} LIKE ? ESCAPE '\\'"
    if pattern.isascii():
        return Condition(likeness, (_translated(pattern),))
    # SQLite's LIKE folds the case of ASCII only: it chooses, with the other letters left open, the few
    # texts that are then compared in Python.
    open_pattern = re.sub(r"[^\x00-\x7f]", "?", pattern)
    return Condition(f"({likeness} AND matches_pattern(?, {name}))", (_translated(open_pattern), pattern))


def _translated(pattern: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", pattern)
    return re.sub(r"\*+", "%", escaped).replace("?", "_")


def _matches_pattern(pattern: str, text: str | None) -> bool | None:
    return None if text is None else _expression(pattern).fullmatch(text) is not None


@lru_cache(maxsize=64)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*+|\?)", pattern)
    wild = {"?": ".", "": ""}
    translated = "".join(
        ".*" if part.startswith("*") else wild.get(part) or re.escape(part) for part in parts
    )
    return re.compile(translated, re.IGNORECASE | re.DOTALL)
