"""The WHERE of a statement as a request's filter, and the words that it looks for in long texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, cast

from sqlglot import exp

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.requests import And, Filter, Not, Or, PropertyFilter
from elysia_desktop.core.schema import DataType
from elysia_desktop.engine.sql.dates import Dated, dated, filter_on_dates
from elysia_desktop.engine.sql.values import OPERATORS, column_of, literal_of, span_of, unwrapped, value_of
from elysia_desktop.engine.whole_days import on_days

if TYPE_CHECKING:
    from elysia_desktop.core.schema import CollectionSchema, Operator, Property

_FLIPPED: dict[Operator, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PATTERNS = (exp.Like, exp.ILike, exp.Match, exp.Glob)
_HINT = "Use =, !=, <, <=, >, >=, LIKE, IN, BETWEEN and IS NULL on columns, joined by AND, OR and NOT."


class Conditions:
    """What a WHERE says of a collection.

    `filter` is the filter; `words` are those looked for in the properties named in `searched`, by which objects
    are searched rather than filtered. Raises `QueryRejected` for what no filter can say.
    """

    def __init__(self, where: exp.Expr | None, schema: CollectionSchema, searched: Collection[str]) -> None:
        self._schema = schema
        self._searched = searched
        self.words: list[str] = []
        self.filter = self._joined(where) if where is not None else None

    def _joined(self, node: exp.Expr) -> Filter | None:
        """What stands on the level where words can be told apart from conditions."""
        filters: list[Filter] = []
        dates: list[Dated] = []
        for part in _flat(node, exp.And):
            words = self._only_words(part)
            if words:
                self.words += words
            elif (on_date := dated(part, self._schema)) is not None:
                dates.append(on_date)
            else:
                filters.append(self._filter(part))
        filters += filter_on_dates(dates)
        return filters[0] if len(filters) == 1 else And(filters=tuple(filters)) if filters else None

    def _only_words(self, node: exp.Expr) -> list[str]:
        """The words of one condition, or of several any of which may hold, where all are about searched texts."""
        words: list[str] = []
        for part in _flat(node, exp.Or):
            prop = self._column(part) if isinstance(part, (*_PATTERNS, exp.EQ)) else None
            if prop is None or prop.name not in self._searched or part.args.get("negate"):
                return []
            words.append(str(value_of(part.expression, prop)).strip("%*").replace("%", " "))
        return list(dict.fromkeys(words))

    def _filter(self, node: exp.Expr) -> Filter:
        node = _bare(node)
        on_date = dated(node, self._schema)
        if on_date is not None:
            return filter_on_dates([on_date])[0]
        match node:
            case exp.And() | exp.Or():
                kind = And if isinstance(node, exp.And) else Or
                return kind(filters=tuple(map(self._filter, _flat(node, type(node)))))
            case exp.Not():
                return _negated(self._filter(node.this))
            case exp.Between():
                low, high = node.args["low"], node.args["high"]
                both = (self._compared(node.this, ">=", low), self._compared(node.this, "<=", high))
                return And(filters=both)
            case exp.Column():
                return self._compared(node, "=", exp.true())
            case _:
                return self._condition(node)

    def _condition(self, node: exp.Expr) -> Filter:
        """One condition on one column."""
        if isinstance(node, exp.Is):
            return self._missing(node)
        if isinstance(node, exp.In):
            return self._one_of(node)
        if isinstance(node, _PATTERNS):
            found = self._like(node)
            return _negated(found) if node.args.get("negate") else found
        operator = OPERATORS.get(type(node))
        if operator is None:
            raise QueryRejected(f"“{node.sql()}” is no condition that can be searched by.", _HINT)
        if self._column(node) is None:  # 5 < stock
            return self._compared(node.expression, _FLIPPED.get(operator, operator), node.this)
        return self._compared(node.this, operator, node.expression)

    def _column(self, node: exp.Expr) -> Property | None:
        return column_of(cast("exp.Expr", node.this), self._schema)

    def _compared(self, column: exp.Expr, operator: Operator, value: exp.Expr) -> Filter:
        prop = column_of(column, self._schema)
        if prop is None:
            raise QueryRejected(f"“{column.sql()}” is no column.", _HINT)
        found = value_of(value, prop, operator)
        if prop.type.is_list:
            one = PropertyFilter(property=prop.name, operator="CONTAINS_ANY", value=(found,))
            return Not(filter=one) if operator == "!=" else one
        if found == "":
            return PropertyFilter(property=prop.name, operator="IS_NULL", value=operator == "=")
        if prop.type is DataType.DATE and (span := span_of(str(found), prop)) is not None:
            return on_days(prop.name, operator, *span)
        return PropertyFilter(property=prop.name, operator=operator, value=found)

    def _missing(self, node: exp.Expr) -> Filter:
        prop = self._column(node)
        if prop is None:
            raise QueryRejected(f"“{node.sql()}” is no condition that can be searched by.", _HINT)
        if isinstance(node.expression, exp.Null):
            return PropertyFilter(property=prop.name, operator="IS_NULL", value=True)
        return self._compared(node.this, "=", node.expression)

    def _one_of(self, node: exp.Expr) -> Filter:
        if node.args.get("field") is not None:  # 'vegan' IN tags
            return self._compared(node.args["field"], "=", node.this)
        listed = cast("list[exp.Expr]", node.args.get("expressions") or [])
        each = [self._compared(node.this, "=", value) for value in listed]
        if not each:
            raise QueryRejected(f"“{node.sql()}” names no values.", "List them: IN ('a', 'b').")
        return each[0] if len(each) == 1 else Or(filters=tuple(each))

    def _like(self, node: exp.Expr) -> Filter:
        prop, text = self._column(node), literal_of(node.expression)
        if prop is None or not isinstance(text, str):
            raise QueryRejected(f"“{node.sql()}” is no condition that can be searched by.", _HINT)
        if prop.type is DataType.DATE or prop.type.element is not DataType.TEXT:
            return self._compared(node.this, "=", exp.Literal.string(text.strip("%")))
        plain = text.strip("%*")
        if prop.type.is_list:
            return PropertyFilter(property=prop.name, operator="CONTAINS_ANY", value=(plain,))
        if " " in plain.strip() and "%" not in plain and prop.tokenization == "word":
            # a pattern is compared with each word, several words with all of them
            return PropertyFilter(property=prop.name, operator="=", value=plain)
        pattern = text.replace("%", "*").replace("_", "?")
        return PropertyFilter(property=prop.name, operator="LIKE", value=pattern)


def _flat(node: exp.Expr, kind: type[exp.Expr]) -> Sequence[exp.Expr]:
    """The parts of a chain of AND or OR."""
    node = _bare(node)
    if not isinstance(node, kind):
        return [node]
    return [*_flat(node.this, kind), *_flat(node.expression, kind)]


def _bare(node: exp.Expr) -> exp.Expr:
    return unwrapped(node) if isinstance(node, exp.Paren) else node


def _negated(found: Filter) -> Filter:
    if isinstance(found, PropertyFilter) and found.operator == "IS_NULL":
        return found.model_copy(update={"value": not found.value})
    return Not(filter=found)
