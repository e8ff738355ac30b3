"""The record of a run: what was asked, decided and done, and what came of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Rating = Literal[-1, 1, 2]
"""What the person thought of an answer: bad, good, very good."""

RATINGS: tuple[Rating, ...] = (-1, 1, 2)


class _Part(BaseModel):
    # What a newer version adds is passed over.
    model_config = ConfigDict(frozen=True, extra="ignore")


class DecisionMade(_Part):
    """Which of the options was chosen at a branch of the tree, and why."""

    node: str
    option: str
    options: tuple[str, ...] = ()
    reasoning: str = ""


class StepTaken(_Part):
    """A tool or function that was used: its inputs and its outcome in words, and the requests that it made."""

    tool: str
    inputs: str = ""
    result: str = ""
    found: str = ""
    failed: bool = False
    seconds: float = 0.0
    requests: tuple[dict[str, Any], ...] = ()


class ModelCalls(_Part):
    """The calls of one model for one purpose; `cost` is in US dollars, None when unknown."""

    purpose: str
    model: str
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = 0.0


class RunRecord(_Part):
    """One run, with every text cut to a bound and without any key; only the question of a regression case is whole.

    `collections` are those that the person chose, none for all; `asked_at` is ISO 8601, `application` the version
    that ran it.
    """

    query_id: str
    conversation_id: str
    question: str
    asked_at: str = ""
    collections: tuple[str, ...] = ()
    decisions: tuple[DecisionMade, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    errors: tuple[str, ...] = ()
    answer: str = ""
    models: tuple[ModelCalls, ...] = ()
    seconds: float | None = None
    stopped: bool = False
    application: str = ""

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools that were used, in order."""
        return tuple(step.tool for step in self.steps)

    @property
    def collections_used(self) -> frozenset[str]:
        """The collections that were chosen or that a request was made to."""
        asked = (request.get("collection") for step in self.steps for request in step.requests)
        return frozenset({*self.collections, *(name for name in asked if isinstance(name, str))})

    @property
    def tokens(self) -> int:
        """All tokens of all calls, in and out."""
        return sum(calls.input_tokens + calls.output_tokens for calls in self.models)


class RatedRun(_Part):
    """A run and what the person thought of it."""

    record: RunRecord
    rating: Rating
