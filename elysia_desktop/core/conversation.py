"""A conversation as it is kept and shown: its turns, and what is listed of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from elysia_desktop.core.payloads import Payload

UNTITLED = "New conversation"
_TITLE_LENGTH = 60


@dataclass(frozen=True)
class ConversationSummary:
    """What the list of conversations shows."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    prompts: int = 0
    collections: tuple[str, ...] = ()
    pinned: bool = False


@dataclass
class Turn:
    """One question and every payload that its run sent, in order."""

    query_id: str
    prompt: str
    asked_at: datetime
    payloads: list[Payload] = field(default_factory=list[Payload])
    seconds: float | None = None
    """How long the run took; None while it runs, or when it was cut off."""
    stopped: bool = False
    """Whether the person stopped it."""
    collections: tuple[str, ...] = ()
    """The collections that were chosen to be asked; none means all."""
    rating: int = 0
    """What the person thought of the answer: -1, 1 or 2; 0 when they did not say."""
    kept_as_case: bool = False
    """Whether the question is kept as a regression case."""
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the state manager keeps with the question."""


def title_of(question: str) -> str:
    """A conversation's first title: the start of its first question."""
    words = " ".join(question.split())
    if len(words) <= _TITLE_LENGTH:
        return words.rstrip("?").strip() or UNTITLED
    return words[:_TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + "…"
