"""Dates: ISO 8601 text with its offset for people, UTC microseconds for comparing."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def moment(value: Any) -> datetime:
    """The point in time that `value` names; without a time or zone it is taken as (midnight) UTC.

    Raises `ValueError` for text that is not ISO 8601, `TypeError` for what is no date at all.
    """
    match value:
        case datetime():
            found = value
        case date():
            found = datetime.combine(value, time())
        case str():
            found = datetime.fromisoformat(value.strip())
        case _:
            raise TypeError
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    if found.year in {MINYEAR, MAXYEAR}:
        try:
            found.astimezone(UTC)
        except OverflowError:
            raise ValueError from None
    return found


def micros(found: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (found - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> str:
    """The ISO 8601 text, in UTC, of microseconds since 1970."""
    return (_EPOCH + timedelta(microseconds=value)).isoformat()
