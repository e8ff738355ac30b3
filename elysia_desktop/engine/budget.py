"""Keeps prompts within a number of tokens: what matters most is served first."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.core.tokens import CHARACTERS_PER_TOKEN, estimate_tokens

__all__ = [
    "CHARACTERS_PER_TOKEN",
    "LEAST_QUESTION",
    "LOCAL_BUDGET",
    "Part",
    "Render",
    "Sheet",
    "budget_for",
    "clipped",
    "compact",
    "compose",
    "estimate_tokens",
]

LOCAL_BUDGET = 2000
LEAST_QUESTION = 100
"""A question is told up to this length, however small the budget."""
_HEADING = 3
_ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode
"""Made once: `json.dumps` would make an encoder for each value."""

Render = Callable[[int], str]
"""Writes a part within a number of tokens; the fewer there are, the less it tells."""


@dataclass(frozen=True)
class Part:
    """A part of a prompt; `share` is the most of what is left that it may take."""

    name: str
    render: Render
    share: float = 1.0


def budget_for(choice: ModelChoice, budget: int, reply: int) -> int:
    """The tokens one prompt may hold: the setting, less for a local model, never past its context less its reply."""
    here = provider_of(choice.provider).on_this_computer
    most = min(budget, LOCAL_BUDGET) if here else budget
    if choice.context_length is not None:
        most = min(most, max(choice.context_length - reply, choice.context_length // 2))
    return most


class Sheet:
    """Lines of a prompt within a number of tokens."""

    def __init__(self, tokens: int) -> None:
        self._room = int(max(tokens, 0) * CHARACTERS_PER_TOKEN)
        self.lines: list[str] = []

    @property
    def left(self) -> int:
        """The tokens that one more line may take."""
        return max(int((self._room - 1) / CHARACTERS_PER_TOKEN), 0)

    def add(self, line: str, keep: int = 0) -> bool:
        """Put a line down if it fits and `keep` tokens are left after it; whether it was."""
        cost = len(line.encode("utf-8", "replace")) + 1
        if cost + keep * CHARACTERS_PER_TOKEN > self._room + (0 if keep else 1):
            return False
        self.lines.append(line)
        self._room -= cost
        return True

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


def compose(parts: Sequence[Part], budget: int, order: Sequence[str]) -> dict[str, str]:
    """Render the parts in order of importance, spending what is left; return them in `order`, empty ones left out."""
    left = max(budget, 0)
    rendered: dict[str, str] = {}
    for part in parts:
        heading = estimate_tokens(part.name) + _HEADING
        text = part.render(max(int((left - heading) * part.share), 0))
        rendered[part.name] = text
        if text:
            left -= estimate_tokens(text) + heading
    return {name: rendered[name] for name in order if rendered.get(name)}


def clipped(text: str, tokens: int) -> str:
    """The start of a text within a number of tokens; says how much was left out."""
    room = int(max(tokens, 0) * CHARACTERS_PER_TOKEN)
    whole = text.encode("utf-8", "replace")
    if len(whole) <= room:
        return text
    note = len(f"{len(text):,} characters cut") + 6
    kept = whole[: max(room - note, 0)].decode("utf-8", "ignore").rstrip()
    return f"{kept}… [{len(text) - len(kept):,} characters cut]" if kept else ""


def compact(value: Any, most: int = 160) -> str:
    """A value on one line, long ones cut."""
    match value:
        case bool() | None:
            text = _ENCODE(value)
        case int():
            text = str(value)
        case float() if isfinite(value):
            text = repr(value)
        case str():
            text = " ".join(value.split())
        case _:
            text = " ".join(_ENCODE(value).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
