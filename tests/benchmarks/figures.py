"""What a benchmark measured, beside what it should be and what the peer takes for the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measurement; without a target it is a figure to know, not to meet.

    `peer` is what `elysia-ai` takes for the same in the same run, `processor` and `peer_processor` how much of
    it was the processor's time.
    """

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    peer: float | None = None
    processor: float | None = None
    peer_processor: float | None = None

    @property
    def is_met(self) -> bool:
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    def line(self) -> str:
        target = ""
        if self.at_most is not None:
            target = f"≤ {self.at_most:,g} {self.unit}"
        elif self.at_least is not None:
            target = f"≥ {self.at_least:,g} {self.unit}"
        verdict = "" if not target else "ok" if self.is_met else "MISSED"
        ours, peer, processor = map(self._shown, (self.value, self.peer, self.processor))
        return f"{self.name:<58} {ours:>13} {processor:>13} {peer:>13} {target:>14}  {verdict}".rstrip()

    def _shown(self, value: float | None) -> str:
        if value is None:
            return ""
        number = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        return f"{number} {self.unit}".rstrip()


def table(figures: Sequence[Figure]) -> str:
    head = f"{'figure':<58} {'ours':>13} {'on processor':>13} {'peer':>13} {'target':>14}  verdict"
    return "\n".join([head, *(figure.line() for figure in figures)])


def write_json(figures: Sequence[Figure], path: Path) -> None:
    path.write_text(json.dumps([{**asdict(f), "is_met": f.is_met} for f in figures], indent=1), "utf-8")
