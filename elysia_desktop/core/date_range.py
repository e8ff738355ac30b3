"""The dates that Weaviate can count to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime(1677, 9, 22, tzinfo=UTC), datetime(2262, 4, 11, tzinfo=UTC)
"""Weaviate counts nanoseconds in 64 bits: what lies outside it would take for another date."""
_BEYOND = timedelta(hours=12)


def countable(moment: datetime) -> datetime:
    """What to compare with in place of a moment: one just beyond those that objects can have stands for all beyond."""
    if moment < EARLIEST:
        return EARLIEST - _BEYOND
    return LATEST + _BEYOND if moment > LATEST else moment
