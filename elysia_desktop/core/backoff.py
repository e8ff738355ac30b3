"""How long to wait before a request that failed for the moment is sent again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Backoff:
    """At most `tries` requests; waits double from `first` seconds, less up to half of it by chance.

    A server that says how long to wait is obeyed up to `longest` seconds.
    """

    tries: int = 4
    first: float = 0.5
    longest: float = 30.0
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep, repr=False)
    chance: Callable[[], float] = field(default=random.random, repr=False)

    def seconds_before(self, next_try: int, wanted: float | None = None) -> float | None:
        """The wait before the try with this number, from 1; None when there is to be none.

        `wanted` is what the server asked for, in seconds.
        """
        if next_try > self.tries:
            return None
        if wanted is not None:
            return wanted if wanted <= self.longest else None
        whole = min(self.first * 2 ** (next_try - 2), self.longest)
        return whole * (1 - self.chance() / 2)


def in_a_while(seconds: float) -> str:
    """A wait as it is told to a person: `in 40 seconds`, `in 3 minutes`, `in 2 hours`."""
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds > 1.5 * size:
            return f"in {-int(-seconds // size)} {unit}s"
    whole = max(-int(-seconds // 1), 1)
    return f"in {whole} second{'' if whole == 1 else 's'}"
