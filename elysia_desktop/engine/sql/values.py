"""Columns and values of a statement, in the types of a collection's properties."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.date_arithmetic import reckoned
from elysia_desktop.stores.fitting import described, moment

if TYPE_CHECKING:
    from elysia_desktop.core.requests import Scalar
    from elysia_desktop.core.schema import CollectionSchema, Operator, Property

OPERATORS: dict[type[exp.Expr], Operator] = {
    exp.EQ: "=", exp.NEQ: "!=", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="
}  # fmt: skip
_WRAPPERS = (
    exp.Paren, exp.Lower, exp.Upper, exp.Trim, exp.Cast, exp.Date, exp.TsOrDsToDate, exp.TsOrDsToTimestamp, exp.Alias
)  # fmt: skip
"""What a comparison means without: words are compared whatever their case, dates as days."""

_FUNCTIONS = frozenset({"date", "datetime"})


def unwrapped(node: exp.Expr) -> exp.Expr:
    """An expression without what does not change what it stands for."""
    while isinstance(node, _WRAPPERS) and isinstance(node.this, exp.Expr):
        node = node.this
    return node


def column_of(node: exp.Expr, schema: CollectionSchema) -> Property | None:
    """The property that an expression names; raises `QueryRejected` for a column that there is not."""
    node = unwrapped(node)
    if not isinstance(node, exp.Column):
        return None
    known = {prop.name.casefold(): prop for prop in schema.properties}
    found = known.get(node.name.casefold())
    if found is None and node.this.args.get("quoted"):
        return None  # "North" for 'North'
    return found or schema.property(node.name)


def literal_of(node: exp.Expr) -> Scalar | None:
    """The value that an expression is, None for one that is none."""
    found = _date_of(node)
    if found is not None:
        return found
    node = unwrapped(node)
    match node:
        case exp.Literal():
            return str(node.this) if node.is_string else _number(str(node.this))
        case exp.Neg():
            value = literal_of(node.this)
            return -value if isinstance(value, int | float) else None
        case exp.Boolean():
            return bool(node.this)
        case exp.Column() if node.this.args.get("quoted"):
            return node.name
        case _:
            return None


def _date_of(node: exp.Expr) -> str | None:
    """What a date function of nothing but texts comes to: date('now', '-1 month'); None for any other expression."""
    if isinstance(node, exp.CurrentDate | exp.CurrentTimestamp):
        return reckoned("now")
    if not (
        isinstance(node, exp.Date) or (isinstance(node, exp.Anonymous) and node.name.casefold() in _FUNCTIONS)
    ):
        return None
    given = [part for part in node.walk() if part is not node]
    if not given or not all(isinstance(part, exp.Literal) for part in given):
        return None
    start, *modifiers = (str(part.this) for part in given)
    return reckoned(start, modifiers)


def value_of(node: exp.Expr, prop: Property, operator: Operator = "=") -> Scalar:
    """The value that is compared with a property, in its type; raises `QueryRejected`."""
    value = literal_of(node)
    if value is None:
        raise QueryRejected(
            f"{node.sql()} is no value that {prop.name} can be compared with.",
            "Compare columns with plain values; write dates as '2024-05-31'.",
        )
    match prop.type.element:
        case DataType.BOOLEAN:
            return str(value).casefold() in {"true", "1", "yes"}
        case DataType.INT | DataType.FLOAT:
            number = _number(str(value)) if isinstance(value, str) else value
            if number is None or isinstance(number, str):
                told = f"{prop.name} holds numbers, {described(value)} is none."
                raise QueryRejected(told, "Compare it with a number.")
            return _whole(float(number), operator) if prop.type.element is DataType.INT else float(number)
        case _:
            return str(value)


def span_of(text: str, prop: Property) -> tuple[date, date] | None:
    """The first and the last day that a text such as 2024, 2024-05 or 2024-05-31 means; None for a moment."""
    parts = text.strip().rstrip("%").rstrip("-").split("-")
    try:
        numbers = [int(part) for part in parts]
        match numbers:
            case [year]:
                return date(year, 1, 1), date(year, 12, 31)
            case [year, month]:
                return date(year, month, 1), date(year, month, monthrange(year, month)[1])
            case [year, month, day]:
                return date(year, month, day), date(year, month, day)
            case _:
                pass
    except ValueError:
        pass
    try:
        moment(text)
    except ValueError:
        told = f"{prop.name} holds dates, “{text}” is none."
        raise QueryRejected(told, "Write dates as '2024-05-31'.") from None
    return None


def _number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _whole(number: float, operator: Operator) -> Any:
    """A number between two whole ones, compared with whole ones: the one that means the same."""
    return (
        ceil(number) if operator in {">=", "<"} else floor(number) if operator in {"<=", ">"} else int(number)
    )
