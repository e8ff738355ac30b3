"""One request to a model: what is sent, what comes back, and how long it took."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from elysia_desktop.core.chat import FunctionSpec, RequestedCall, ToolChoice
from elysia_desktop.engine.budget import estimate_tokens
from elysia_desktop.engine.conversing import Conversation, Turn, functions_in_words, transcript, written
from elysia_desktop.engine.function_calls import FunctionsInWords, Reading, turns_in_words
from elysia_desktop.engine.function_schema import plain_schema
from elysia_desktop.engine.model_parameters import ModelParameters
from elysia_desktop.engine.model_stream import DeltaStream, OnDelta
from elysia_desktop.engine.reply_schema import described_schema

_CORRECT = "Your last reply could not be used: {} Reply again, correctly."
_ANSWER_AS = "When you answer, write one JSON object and nothing else:\n"
_MOST_CORRECTIONS = 2


@dataclass(frozen=True)
class Completion:
    """What a model wrote, and what it took; `cost` is in US dollars, None when the price is unknown.

    `calls` are the functions it asks to be called. `exchanges` are the ids of everything that was recorded on the
    way; `estimated` says that the server did not tell its tokens.
    """

    text: str
    input_tokens: int
    output_tokens: int
    seconds: float
    cost: float | None = None
    cut_short: bool = False
    exchanges: tuple[str, ...] = ()
    estimated: bool = False
    calls: tuple[RequestedCall, ...] = ()

    @property
    def in_words(self) -> str:
        """The text and the calls as a person reads them."""
        return "\n".join(filter(None, [self.text, *map(written, self.calls)]))

    def after(self, earlier: Completion) -> Completion:
        """This reply with what an earlier one, which could not be used, took as well."""
        unknown = self.cost is None or earlier.cost is None
        return replace(
            self,
            input_tokens=self.input_tokens + earlier.input_tokens,
            output_tokens=self.output_tokens + earlier.output_tokens,
            seconds=self.seconds + earlier.seconds,
            cost=None if unknown else (self.cost or 0) + (earlier.cost or 0),
            estimated=self.estimated or earlier.estimated,
        )


@dataclass(frozen=True)
class Asked:
    """What is wanted of a model, however its server has to be asked for it."""

    conversation: Conversation
    tools: tuple[FunctionSpec, ...] = ()
    choice: ToolChoice = "auto"
    schema: dict[str, Any] | None = None
    on_delta: OnDelta | None = None
    longest: int = 0
    purpose: str = ""
    corrections: int = 0

    def corrected(self, reply: str, objection: str) -> Asked:
        """The same, with a reply that could not be used and what was wrong with it."""
        turns = (
            *self.conversation.turns,
            Turn("assistant", reply),
            Turn("user", _CORRECT.format(objection)),
        )
        return replace(
            self, conversation=replace(self.conversation, turns=turns), corrections=self.corrections + 1
        )


@dataclass
class Attempt:
    """One request: what is sent, and how long it took."""

    conversation: Conversation
    schema: dict[str, Any] | None
    purpose: str
    longest: int
    tools: tuple[FunctionSpec, ...] = ()
    choice: ToolChoice = "auto"
    words: FunctionsInWords | None = None
    """The functions, where they are told in words."""
    stream: DeltaStream | None = None
    only_thought: bool = False
    seconds: float = 0.0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _started: float = 0.0

    @property
    def system(self) -> str:
        """The instructions and the functions, as a person reads them."""
        system = self.conversation.system
        if not self.tools:
            return system
        return f"{system}\n\n# Functions\n{functions_in_words(self.tools)}".strip()

    @property
    def user(self) -> str:
        """What was said, as a person reads it."""
        return transcript(self.conversation.turns)

    @property
    def began(self) -> bool:
        """Whether part of the reply has been passed on."""
        return self.stream is not None and self.stream.began

    def begin(self) -> None:
        """Start the clock."""
        self._started = time.monotonic()

    def end(self) -> None:
        """Stop the clock."""
        self.seconds = time.monotonic() - self._started

    def estimated(
        self, text: str, cut_short: bool = False, calls: Sequence[RequestedCall] = ()
    ) -> Completion:
        """A reply whose tokens the server did not tell."""
        completion = Completion(text, 0, 0, self.seconds, cut_short=cut_short, calls=tuple(calls))
        asked = estimate_tokens(self.system) + estimate_tokens(self.user)
        made = estimate_tokens(completion.in_words)
        return replace(completion, input_tokens=asked, output_tokens=made, estimated=True)

    def read(self, completion: Completion) -> Reading:
        """What the reply says; JSON in which a function is chosen stands for a call."""
        if self.words is None or completion.calls:
            return Reading(completion.text, completion.calls)
        return self.words.read(completion.text, completion.cut_short)

    def may_correct(self, reading: Reading, asked: Asked) -> bool:
        """Whether the model is to be told what was wrong; what has been passed on cannot be taken back."""
        return bool(reading.objection) and not self.began and asked.corrections < _MOST_CORRECTIONS


def attempt_for(asked: Asked, parameters: ModelParameters) -> Attempt:
    """The request as this model's server takes it, as far as that is known."""
    attempt = Attempt(asked.conversation, asked.schema, asked.purpose, asked.longest)
    if asked.tools and parameters.calls_functions(asked.choice):
        attempt.tools, attempt.choice = asked.tools, asked.choice
        if asked.schema and not parameters.constrains_beside_functions:
            shape = described_schema(plain_schema(asked.schema))
            attempt.conversation = asked.conversation.told(f"{_ANSWER_AS}{shape}")
            attempt.schema = None
    elif asked.tools or (asked.conversation.has_calls and not parameters.calls_functions("auto")):
        _tell_in_words(attempt, asked)
    if not parameters.constrains_output:
        attempt.schema = None
    if asked.on_delta is not None:
        picker = attempt.words.picker if attempt.words else None
        attempt.stream = DeltaStream(asked.on_delta, parameters.limit(asked.longest), picker)
    return attempt


def _tell_in_words(attempt: Attempt, asked: Asked) -> None:
    """Tell of the functions, and of what has been called, in words."""
    told, reminder = asked.conversation, ""
    if asked.tools and asked.choice != "none":
        attempt.words = FunctionsInWords(asked.tools, asked.choice, asked.schema)
        attempt.schema, reminder = attempt.words.schema, attempt.words.reminder
        told = told.told(attempt.words.instructions)
    attempt.conversation = replace(told, turns=turns_in_words(told.turns, reminder))


def text_of(response: Any) -> str:
    """The reply as text; dspy hands a reply that obeyed a schema over as data, and of one with calls no text."""
    if response.text is not None:
        return response.text
    try:
        if response.data is not None:
            return json.dumps(response.data, ensure_ascii=False)
    except RecursionError:
        return ""
    return "".join(part.text for part in response.message.parts if part.type == "text")
