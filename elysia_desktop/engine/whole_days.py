"""Comparisons with days, months and years, which are more than the moment they begin at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from elysia_desktop.core.requests import And, Filter, Not, PropertyFilter

if TYPE_CHECKING:
    from elysia_desktop.core.schema import Operator


def whole_day(text: str) -> date | None:
    """The day that a text names without a time; None for a moment, and for the last day there is."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if day == date.max else day


def on_days(name: str, operator: Operator, first: date, last: date) -> Filter:
    """The comparison of a date with the days from `first` to `last` as a whole, in UTC."""

    def compared(with_operator: Operator, moment: date) -> PropertyFilter:
        return PropertyFilter(property=name, operator=with_operator, value=moment.isoformat())

    following = last + timedelta(days=1)
    within = And(filters=(compared(">=", first), compared("<", following)))
    match operator:
        case "=":
            return within
        case "!=":
            return Not(filter=within)
        case "<=":
            return compared("<", following)
        case ">":
            return compared(">=", following)
        case _:
            return compared(operator, first)
