"""Filters: a tree of comparisons as an SQL condition with parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.comparisons import (
    CREATION_TIME,
    Checked,
    Comparison,
    Complement,
    Every,
    Some,
    checked,
)
from elysia_desktop.stores.library import texts
from elysia_desktop.stores.library.texts import Condition
from elysia_desktop.stores.library.values import comparable, list_text

if TYPE_CHECKING:
    from elysia_desktop.core.requests import Filter
    from elysia_desktop.stores.library.tables import Column, Table


def condition(table: Table, tree: Filter | None) -> Condition:
    """The SQL of a filter; raises `QueryRejected` where it does not fit the schema."""
    return translated(table, checked(table.schema, tree))


def translated(table: Table, tree: Checked | None) -> Condition:
    """The SQL of a filter that was checked."""
    match tree:
        case None:
            return Condition("1")
        case Every() | Some():
            parts = [translated(table, part) for part in tree.parts]
            word = " AND " if isinstance(tree, Every) else " OR "
            joined = word.join(part.sql for part in parts)
            parameters = tuple(value for part in parts for value in part.parameters)
            return Condition(f"({joined})", parameters, any(part.is_costly for part in parts))
        case Complement():
            part = translated(table, tree.part)
            # Not NOT: that would leave out the rows for which the inner condition is NULL.
            return Condition(f"({part.sql} IS NOT TRUE)", part.parameters, part.is_costly)
        case Comparison():
            return _comparison(table, tree)


def _comparison(table: Table, compared: Comparison) -> Condition:
    if compared.name == CREATION_TIME:
        return _scalar("created", compared)
    column = table.column(compared.name)
    name = f'"{column.compared}"'
    if compared.operator == "IS_NULL":
        return _is_null(name, column, compared)
    if compared.length:
        # An object without the list has one of length 0.
        length = f"ifnull(json_array_length({name}), 0)"
        return Condition(f"{length} {compared.operator} ?", (compared.value,))
    match column.type:
        case DataType.TEXT:
            return (texts.like if compared.operator == "LIKE" else texts.equal)(name, compared)
        case DataType.TEXTS:
            return texts.contains(name, compared)
        case _:
            return _contains(name, column, compared) if column.type.is_list else _scalar(name, compared)


def _is_null(name: str, column: Column, compared: Comparison) -> Condition:
    # As Weaviate does: an empty list and a text without a letter are no value.
    nothing = "'[]'" if column.type.is_list else "''"
    present = f"{name} <> {nothing}" if column.type.element is DataType.TEXT or column.type.is_list else ""
    if not present:
        return Condition(f"{name} IS {'' if compared.value else 'NOT '}NULL")
    return Condition(f"({present}) IS {'NOT ' if compared.value else ''}TRUE")


def _scalar(name: str, compared: Comparison) -> Condition:
    return Condition(f"{name} {compared.operator} ?", (comparable(compared.type, compared.value),))


def _contains(name: str, column: Column, compared: Comparison) -> Condition:
    # The wanted values go through JSON, too: both sides then read a number in the same way.
    wanted = list_text(column.type.element, list(cast("tuple[Any, ...]", compared.value)))
    elements, given = f"SELECT value FROM json_each({name})", "SELECT value FROM json_each(?)"
    if compared.operator == "CONTAINS_ALL":
        return Condition(f"NOT EXISTS ({given} WHERE value NOT IN ({elements}))", (wanted,))
    return Condition(f"EXISTS ({elements} WHERE value IN ({given}))", (wanted,))
