"""Asks a model to fill in a typed signature, checks what comes back, and asks again where it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from elysia_desktop.core.errors import InvalidAnswer
from elysia_desktop.engine.budget import compact
from elysia_desktop.engine.lm import Completion, Model, OnDelta
from elysia_desktop.engine.model_failures import ReplyBrokenOff
from elysia_desktop.engine.reply import Explain, read_reply
from elysia_desktop.engine.signatures import Signature, shape_of

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
    exchanges: tuple[str, ...] = ()
    """The ids of the recorded prompts and replies."""

    def add(self, completion: Completion) -> None:
        """Count one more attempt."""
        self.attempts += 1
        self.input_tokens += completion.input_tokens
        self.output_tokens += completion.output_tokens
        self.seconds += completion.seconds
        self.cost = None if self.cost is None or completion.cost is None else self.cost + completion.cost
        self.exchanges += completion.exchanges


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
    explain: Explain | None = None,
    on_delta: OnDelta | None = None,
    on_retry: Callable[[], None] | None = None,
    attempts: int = 3,
    max_tokens: int | None = None,
    instructions: str | None = None,
    purpose: str = "",
) -> Prediction:
    """Fill in the signature's outputs from its inputs, by the signature's instructions or those given.

    A reply that does not parse, or that `check` objects to, is sent back with the reason (that of `explain`
    first), at most `attempts` times in all; then `InvalidAnswer` says what was wrong. Deltas of an attempt that is
    thrown away have been passed on already: show them as a draft only; `on_retry` says that one begins anew.
    `purpose` says in the record what it was for.
    """
    shape = shape_of(declared)
    system = system_message(declared, instructions)
    spent = Spent(model=model.choice.model)
    feedback = ""
    for attempt in range(attempts):
        if attempt and on_retry is not None:
            on_retry()
        try:
            completion = await model.complete(
                system,
                _user_message(inputs, feedback),
                schema=shape.schema,
                on_delta=on_delta,
                max_tokens=max_tokens,
                purpose=purpose or declared.__name__.lower(),
            )
        except ReplyBrokenOff as broken:
            spent.attempts += 1
            spent.exchanges += broken.exchanges
            if attempt == attempts - 1:
                raise
            continue
        spent.add(completion)
        reply, feedback = read_reply(shape.outputs, completion.text, completion.cut_short, explain)
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


def system_message(declared: Signature, instructions: str | None = None) -> str:
    """The signature's instructions, or those given, and the shape of the reply."""
    told = declared.instructions if instructions is None else instructions
    return f"{told}\n\nReply with one JSON object and nothing else:\n{shape_of(declared).described}"


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
