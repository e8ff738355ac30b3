"""Filters as code for weaviate-client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from elysia_desktop.core.date_range import countable
from elysia_desktop.core.python_layout import Node, call, items, literal, statement
from elysia_desktop.core.requests import And, Filter, Not, Or, PropertyFilter, Scalar
from elysia_desktop.core.schema import CollectionSchema, DataType

CREATION_TIME = "_creation_time"
UUID = "uuid"
_RANGES = {"<", ">", "<=", ">=", "LIKE"}
_LARGEST = 2**1023
_SHORT = 80
"""A filter whose line is not longer stands where it is used."""

_METHODS = {
    "=": "equal",
    "!=": "not_equal",
    "<": "less_than",
    ">": "greater_than",
    "<=": "less_or_equal",
    ">=": "greater_or_equal",
    "LIKE": "like",
    "IS_NULL": "is_none",
    "CONTAINS_ANY": "contains_any",
    "CONTAINS_ALL": "contains_all",
}


def filters_code(
    tree: Filter | None, schema: CollectionSchema | None, *, whole: bool = False
) -> tuple[list[str], Node | None]:
    """The lines that make a filter, if they are needed, and the expression to use it by.

    Without a schema, types are read off operators and values. With `whole` the filter finds all objects even
    where it is a lone comparison: Weaviate evaluates some only until a page is full, before it sorts.
    """
    if tree is None:
        return [], None
    node = _filter(tree, schema)
    lines = statement("filters = ", node, 1)
    if whole and _is_lone_range(tree):
        note = "    # A lone comparison is evaluated until the page is full, this one to its end."
        return [*lines, note, "    filters = Filter.all_of([filters, filters])"], "filters"
    return ([], node) if len(lines) == 1 and len(lines[0]) <= _SHORT else (lines, "filters")


def _is_lone_range(tree: Filter) -> bool:
    match tree:
        case And() | Or():
            return len(tree.filters) == 1 and _is_lone_range(tree.filters[0])
        case Not():
            return False
        case PropertyFilter():
            return tree.operator in _RANGES


def _filter(tree: Filter, schema: CollectionSchema | None) -> Node:
    match tree:
        case And():
            return all_of([_filter(part, schema) for part in _flattened(tree)])
        case Or():
            return _joined("Filter.any_of", [_filter(part, schema) for part in tree.filters])
        case Not():
            return call("Filter.not_", _filter(tree.filter, schema))
        case PropertyFilter():
            return _property(tree, type_of(tree.property, schema))


def all_of(parts: Sequence[Node]) -> Node:
    """The expression of a filter that demands all of these."""
    return _joined("Filter.all_of", parts)


def type_of(name: str, schema: CollectionSchema | None) -> DataType | None:
    """The type of a property, where it is known."""
    if name == CREATION_TIME:
        return DataType.DATE
    found = [prop.type for prop in schema.properties if prop.name == name] if schema else []
    return found[0] if found else None


def _flattened(tree: And) -> Iterator[Filter]:
    for part in tree.filters:
        yield from _flattened(part) if isinstance(part, And) else (part,)


def _joined(name: str, parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else call(name, items(parts))


def _property(tree: PropertyFilter, data_type: DataType | None) -> Node:
    kind = _compared_as(tree, data_type)
    if tree.operator == "!=" and (isinstance(tree.value, tuple) or _is_text(tree.value, kind)):
        # Weaviate's own "not equal" holds where one word of several is missing.
        return call("Filter.not_", _property(tree.model_copy(update={"operator": "="}), data_type))
    if not isinstance(tree.value, tuple):
        value: Node = _value(tree.value, kind)
    elif tree.operator == "=":
        return _same_list(tree, tree.value, kind)
    else:
        value = items(_value(each, kind) for each in tree.value)
    return call(f"{_target(tree.property, tree.length)}.{_METHODS[tree.operator]}", value)


def _compared_as(tree: PropertyFilter, data_type: DataType | None) -> DataType | None:
    """The type of what is compared, where it is known."""
    if tree.length:
        return DataType.INT
    if data_type is None and tree.operator in {"<", ">", "<=", ">="} and isinstance(tree.value, str):
        return DataType.DATE  # texts have no such operators
    return data_type.element if data_type is not None else None


def _is_text(value: Scalar | tuple[Scalar, ...], kind: DataType | None) -> bool:
    return isinstance(value, str) and kind is not DataType.DATE


def _same_list(tree: PropertyFilter, values: Sequence[Scalar], kind: DataType | None) -> Node:
    """A list is the same when it has all of the elements and no more."""
    length = call(f"{_target(tree.property, length=True)}.equal", literal(len(values)))
    if not values:
        return length
    elements = items(_value(each, kind) for each in values)
    return all_of([call(f"{_target(tree.property)}.contains_all", elements), length])


def _target(name: str, length: bool = False) -> str:
    if name == CREATION_TIME:
        return "Filter.by_creation_time()"
    return f"Filter.by_property({literal(name)}{', length=True' if length else ''})"


def _value(value: Scalar, kind: DataType | None) -> str:
    match kind, value:
        case DataType.DATE, str():
            return _moment(value) or literal(value)
        case DataType.FLOAT, int() if not isinstance(value, bool):
            return literal(float(value)) if abs(value) < _LARGEST else literal(value)
        case DataType.INT, float() if value.is_integer():
            return literal(int(value))
        case _:
            return literal(value)


def _moment(text: str) -> str | None:
    """The code of the point in time that a text names, UTC where it has no zone; None where it names none."""
    try:
        named = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if named.tzinfo is None:
        named = named.replace(tzinfo=UTC)
    return f"datetime.fromisoformat({literal(countable(named).isoformat())})"
