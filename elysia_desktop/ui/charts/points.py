"""What a chart of points and lines shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from elysia_desktop.ui.charts.values import Places


@dataclass(frozen=True)
class Mark:
    """A point: where it stands, in which series, what is written at it; `source` counts in the series."""

    x: float
    y: float
    series: int
    source: int
    label: str = ""


@dataclass(frozen=True)
class PointSeries:
    """Points that belong together, joined by a line or not."""

    name: str
    is_line: bool
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Points:
    """Marks from left to right; where `is_normalised`, each series was scaled to 0–1 of its own range."""

    series: tuple[PointSeries, ...]
    marks: tuple[Mark, ...]
    x: Places
    y: Places
    is_normalised: bool = False

    @cached_property
    def heights(self) -> list[float]:
        """How high each mark stands on the axis."""
        return [self._height(mark) if self.is_normalised else mark.y for mark in self.marks]

    @cached_property
    def by_series(self) -> tuple[tuple[int, ...], ...]:
        """The places of the marks of each series."""
        found: list[list[int]] = [[] for _ in self.series]
        for place, mark in enumerate(self.marks):
            found[mark.series].append(place)
        return tuple(map(tuple, found))

    def _height(self, mark: Mark) -> float:
        series = self.series[mark.series]
        return (mark.y - series.low) / (series.high - series.low) if series.high > series.low else 0.5
