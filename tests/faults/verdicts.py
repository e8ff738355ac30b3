"""A fault that is made to happen, what must hold then, and what was seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


class Cannot(Exception):
    """The fault cannot be made to happen on this computer; says why."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, what must hold, and the program that makes it happen.

    `happen` gets an empty folder, says what it saw, and raises `AssertionError` when it does not hold. It is ended
    after `seconds`: then something hung.
    """

    name: str
    what: str
    must_hold: str
    happen: Callable[[Path], Awaitable[str]]
    seconds: float = 90


@dataclass(frozen=True)
class Verdict:
    """What came of one fault; `held` is None when it could not be made to happen."""

    name: str
    what: str
    must_hold: str
    held: bool | None
    seen: str
    seconds: float

    def lines(self) -> str:
        mark = {True: "ok", False: "MISSED", None: "not tried"}[self.held]
        seen = f"{self.seen} ({self.seconds:.1f} s)"
        return f"{mark:<10} {self.what}\n{'':<10} must hold: {self.must_hold}\n{'':<10} seen: {seen}"


def table(verdicts: Sequence[Verdict]) -> str:
    held = sum(verdict.held is True for verdict in verdicts)
    tried = sum(verdict.held is not None for verdict in verdicts)
    return "\n".join([*(verdict.lines() for verdict in verdicts), "", f"{held} of {tried} held"])


def as_json(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    return [asdict(verdict) for verdict in verdicts]
