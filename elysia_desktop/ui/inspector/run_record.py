"""What one run decided and did, gathered from its payloads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elysia_desktop.core.payloads import Payload
from elysia_desktop.ui.inspector.function_calls import FunctionCalls


@dataclass(frozen=True)
class Decision:
    """One choice of the agent; a forced one costs no model call and has zero tokens."""

    index: int
    node: str
    chosen: str
    reasoning: str
    options: tuple[str, ...] = ()
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    attempts: int = 0
    model: str = ""
    call: int | None = None
    """The index of the model call that decided."""

    @property
    def is_forced(self) -> bool:
        """Whether no model was asked."""
        return not self.model and not self.attempts


@dataclass(frozen=True)
class Step:
    """One tool that has run; `decision` is the index of the decision that led to it, None without one.

    `call` is the index of the first model call that was made for it, its decision's included.
    """

    index: int
    node: str
    seconds: float
    found: str
    failed: bool
    decision: int | None
    call: int | None = None


@dataclass(frozen=True)
class ModelCall:
    """One call of a model, for a decision or within a tool; `cost` in USD, None when unknown.

    `exchanges` are the ids of the requests it took, in order.
    """

    purpose: str
    model: str
    seconds: float
    input_tokens: int
    output_tokens: int
    attempts: int
    cost: float | None
    options: tuple[str, ...]
    exchanges: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunError:
    """A failure that the agent was told of."""

    feedback: str
    error_message: str


@dataclass(frozen=True)
class Totals:
    """What a run took; `cost` in USD is None when the price of any call is unknown."""

    input_tokens: int
    output_tokens: int
    cost: float | None
    seconds: float


class RunRecord:
    """The decisions, steps, model calls and errors of one run, in the order they happened."""

    def __init__(self, query_id: str = "") -> None:
        self.query_id = query_id
        self.decisions: list[Decision] = []
        self.steps: list[Step] = []
        self.calls: list[ModelCall] = []
        self.errors: list[RunError] = []
        self.functions = FunctionCalls()
        self.path: list[tuple[str, str]] = []
        self.is_over = False
        self._asked: int | None = None
        self._called: int | None = None
        self._under_way: int | None = None

    @classmethod
    def of(cls, payloads: Iterable[Payload]) -> RunRecord:
        """The record of a run that is over, whether or not it came to its end."""
        record = cls()
        for payload in payloads:
            record.query_id = record.query_id or str(payload.get("query_id") or "")
            record.feed(payload)
        record.end()
        return record

    def feed(self, payload: Payload) -> bool:
        """Take in the next payload; False when it says nothing about the run's course."""
        if self.query_id and payload.get("query_id") not in (None, "", self.query_id):
            return False
        content: Mapping[str, Any] = payload.get("payload") or {}
        self.functions.feed(str(payload.get("type")), content)
        match payload.get("type"):
            case "model_used":
                self._call(content)
            case "tree_update":
                self._decide(content)
            case "step_finished":
                self._finish_step(content)
            case "self_healing_error":
                error = RunError(_text(content.get("feedback")), _text(content.get("error_message")))
                self.errors.append(error)
            case "completed":
                self.end()
            case "tool_called" | "tool_returned":
                pass
            case _:
                return False
        return True

    def end(self) -> None:
        """Nothing more comes: the run was completed, stopped or cut off."""
        self.is_over = True
        self._under_way = None
        self.functions.end()

    @property
    def running(self) -> str | None:
        """The chosen node whose step has not finished yet; None while a choice is made or all is over."""
        return None if self._under_way is None else self.decisions[self._under_way].chosen

    @property
    def further_calls(self) -> list[ModelCall]:
        """The model calls that were not for a decision."""
        return [call for call in self.calls if call.purpose != "decision"]

    @property
    def totals(self) -> Totals:
        """Tokens and cost of every call, seconds of every decision and step."""
        costs = [call.cost for call in self.calls]
        known = [cost for cost in costs if cost is not None]
        return Totals(
            input_tokens=sum(call.input_tokens for call in self.calls),
            output_tokens=sum(call.output_tokens for call in self.calls),
            cost=sum(known) if known and len(known) == len(costs) else None,
            seconds=sum(c.seconds for c in self.calls if c.purpose == "decision")
            + sum(step.seconds for step in self.steps),
        )

    def step_of(self, decision: Decision) -> Step | None:
        """The step that a decision led to, once it has finished."""
        return next((step for step in self.steps if step.decision == decision.index), None)

    def decisions_about(self, node: str) -> list[Decision]:
        """The decisions that chose this node, else those made at it."""
        chose = [decision for decision in self.decisions if decision.chosen == node]
        return chose or [decision for decision in self.decisions if decision.node == node]

    def visits(self) -> dict[str, list[int]]:
        """Per tool the places, from 1, at which it ran or is running."""
        places: dict[str, list[int]] = {}
        for step in self.steps:
            places.setdefault(step.node, []).append(step.index + 1)
        return places

    def _call(self, content: Mapping[str, Any]) -> None:
        cost = content.get("cost")
        call = ModelCall(
            purpose=_text(content.get("purpose")),
            model=_text(content.get("model")),
            seconds=_number(content.get("seconds")),
            input_tokens=int(_number(content.get("input_tokens"))),
            output_tokens=int(_number(content.get("output_tokens"))),
            attempts=int(_number(content.get("attempts"))) or 1,
            cost=None if cost is None else _number(cost),
            options=tuple(_text(option) for option in content.get("options") or ()),
            exchanges=tuple(_text(exchange) for exchange in content.get("exchanges") or ()),
        )
        if call.purpose == "decision":
            self._asked = len(self.calls)
        elif self._called is None:
            self._called = len(self.calls)
        self.calls.append(call)

    def _decide(self, content: Mapping[str, Any]) -> None:
        node, chosen = _text(content.get("node")), _text(content.get("decision"))
        reasoning, index = _text(content.get("reasoning")), len(self.decisions)
        asked, self._asked, self._called = self._asked, None, None
        if asked is None:
            decision = Decision(index, node, chosen, reasoning)
        else:
            call = self.calls[asked]
            decision = Decision(
                index,
                node,
                chosen,
                reasoning,
                options=call.options,
                seconds=call.seconds,
                input_tokens=call.input_tokens,
                output_tokens=call.output_tokens,
                attempts=call.attempts,
                model=call.model,
                call=asked,
            )
        self.decisions.append(decision)
        self.path.append((node, chosen))
        self._under_way = index

    def _finish_step(self, content: Mapping[str, Any]) -> None:
        node, led_here = _text(content.get("node")), self._under_way
        # A tool may also run by itself at the start of a visit: then no decision led to it.
        if led_here is not None and self.decisions[led_here].chosen != node:
            led_here = None
        decided = None if led_here is None else self.decisions[led_here].call
        called, self._called = self._called, None
        step = Step(
            index=len(self.steps),
            node=node,
            seconds=_number(content.get("seconds")),
            found=_text(content.get("found")),
            failed=bool(content.get("failed")),
            decision=led_here,
            call=called if decided is None else decided,
        )
        self.steps.append(step)
        if led_here is not None:
            self._under_way = None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
