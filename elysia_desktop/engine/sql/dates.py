"""Conditions on the year, the month or the day of a date, as the spans of days that they mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from sqlglot import exp

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import DataType
from elysia_desktop.engine.sql.values import OPERATORS, column_of, literal_of, span_of
from elysia_desktop.engine.whole_days import on_days

if TYPE_CHECKING:
    from elysia_desktop.core.requests import Filter
    from elysia_desktop.core.schema import CollectionSchema, Operator, Property

_PARTS: dict[type[exp.Expr], str] = {exp.Year: "year", exp.Month: "month", exp.Day: "day"}
_FORMATS = {"%Y": "year", "%m": "month", "%d": "day", "%Y-%m": "text", "%Y-%m-%d": "text"}
_HINT = "Compare the date itself: at >= '2024-05-01' AND at <= '2024-05-31'."


@dataclass(frozen=True)
class Dated:
    """A comparison of a part of a date: `part` is year, month, day, or text for one written as 2024-05."""

    prop: Property
    part: str
    operator: Operator
    value: str


def dated(node: exp.Expr, schema: CollectionSchema) -> Dated | None:
    """The comparison of a date's part that an expression is; None for any other."""
    operator = OPERATORS.get(type(node))
    if operator is None:
        return None
    found = _part(cast("exp.Expr", node.this))
    prop = column_of(found[1], schema) if found else None
    value = literal_of(node.expression)
    if found is None or prop is None or prop.type is not DataType.DATE or value is None:
        return None
    return Dated(prop, found[0], operator, str(value))


def filter_on_dates(parts: Iterable[Dated]) -> list[Filter]:
    """The filters of comparisons all of which must hold; those of one date's year, month and day belong together."""
    filters: list[Filter] = []
    equal: dict[str, dict[str, Dated]] = {}
    for one in parts:
        if one.part in {"year", "month", "day"} and one.operator == "=":
            equal.setdefault(one.prop.name, {})[one.part] = one
        elif one.part in {"month", "day"}:
            raise QueryRejected(f"The {one.part} of {one.prop.name} alone cannot be compared.", _HINT)
        else:
            filters.append(_on_span(one, _span(one.value, one.prop)))
    for each in equal.values():
        some = next(iter(each.values()))
        if "year" not in each or ("day" in each and "month" not in each):
            raise QueryRejected(f"The {some.part} of {some.prop.name} alone cannot be compared.", _HINT)
        named = "-".join(each[part].value for part in ("year", "month", "day") if part in each)
        filters.append(_on_span(some, _span(named, some.prop)))
    return filters


def _part(node: exp.Expr) -> tuple[str, exp.Expr] | None:
    """Which part of which expression a function takes."""
    match node:
        case exp.Extract():
            name = str(node.this.name).casefold()
            return (name, node.expression) if name in {"year", "month", "day"} else None
        case exp.TimeToStr():
            part = _FORMATS.get(str(node.args["format"].name))
            return (part, node.this) if part else None
        case exp.Cast():
            return _part(node.this)  # CAST(strftime('%Y', at) AS INTEGER)
        case _ if type(node) in _PARTS:
            return _PARTS[type(node)], node.this
        case _:
            return None


def _span(text: str, prop: Property) -> tuple[date, date]:
    span = span_of(text, prop)
    if span is None:
        raise QueryRejected(f"“{text}” is no day, month or year of {prop.name}.", _HINT)
    return span


def _on_span(one: Dated, span: tuple[date, date]) -> Filter:
    return on_days(one.prop.name, one.operator, *span)
