"""Dates as the columns that are compared hold them: UTC microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(found: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (found - _EPOCH) // _MICROSECOND


def from_micros(value: int) -> str:
    """The ISO 8601 text, in UTC, of microseconds since 1970."""
    return (_EPOCH + timedelta(microseconds=value)).isoformat()
