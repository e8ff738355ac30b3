"""Asks a model to fill in a typed signature, checks what comes back, and asks again where it does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from elysia_desktop.core.errors import InvalidAnswer
from elysia_desktop.engine.budget import compact
from elysia_desktop.engine.lm import Model, OnDelta
from elysia_desktop.engine.reply_schema import described, reply_schema
from elysia_desktop.engine.signatures import Signature, outputs_of

_FEEDBACK_LENGTH = 700

Check = Callable[[BaseModel], str | None]
"""Says what is wrong with a well-formed reply, or None."""


@dataclass
class Spent:
    """What a prediction took, over all attempts."""

    model: str = ""
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = 0.0


@dataclass(frozen=True)
class Prediction:
    """The reply as an instance of the signature's outputs, and what it took."""

    reply: Any
    spent: Spent = field(default_factory=Spent)


async def predict(
    model: Model,
    declared: Signature,
    inputs: Mapping[str, str],
    *,
    check: Check | None = None,
    on_delta: OnDelta | None = None,
    on_retry: Callable[[], None] | None = None,
    attempts: int = 3,
    max_tokens: int | None = None,
) -> Prediction:
    """Fill in the signature's outputs from its inputs.

    A reply that does not parse, or that `check` objects to, is sent back with the reason, at most
    `attempts` times in all; then `InvalidAnswer` says what was wrong. Deltas of an attempt that is
    thrown away have been passed on already: show them as a draft only; `on_retry` says that one begins anew.
    """
    outputs = outputs_of(declared)
    system = system_message(declared)
    schema = reply_schema(outputs)
    spent = Spent(model=model.choice.model)
    feedback = ""
    for attempt in range(attempts):
        if attempt and on_retry is not None:
            on_retry()
        user = _user_message(inputs, feedback)
        completion = await model.complete(
            system, user, schema=schema, on_delta=on_delta, max_tokens=max_tokens
        )
        spent.attempts += 1
        spent.input_tokens += completion.input_tokens
        spent.output_tokens += completion.output_tokens
        spent.seconds += completion.seconds
        spent.cost = None if spent.cost is None or completion.cost is None else spent.cost + completion.cost
        reply, feedback = _read(outputs, completion.text, completion.cut_short)
        if reply is not None:
            objection = check(reply) if check else None
            if objection is None:
                return Prediction(reply, spent)
            feedback = objection
    error = InvalidAnswer(
        f"The model “{model.choice.model}” gave no usable answer in {attempts} tries: {feedback}",
        "Ask again, or choose a larger model in Settings → Models.",
    )
    raise PredictionFailed(error, spent)


def system_message(declared: Signature) -> str:
    """The instructions and the shape of the reply."""
    shape = described(outputs_of(declared))
    return f"{declared.instructions}\n\nReply with one JSON object and nothing else:\n{shape}"


class PredictionFailed(InvalidAnswer):
    """No usable reply after every attempt; `spent` says what the tries took."""

    def __init__(self, error: InvalidAnswer, spent: Spent) -> None:
        super().__init__(str(error), error.hint)
        self.spent = spent


def _user_message(inputs: Mapping[str, str], feedback: str) -> str:
    parts = [f"# {name.replace('_', ' ').capitalize()}\n{value}" for name, value in inputs.items() if value]
    if feedback:
        told = compact(feedback, _FEEDBACK_LENGTH)
        parts.append(f"# Your last reply could not be used\n{told}\nReply again, correctly.")
    return "\n\n".join(parts) or "Go on."


def _read(outputs: type[BaseModel], text: str, cut_short: bool) -> tuple[BaseModel | None, str]:
    """The reply, or why it cannot be read."""
    data = _json_in(text)
    if not isinstance(data, dict):
        return None, "It was cut off: write less." if cut_short else "It was not a JSON object."
    try:
        return outputs.model_validate(data), ""
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)[:4]
        listed = "; ".join(f"{_place(p['loc'])}: {p['msg']} (got {_short(p['input'])})" for p in problems)
        return None, listed + (" It was also cut off: write less." if cut_short else "")


def _json_in(text: str) -> Any:
    """The JSON object in a reply, also where a small model wrapped it in prose or broke off."""
    try:
        return json.loads(text)
    except ValueError:
        import json_repair

        answer = text.rpartition("</think>")[2]
        start = answer.find("{")
        try:
            return json_repair.loads(answer[start:]) if start >= 0 else None
        except RecursionError:
            return None
    except RecursionError:
        return None


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the reply"


def _short(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 80 else shown[:77] + "…"
