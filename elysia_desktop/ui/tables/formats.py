"""Values as a person reads them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, cast

from PySide6.QtCore import QCoreApplication, QLocale

from elysia_desktop.ui.tables.columns import Column, decimals_of, is_date

# Longer text is not laid out in a cell: eliding it would cost more than painting the rest of the table.
CELL_CHARACTERS = 400
_GREATEST_INT64 = 2**63 - 1
_TOO_LONG_IN_DIGITS = 1e15


def cell_text(value: Any, column: Column | None = None, locale: QLocale | None = None) -> str:
    """A value in one line, as it stands in a cell of this column."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if column is None:
            return number_text(value, locale=locale)
        return number_text(value, column.decimals, locale, grouped=column.grouped)
    if isinstance(value, str):
        if is_date(value):
            return date_text(value)
        return " ".join(value[:CELL_CHARACTERS].split())
    return full_text(value, locale)[:CELL_CHARACTERS]


def full_text(value: Any, locale: QLocale | None = None) -> str:
    """A value with nothing left out, lines kept."""
    match value:
        case None:
            return "null"
        case bool():
            return _yes() if value else _no()
        case int() | float():
            return repr(value) if decimals_of(value) else number_text(value, locale=locale)
        case str():
            return value
        case list() | tuple() | set():
            return ", ".join(_item(item, locale) for item in cast("Iterable[Any]", value))
        case dict():
            return compact(value)
        case date():
            return date_text(value.isoformat())
        case _:
            return str(value)


def number_text(
    number: float, decimals: int = 0, locale: QLocale | None = None, *, grouped: bool = True
) -> str:
    """A number with the locale's separators; more decimals than asked for rather than show it as 0."""
    spoken = locale or QLocale()
    if spoken.language() is QLocale.Language.C:  # it has no separators, but people do
        spoken = QLocale(QLocale.Language.English)
    if isinstance(number, float) and not math.isfinite(number):
        return "∞" if number > 0 else "−∞" if number < 0 else "NaN"
    if isinstance(number, int) and not decimals:
        if not grouped or abs(number) > _GREATEST_INT64:
            return str(number)
        return spoken.toString(number)
    if abs(number) >= _TOO_LONG_IN_DIGITS or 0 < abs(number) < 1e-6:
        return spoken.toString(float(number), "g", 4)
    if not decimals or (number and round(number, decimals) == 0):
        decimals = max(decimals, decimals_of(number))
    if not grouped:
        return f"{number:.{decimals}f}"
    return spoken.toString(float(number), "f", decimals)


def date_text(value: str) -> str:
    """An ISO date as `2010-07-16`, with hours and minutes unless it is midnight."""
    day, time = value[:10], value[11:16]
    return f"{day} {time}" if time and time != "00:00" else day


def parsed_date(value: Any) -> datetime | None:
    """The moment that an ISO text or a date stands for, its zone as it stands; None for others."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date has no zone
    return None


def compact(value: Any) -> str:
    """A nested value as JSON in one line."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _item(item: Any, locale: QLocale | None) -> str:
    if isinstance(item, list | dict | tuple):
        return compact(item)
    return date_text(item) if is_date(item) and isinstance(item, str) else full_text(item, locale)


def _yes() -> str:
    return QCoreApplication.translate("formats", "yes")


def _no() -> str:
    return QCoreApplication.translate("formats", "no")
