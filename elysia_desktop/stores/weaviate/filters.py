"""Filters: a checked tree of comparisons as the client library's."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from weaviate.classes.query import Filter

from elysia_desktop.core.date_range import countable
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.comparisons import CREATION_TIME, Comparison, Complement, Every, Some

if TYPE_CHECKING:
    from weaviate.collections.classes.filters import FilterReturn

    from elysia_desktop.stores.comparisons import Checked

_METHODS = {
    "=": "equal",
    "<": "less_than",
    ">": "greater_than",
    "<=": "less_or_equal",
    ">=": "greater_or_equal",
    "LIKE": "like",
    "IS_NULL": "is_none",
    "CONTAINS_ANY": "contains_any",
    "CONTAINS_ALL": "contains_all",
}


def translated(tree: Checked) -> FilterReturn:
    """The filter that Weaviate is sent."""
    match tree:
        case Every():
            return Filter.all_of([translated(part) for part in tree.parts])
        case Some():
            return Filter.any_of([translated(part) for part in tree.parts])
        case Complement(Comparison(operator="=") as part) if part.type is not DataType.TEXT:
            # Weaviate knows this one longer than "not"; of a text it looks whether any word differs.
            return _target(part).not_equal(_within(part.value))
        case Complement():
            return Filter.not_(translated(tree.part))
        case Comparison():
            return _comparison(tree)


def whole(where: FilterReturn | None) -> FilterReturn | None:
    """The filter of a page of objects.

    Weaviate ends the evaluation of a filter that stands alone as soon as it has a page of matches: sorted,
    or from an offset on, those are the wrong ones. Within an "and" it finds all.
    """
    return None if where is None else Filter.all_of([where, where])


def both(where: FilterReturn | None, also: FilterReturn) -> FilterReturn:
    """A filter that is narrowed by another."""
    return also if where is None else Filter.all_of([where, also])


def everything() -> FilterReturn:
    """A filter that lets every object through."""
    one = str(UUID(int=0))
    return Filter.any_of([Filter.by_id().equal(one), Filter.by_id().not_equal(one)])


def any_of_ids(uuids: list[str]) -> FilterReturn:
    """The objects with these ids, of which there is at least one."""
    return Filter.by_id().contains_any(uuids)


def _comparison(tree: Comparison) -> FilterReturn:
    value = [_within(one) for one in tree.value] if isinstance(tree.value, tuple) else _within(tree.value)
    return getattr(_target(tree), _METHODS[tree.operator])(value)


def _within(value: Any) -> Any:
    return countable(value) if isinstance(value, datetime) else value


def _target(tree: Comparison) -> Any:
    if tree.name == CREATION_TIME:
        return Filter.by_creation_time()
    return Filter.by_property(tree.name, length=tree.length)
