"""What a benchmark measured, beside what it should be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measurement; a target of None is a figure to know, not to meet."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def is_met(self) -> bool:
        return self.at_most is None or self.value <= self.at_most

    def line(self) -> str:
        target = "" if self.at_most is None else f"≤ {self.at_most:g} {self.unit}"
        verdict = "" if self.at_most is None else "ok" if self.is_met else "MISSED"
        return f"{self.name:<52} {f'{self.value:.4g} {self.unit}':>12} {target:>12}  {verdict}".rstrip()


def table(figures: Sequence[Figure]) -> str:
    head = f"{'figure':<52} {'measured':>12} {'target':>12}  verdict"
    return "\n".join([head, *(figure.line() for figure in figures)])


def write_json(figures: Sequence[Figure], path: Path) -> None:
    path.write_text(json.dumps([{**asdict(f), "is_met": f.is_met} for f in figures], indent=1), "utf-8")
