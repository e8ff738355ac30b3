"""Comparisons: a request's filter with values of the right types, for every store to translate.

* No `Comparison` has the operator `!=`: that is the `Complement` of `=`. `Complement` is a plain one,
  objects without a value belong to it.
* A list compared with one value by `=` comes as `CONTAINS_ANY`, with a list as its length and `CONTAINS_ALL`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import And, Not, Or, PropertyFilter
from elysia_desktop.core.schema import DataType, Tokenization, operators_of
from elysia_desktop.stores.fitting import Unfit, described, fitted, fitted_list
from elysia_desktop.stores.terms import pattern_terms, terms

if TYPE_CHECKING:
    from elysia_desktop.core.requests import Filter
    from elysia_desktop.core.schema import CollectionSchema, Operator, Property

CREATION_TIME = "_creation_time"
"""What filters and sorts call the time at which an object was first stored."""

# SQLite's parser gives up beyond 100 nested parentheses and its planner beyond 1,000 joined conditions.
_DEEPEST = 20
_MOST = 500

_CREATION_OPERATORS: tuple[Operator, ...] = ("=", "<", ">", "<=", ">=")

Fitted = str | int | float | bool | datetime
"""A value in the form of its type: a whole number for int, a float for float, an aware datetime for date."""


@dataclass(frozen=True)
class Comparison:
    """One comparison of a property, of a list's length, or of the creation time.

    `type` is the property's, `date` for `CREATION_TIME`. `value` is a tuple for `CONTAINS_ANY` and
    `CONTAINS_ALL`, true or false for `IS_NULL`, a whole number with `length`, else one element.
    """

    name: str
    type: DataType
    operator: Operator
    value: Fitted | tuple[Fitted, ...]
    length: bool = False
    tokenization: Tokenization = "word"


@dataclass(frozen=True)
class Every:
    """All of the parts hold."""

    parts: tuple[Checked, ...]


@dataclass(frozen=True)
class Some:
    """At least one of the parts holds."""

    parts: tuple[Checked, ...]


@dataclass(frozen=True)
class Complement:
    """The part does not hold."""

    part: Checked


Checked = Comparison | Every | Some | Complement


def checked(schema: CollectionSchema, filters: Filter | None) -> Checked | None:
    """A filter that fits the collection, None for none; raises `QueryRejected`."""
    if filters is None:
        return None
    if _leaves(filters, _DEEPEST) > _MOST:
        raise QueryRejected(
            f"The filter has more than {_MOST} conditions.", "Use CONTAINS_ANY with a list, or ask in parts."
        )
    return _tree(schema, filters)


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


def _tree(schema: CollectionSchema, tree: Filter) -> Checked:
    match tree:
        case And():
            return Every(tuple(_tree(schema, part) for part in tree.filters))
        case Or():
            return Some(tuple(_tree(schema, part) for part in tree.filters))
        case Not():
            return Complement(_tree(schema, tree.filter))
        case PropertyFilter():
            return _comparison(schema, tree)


def _comparison(schema: CollectionSchema, tree: PropertyFilter) -> Checked:
    if tree.property == CREATION_TIME:
        return _creation_time(schema, tree)
    prop = schema.property(tree.property)
    if not operators_of(prop.type):
        raise QueryRejected(
            f"“{tree.property}” holds objects, and objects cannot be filtered on.",
            "Filter on another property, or read the objects and choose among them.",
        )
    _check_operator(tree, prop.type)
    _check_indexed(schema, prop)
    if tree.operator == "!=":
        return Complement(_fitted(schema, prop, tree.model_copy(update={"operator": "="})))
    return _fitted(schema, prop, tree)


def _creation_time(schema: CollectionSchema, tree: PropertyFilter) -> Comparison:
    if tree.length:
        raise _no_length(tree.property, DataType.DATE)
    if tree.operator not in _CREATION_OPERATORS:
        raise _wrong_operator(f"“{tree.property}” is date and", tree.operator, _CREATION_OPERATORS)
    if not schema.indexed.is_timestamp:
        raise _not_indexed(f"“{schema.name}” does not keep the time of creation", "by a date of its own")
    value = _one(tree, DataType.DATE)
    return Comparison(CREATION_TIME, DataType.DATE, tree.operator, value)


def _check_operator(tree: PropertyFilter, data_type: DataType) -> None:
    allowed = operators_of(data_type, length=tree.length)
    if tree.length and not allowed:
        raise _no_length(tree.property, data_type)
    if tree.operator not in allowed:
        what = (
            f"The length of “{tree.property}”"
            if tree.length
            else f"“{tree.property}” is {data_type.value} and"
        )
        raise _wrong_operator(what, tree.operator, allowed)


def _no_length(name: str, data_type: DataType) -> QueryRejected:
    return QueryRejected(f"“{name}” is {data_type.value} and has no length.", "Compare the value itself.")


def _wrong_operator(what: str, operator: Operator, allowed: tuple[Operator, ...]) -> QueryRejected:
    return QueryRejected(f"{what} cannot be compared with {operator}.", f"Use one of: {', '.join(allowed)}.")


def _check_indexed(schema: CollectionSchema, prop: Property) -> None:
    # Weaviate filters text by its index for searches, too.
    if prop.filterable or (prop.searchable and prop.type.element is DataType.TEXT):
        return
    others = [p.name for p in schema.properties if p.filterable and operators_of(p.type)]
    raise QueryRejected(
        f"“{prop.name}” was not indexed for filters when “{schema.name}” was made.",
        f"Filter by one of: {', '.join(others)}." if others else "Read the objects and choose among them.",
    )


def _not_indexed(what: str, instead: str) -> QueryRejected:
    return QueryRejected(f"{what}, so objects cannot be filtered by it.", f"Filter {instead}.")


def _fitted(schema: CollectionSchema, prop: Property, tree: PropertyFilter) -> Checked:
    """A comparison by any operator but `!=`."""
    if tree.length:
        return _length(schema, prop, tree.operator, _one(tree, DataType.INT))
    if tree.operator == "IS_NULL":
        return _is_null(schema, prop, tree)
    if prop.type.is_list:
        return _list(schema, prop, tree)
    value = _one(tree, prop.type)
    if prop.type is DataType.TEXT:
        _check_terms(prop, tree, value)
    return Comparison(prop.name, prop.type, tree.operator, value, tokenization=prop.tokenization)


def _length(schema: CollectionSchema, prop: Property, operator: Operator, length: int) -> Comparison:
    if length < 0:
        raise QueryRejected(
            f"The length of “{prop.name}” is never less than 0.", "Compare it with 0 or a larger number."
        )
    if not schema.indexed.is_length:
        raise _not_indexed(f"“{schema.name}” does not keep the lengths of lists", "by the values")
    return Comparison(prop.name, prop.type, operator, length, length=True)


def _is_null(schema: CollectionSchema, prop: Property, tree: PropertyFilter) -> Comparison:
    if not isinstance(tree.value, bool):
        raise QueryRejected(
            f"IS_NULL takes true or false, not {described(tree.value)}.",
            "Use true for objects without a value, false for those with one.",
        )
    if not schema.indexed.is_null:
        raise _not_indexed(f"“{schema.name}” does not keep which values are missing", "by the values")
    return Comparison(prop.name, prop.type, "IS_NULL", tree.value)


def _list(schema: CollectionSchema, prop: Property, tree: PropertyFilter) -> Checked:
    operator = tree.operator
    if operator == "=" and not isinstance(tree.value, tuple):
        # A single value compared with a list means, as in Weaviate, that it is one of the elements.
        operator = "CONTAINS_ANY"
    values = tree.value if isinstance(tree.value, tuple) else (tree.value,)
    try:
        wanted = tuple(cast("list[Fitted]", fitted_list(tree.property, prop.type, values)))
    except Unfit as error:
        raise _misfit(error) from None
    if prop.type is DataType.TEXTS:
        for value in wanted:
            _check_terms(prop, tree, cast("str", value))
    if operator == "=":
        length = _length(schema, prop, "=", len(wanted))
        return Every((length, _contains(prop, "CONTAINS_ALL", wanted))) if wanted else length
    if not wanted:
        raise QueryRejected(
            f"{tree.operator} on “{tree.property}” needs at least one value.",
            "To find objects without values use IS_NULL with true.",
        )
    return _contains(prop, operator, wanted)


def _contains(prop: Property, operator: Operator, values: tuple[Fitted, ...]) -> Comparison:
    return Comparison(prop.name, prop.type, operator, values, tokenization=prop.tokenization)


def _check_terms(prop: Property, tree: PropertyFilter, value: str) -> None:
    if prop.tokenization == "trigram" and tree.operator == "LIKE" and not value.isascii():
        # Weaviate cuts such patterns within letters and then refuses what it made of them.
        raise QueryRejected(
            f"“{prop.name}” is compared by trigrams; a pattern for it may hold the letters A to Z only.",
            "Use = with the word itself.",
        )
    cut = pattern_terms if tree.operator == "LIKE" else terms
    if not cut(value, prop.tokenization):
        raise QueryRejected(
            f"“{prop.name}” is compared word by word, and there is no word in {described(value)}.",
            "Give more letters or numbers, or use IS_NULL to find objects without a text.",
        )


def _one(tree: PropertyFilter, data_type: DataType) -> Any:
    if isinstance(tree.value, tuple):
        raise QueryRejected(
            f"“{tree.property}” is compared with {tree.operator} to one value, not to a list.",
            "Join several comparisons with Or.",
        )
    try:
        return fitted(tree.property, data_type, tree.value)
    except Unfit as error:
        raise _misfit(error) from None


def _misfit(error: Unfit) -> QueryRejected:
    return QueryRejected(str(error), "Give a value of that type.")
