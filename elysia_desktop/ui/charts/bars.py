"""What a bar chart or a histogram shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from elysia_desktop.ui.charts.scale import nice_step
from elysia_desktop.ui.charts.values import value_text

MOST_BINS = 40
_FEWEST_BINS = 5


@dataclass(frozen=True)
class BarSeries:
    """One bar per slot, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Bars:
    """Slots with a bar per series; a histogram has the `edges` of its bins, one more than slots."""

    names: tuple[str, ...]
    series: tuple[BarSeries, ...]
    edges: tuple[float, ...] = ()

    @property
    def marks(self) -> list[tuple[int, int]]:
        """Slot and series of every bar, slot by slot."""
        return [
            (slot, place)
            for slot in range(len(self.names))
            for place, series in enumerate(self.series)
            if series.values[slot] is not None
        ]

    @property
    def values(self) -> list[float]:
        """The lengths of all bars."""
        return [value for series in self.series for value in series.values if value is not None]

    def value(self, slot: int, place: int) -> float:
        """The length of a bar, 0 where there is none."""
        return self.series[place].values[slot] or 0.0


def binned(distributions: Mapping[str, Sequence[float]]) -> Bars:
    """How many values of each distribution fall between edges at round numbers.

    The number of bins follows Rice's rule, 2 ∛n. A value on an edge counts above it, on the last below.
    """
    values = [value for distribution in distributions.values() for value in distribution]
    if not values:
        return Bars((), ())
    edges = _edges(values)
    counted = (BarSeries(name, _counts(numbers, edges)) for name, numbers in distributions.items())
    names = tuple(f"{value_text(low)} – {value_text(high)}" for low, high in pairwise(edges))
    return Bars(names, tuple(counted), edges)


def _edges(values: Sequence[float]) -> tuple[float, ...]:
    low, high = min(values), max(values)
    room = max(abs(low), abs(high)) * 1e-9
    if high - low <= max(room, 1e-290):
        half = 0.5 if room < 1e-3 else room
        return (low - half, low + half)
    target = min(MOST_BINS, max(_FEWEST_BINS, round(2 * len(values) ** (1 / 3))))
    step = nice_step((high - low) / target)
    if all(value == round(value) for value in values):
        step = max(1.0, step)
    decimals = min(300, max(0, -math.floor(math.log10(step) + 1e-9)))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(count * step, decimals) for count in range(first, max(last, first + 1) + 1))


def _counts(values: Sequence[float], edges: Sequence[float]) -> tuple[float, ...]:
    width = (edges[-1] - edges[0]) / (len(edges) - 1)
    counts = [0.0] * (len(edges) - 1)
    for value in values:
        bin_ = min(len(counts) - 1, max(0, int((value - edges[0]) / width)))
        # The division may miss the edge that the value stands on by one bin.
        if bin_ + 1 < len(counts) and value >= edges[bin_ + 1]:
            bin_ += 1
        elif bin_ and value < edges[bin_]:
            bin_ -= 1
        counts[bin_] += 1
    return tuple(counts)
