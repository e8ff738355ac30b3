"""Scales of an axis and where their ticks stand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from elysia_desktop.ui.charts.values import EPOCH, AxisKind, moment_at
from elysia_desktop.ui.tables.formats import number_text

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CLOCK_STEPS = tuple(
    [1, 5, 15, 30]
    + [count * _MINUTE for count in (1, 5, 15, 30)]
    + [count * _HOUR for count in (1, 3, 6, 12)]
    + [count * _DAY for count in (1, 2, 7, 14)]
)
"""Seconds between ticks that a person can read off."""
_MONTH_STEPS = (1, 3, 6)
_DAYS_A_MONTH, _DAYS_A_YEAR = 30.44, 365.25
# The room between the outermost dates and the ends of the axis, as a share of its length.
_MARGIN = 0.02


@dataclass(frozen=True)
class Tick:
    """A mark on an axis and what is written there."""

    at: float
    text: str


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`; `note` is what its ticks leave unsaid: the day of their hours."""

    low: float
    high: float
    ticks: tuple[Tick, ...]
    note: str = ""

    def share(self, value: float) -> float:
        """How far along the axis a value stands, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Axis:
    """What an axis must show: from the lowest to the highest value, under its label.

    Ticks stand at multiples of `unit` where there is one, `grouped` is False for years, `fixed` ends the
    axis at its values instead of at ticks.
    """

    kind: AxisKind
    low: float
    high: float
    label: str = ""
    names: tuple[str, ...] = ()
    unit: float = 0.0
    grouped: bool = True
    fixed: bool = False

    def scale(self, most: int) -> Scale:
        """The scale with about so many ticks at the most; every name has one."""
        match self.kind:
            case AxisKind.NAME:
                return name_scale(self.names)
            case AxisKind.DATE:
                return date_scale(self.low, self.high, most)
            case AxisKind.NUMBER:
                return number_scale(
                    self.low, self.high, most, unit=self.unit, grouped=self.grouped, fixed=self.fixed
                )


def nice_step(least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is not below this positive number."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((times * power for times in (1, 2, 5) if times * power >= least * (1 - 1e-9)), 10 * power)


def number_scale(
    low: float, high: float, most: int, *, unit: float = 0.0, grouped: bool = True, fixed: bool = False
) -> Scale:
    """A scale over these numbers that begins and ends at a tick, unless its ends are fixed."""
    largest = max(abs(low), abs(high))
    if high - low <= largest * 1e-9 or high - low < 1e-290:
        # All values are one: it stands in the middle.
        room = largest * 0.1 if largest > 1e-280 else 1.0
        low, high, fixed = low - room, high + room, False
    least = (high - low) / max(1, most)
    step = unit * nice_step(max(1.0, least / unit)) if unit else nice_step(least)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    decimals = _decimals(step)
    places = [_at(count, step, decimals) for count in range(first, last + 1)]
    if fixed:
        places = [place for place in places if low <= place <= high]
    else:
        low, high = first * step, last * step
    ticks = tuple(Tick(place, _tick_text(place, decimals, grouped=grouped)) for place in places)
    return Scale(low, high, ticks)


def date_scale(low: float, high: float, most: int) -> Scale:
    """A scale over these seconds since 1970, ticks at full minutes, hours, days, months or years."""
    if high - low < 1:
        low, high = low - _DAY / 2, high + _DAY / 2
    margin = (high - low) * _MARGIN
    least = (high - low) / max(1, most)
    step = next((step for step in _CLOCK_STEPS if step >= least), None)
    low, high = low - margin, high + margin
    if step is not None:
        # Counted from a Monday, so that weeks begin where people have them begin.
        monday = 4 * _DAY
        first = math.ceil((low - monday) / step)
        places = [first * step + monday + count * step for count in range(int((high - low) / step) + 2)]
        shown = [at for at in places if low <= at <= high]
        is_one_day = step < _DAY and not any(at % _DAY == 0 for at in shown)
        note = _dated(moment_at(shown[0] if shown else low), "%Y-%m-%d") if is_one_day else ""
        return Scale(low, high, tuple(Tick(at, _clock_text(at, step)) for at in shown), note)
    months = next((count for count in _MONTH_STEPS if count * _DAYS_A_MONTH * _DAY >= least), None)
    if months is None:
        months = 12 * math.ceil(nice_step(max(1.0, least / (_DAYS_A_YEAR * _DAY))))
    begins = ((moment - EPOCH).total_seconds() for moment in _months(low, high, months))
    form = "%Y" if months >= 12 else "%Y-%m"
    ticks = (Tick(at, _dated(moment_at(at), form)) for at in begins if low <= at <= high)
    return Scale(low, high, tuple(ticks))


def name_scale(names: Sequence[str]) -> Scale:
    """A scale on which each name has a slot of one."""
    ticks = tuple(Tick(place, name) for place, name in enumerate(names))
    return Scale(-0.5, max(1, len(names)) - 0.5, ticks)


def _decimals(step: float) -> int:
    """How many decimals tell one tick from the next."""
    least = min(12, max(0, -math.floor(math.log10(step) + 1e-9)))
    return least if abs(round(step, least) - step) <= step * 1e-6 else least + 1


def _at(count: int, step: float, decimals: int) -> float:
    # Counted and rounded, for 3 × 0.1 is not 0.3.
    return round(count * step, decimals) if step > 1e-9 else count * step


def _tick_text(place: float, decimals: int, *, grouped: bool) -> str:
    return number_text(place, decimals if place else 0, grouped=grouped)


def _clock_text(at: float, step: int) -> str:
    moment = moment_at(at)
    if step >= _DAY or at % _DAY == 0:
        return _dated(moment, "%Y-%m-%d")
    return moment.strftime("%H:%M:%S" if step < _MINUTE else "%H:%M")


def _dated(moment: datetime, form: str) -> str:
    # strftime leaves the zeros of the year 0044 out on some systems.
    return moment.strftime(form.replace("%Y", f"{moment.year:04d}"))


def _months(low: float, high: float, step: int) -> Iterator[datetime]:
    begin = moment_at(max(low, (datetime.min - EPOCH).total_seconds()))  # noqa: DTZ901 - has no zone
    end = moment_at(min(high, (datetime.max - EPOCH - timedelta(days=1)).total_seconds()))  # noqa: DTZ901
    count = -(-(begin.year * 12 + begin.month - 1) // step) * step
    while count <= end.year * 12 + end.month - 1:
        year, month = divmod(count, 12)
        if year >= 1:
            yield EPOCH.replace(year=year, month=month + 1)
        count += step
