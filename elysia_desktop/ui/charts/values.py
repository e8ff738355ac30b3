"""What the values of a payload stand for on an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, cast

from elysia_desktop.ui.tables.columns import decimals_of, is_date, title_of
from elysia_desktop.ui.tables.formats import cell_text, date_text, number_text, parsed_date

# Beyond it, the width of an axis would no longer be a finite number.
LARGEST = 1e300
# The clock of the dates on an axis, which stand as they were written, without their zone.
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - see above
_NAME_CHARACTERS = 200
_YEARS = (1500, 2200)


class AxisKind(StrEnum):
    """What the values along an axis are."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"


@dataclass(frozen=True)
class Places:
    """Where values stand on an axis, None where they cannot; `names` has what stands at 0, 1, 2, …"""

    kind: AxisKind
    at: tuple[float | None, ...]
    names: tuple[str, ...] = ()

    @property
    def known(self) -> list[float]:
        """The places of the values that have one."""
        return [place for place in self.at if place is not None]

    @property
    def left_out(self) -> int:
        """How many values have no place."""
        return sum(place is None for place in self.at)

    @cached_property
    def are_years(self) -> bool:
        """Whether all of them are numbers that read as years, without separators."""
        low, high = _YEARS
        return self.kind is AxisKind.NUMBER and all(
            low <= place <= high and place == int(place) for place in self.known
        )

    def text(self, place: float) -> str:
        """What stands at this place, as a person reads it."""
        match self.kind:
            case AxisKind.NUMBER:
                return value_text(place, grouped=not self.are_years)
            case AxisKind.DATE:
                return date_text(moment_at(place).isoformat())
            case AxisKind.NAME:
                return self.names[int(place)]


def places_of(values: Iterable[Any]) -> Places:
    """Where these values stand: as numbers or dates if at least half of them are, else each as a name."""
    held = list(values)
    present = sum(value is not None for value in held)
    for kind, place_of in ((AxisKind.NUMBER, number_of), (AxisKind.DATE, seconds_of)):
        at = tuple(place_of(value) for value in held)
        found = sum(place is not None for place in at)
        if found and 2 * found >= present:
            return Places(kind, at)
    texts = [name_of(value) if _is_name(value) else None for value in held]
    names = dict.fromkeys(text for text in texts if text is not None)
    order = {name: float(place) for place, name in enumerate(names)}
    return Places(AxisKind.NAME, tuple(None if text is None else order[text] for text in texts), tuple(names))


def number_of(value: Any) -> float | None:
    """The finite number that a value is or spells, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= LARGEST else None


def seconds_of(value: Any) -> float | None:
    """The seconds since 1970 of a date or of text that is one, None for anything else."""
    moment = parsed_date(value) if is_date(value) else None
    return None if moment is None else (moment.replace(tzinfo=None) - EPOCH).total_seconds()


def moment_at(seconds: float) -> datetime:
    """The moment so many seconds after 1970."""
    return EPOCH + timedelta(seconds=seconds)


def name_of(value: Any) -> str:
    """A value as a name on an axis; numbers below 10,000 may be years and get no separators."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value_text(value, grouped=abs(value) >= 10_000)
    return cell_text(value)[:_NAME_CHARACTERS]


def value_text(value: float, *, grouped: bool = True) -> str:
    """A number with as many decimals as are worth reading."""
    return number_text(value, decimals_of(value), grouped=grouped)


def caption(name: Any) -> str:
    """A name as a caption: `created_at` gives “Created at”, text only its first letter in capitals."""
    text = " ".join(name.split()) if isinstance(name, str) else ""
    return title_of(text) if text.isidentifier() and text.isascii() else text[:1].upper() + text[1:]


def items_of(value: Any) -> Sequence[Any]:
    """The value if it is a list, else nothing."""
    return cast("list[Any]", value) if isinstance(value, list) else ()


def fields_of(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else nothing."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _is_name(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int)
