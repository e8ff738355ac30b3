"""How long texts and lists are."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese."""


def token_count(text: str) -> int:
    """The number of words; where a script has no spaces, each of its characters counts."""
    if not text.isascii():
        text = _UNSPACED.sub(" x ", text)
    return len(text.split())


@dataclass
class Spread:
    """The least, most and mean of what was measured."""

    count: int = 0
    total: float = 0
    low: float = 0
    high: float = 0

    def add(self, measured: float) -> None:
        """Measure one more."""
        self.low = min(self.low, measured) if self.count else measured
        self.high = max(self.high, measured) if self.count else measured
        self.total += measured
        self.count += 1

    @property
    def range(self) -> list[float] | None:
        """Least and most, None when nothing was measured."""
        return [self.low, self.high] if self.count else None

    @property
    def mean(self) -> float | None:
        """The mean, None when nothing was measured."""
        return self.total / self.count if self.count else None
