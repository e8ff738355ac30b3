"""One language model, whoever serves it: a prompt in, words out, failures in words."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, Protocol

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.chat import ChatMessage, FunctionSpec, ToolChoice
from elysia_desktop.core.providers import api_address
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.conversing import Conversation, Turn, arranged, encodable
from elysia_desktop.engine.model_attempt import Asked, Attempt, Completion, attempt_for
from elysia_desktop.engine.model_connection import ModelConnection
from elysia_desktop.engine.model_failures import (
    broken_off,
    in_words,
    is_passing,
    refuses_as_written,
    refuses_functions,
    words_of,
)
from elysia_desktop.engine.model_library import load_model_library
from elysia_desktop.engine.model_parameters import ModelParameters
from elysia_desktop.engine.model_stream import OnDelta
from elysia_desktop.engine.recorder import Exchange, Recorder, new_exchange_id

__all__ = ["Completion", "LanguageModel", "Model", "OnDelta", "api_address", "load_model_library"]

_WHOLE_REPLY = 5
"""A reply may take this many times the time allowed for its next piece."""


class Model(Protocol):
    """Anything that can complete a prompt."""

    choice: ModelChoice

    async def complete(
        self,
        system: str,
        user: str,
        *,
        schema: dict[str, Any] | None = None,
        on_delta: OnDelta | None = None,
        max_tokens: int | None = None,
        purpose: str = "",
    ) -> Completion:
        """Send one prompt; `schema` holds the reply to a JSON schema where the server can."""
        ...

    async def converse(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[FunctionSpec] = (),
        tool_choice: ToolChoice = "auto",
        schema: dict[str, Any] | None = None,
        on_delta: OnDelta | None = None,
        max_tokens: int | None = None,
        purpose: str = "",
    ) -> Completion:
        """Send a conversation with functions that may be called; `tool_choice` says whether, or which must be.

        `Completion.calls` are the calls it asks for: their names and arguments as the model wrote them, valid or not.
        """
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class LanguageModel:
    """A model reached through dspy. Keys go with each call, never through the process environment.

    `timeout` is how long it may be silent, `total_timeout` how long a whole reply may take, in seconds.
    `recorder` keeps every request. `engine` is another engine of the model library, such as a recorded
    one: an object with `async complete(Request)` and `stream(Request)`.
    """

    def __init__(
        self,
        choice: ModelChoice,
        *,
        timeout: float = 120,
        total_timeout: float | None = None,
        max_output_tokens: int = 1200,
        recorder: Recorder | None = None,
        backoff: Backoff | None = None,
        engine: Any = None,
    ) -> None:
        self.choice = choice
        self._timeout = timeout
        self._max_output_tokens = max_output_tokens
        self._recorder = recorder
        self._backoff = backoff or Backoff()
        self._parameters = ModelParameters(choice)
        self._connection = ModelConnection(
            choice,
            self._parameters,
            timeout=timeout,
            total_timeout=total_timeout or _WHOLE_REPLY * timeout,
            engine=engine,
        )

    @property
    def constrains_output(self) -> bool:
        """Whether a JSON schema sent along is expected to be obeyed."""
        return self._parameters.constrains_output

    @property
    def calls_functions(self) -> bool:
        """Whether functions are sent as such; else they are told in words."""
        return self._parameters.calls_functions("auto")

    async def complete(
        self,
        system: str,
        user: str,
        *,
        schema: dict[str, Any] | None = None,
        on_delta: OnDelta | None = None,
        max_tokens: int | None = None,
        purpose: str = "",
    ) -> Completion:
        """Send one prompt, as `converse` does."""
        conversation = Conversation(encodable(system), (Turn("user", encodable(user)),))
        longest = max_tokens or self._max_output_tokens
        return await self._replied(
            Asked(conversation, schema=schema, on_delta=on_delta, longest=longest, purpose=purpose)
        )

    async def converse(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[FunctionSpec] = (),
        tool_choice: ToolChoice = "auto",
        schema: dict[str, Any] | None = None,
        on_delta: OnDelta | None = None,
        max_tokens: int | None = None,
        purpose: str = "",
    ) -> Completion:
        """Send a conversation, again where the failure passes; raises `ModelError` with the provider's own words.

        Nothing is sent again once part of a reply has been passed on: `ReplyBrokenOff` says so. Functions are told
        in words to a server that takes none, and their calls are read from the JSON that the model is then asked for.
        `ValueError` where `tool_choice` names none of the functions.
        """
        if tools and tool_choice not in {"auto", "none", "required", *(tool.name for tool in tools)}:
            raise ValueError(f"No function is called {tool_choice!r}.")
        return await self._replied(
            Asked(
                conversation=arranged(messages),
                tools=tuple(tools),
                choice=tool_choice if tools else "auto",
                schema=schema,
                on_delta=on_delta,
                longest=max_tokens or self._max_output_tokens,
                purpose=purpose,
            )
        )

    async def aclose(self) -> None:
        """Close connections; the model can be used again afterwards."""
        await self._connection.aclose()

    async def _replied(self, asked: Asked) -> Completion:
        """The reply, whatever has to be learned of the server or corrected on the way."""
        if "dspy" not in sys.modules:
            await asyncio.to_thread(load_model_library)
        exchanges: list[str] = []
        unusable: Completion | None = None
        while True:
            attempt, completion = await self._sent(asked, exchanges)
            if attempt.only_thought and self._parameters.learn_to_wait():
                continue
            whole = completion.after(unusable) if unusable else completion
            reading = attempt.read(completion)
            if attempt.may_correct(reading, asked):
                asked, unusable = asked.corrected(completion.text, reading.objection), whole
                continue
            if attempt.words and asked.on_delta is not None and reading.text and not attempt.began:
                asked.on_delta(reading.text)
            return replace(whole, text=reading.text, calls=reading.calls, exchanges=tuple(exchanges))

    async def _sent(self, asked: Asked, exchanges: list[str]) -> tuple[Attempt, Completion]:
        """One request and its reply, after as many tries as it takes."""
        tries = 1
        while True:
            attempt = attempt_for(asked, self._parameters)
            try:
                completion = await self._connection.send(attempt)
            except asyncio.CancelledError:
                self._record(attempt, exchanges, error="Stopped.")
                raise
            except _failures() as error:
                told = in_words(error, self.choice, tries)
                self._record(attempt, exchanges, error=told.sentence)
                if self._learns(error, attempt):
                    continue
                wait = self._wait(error, attempt, tries + 1)
                if wait is None:
                    if attempt.began and is_passing(error, attempt.seconds, self._timeout):
                        told = broken_off(error, self.choice, exchanges)
                    raise told from self._without_key(error)
                await self._backoff.sleep(wait)
                tries += 1
                continue
            self._record(attempt, exchanges, completion)
            return attempt, completion

    def _learns(self, error: Exception, attempt: Attempt) -> bool:
        """Whether the server has said what it does not take, so that it is asked without."""
        failures: Any = import_module("dspy.utils.exceptions")
        if attempt.began:
            return False
        if (
            attempt.tools
            and refuses_functions(error)
            and self._parameters.learn_functions(words_of(error), attempt.choice)
        ):
            return True
        counted = self._parameters.counts_streams
        sent = attempt.schema is not None
        if isinstance(error, failures.LMUnsupportedFeatureError):
            if not self._parameters.learn(words_of(error), sent):
                self._parameters.refuse_schema()
                return sent
        elif not refuses_as_written(error) or not self._parameters.learn(words_of(error), sent):
            return False
        if counted != self._parameters.counts_streams:
            self._connection.renew()
        return True

    def _wait(self, error: Exception, attempt: Attempt, next_try: int) -> float | None:
        """The seconds until the same request is sent again, None when it is not."""
        if attempt.began or not is_passing(error, attempt.seconds, self._timeout):
            return None
        return self._backoff.seconds_before(next_try, getattr(error, "retry_after", None))

    def _without_key(self, error: Exception) -> Exception | None:
        """The cause of a failure, unless a traceback of it would show the key."""
        key = self.choice.key.get_secret_value()
        # Not `str`: the library's own fails where a provider's message is no text.
        said = [
            (one.args, getattr(one, "message", "")) for one in (error, error.__cause__) if one is not None
        ]
        return None if key and key in f"{said}" else error

    def _record(
        self, attempt: Attempt, exchanges: list[str], made: Completion | None = None, error: str = ""
    ) -> None:
        if self._recorder is None:
            return
        exchange = Exchange(
            id=new_exchange_id(),
            at=attempt.at,
            purpose=attempt.purpose,
            model=self.choice.model,
            system=attempt.system,
            user=attempt.user,
            schema=attempt.schema,
            reply=made.in_words if made else attempt.stream.text if attempt.stream else "",
            error=error,
            input_tokens=made.input_tokens if made else 0,
            output_tokens=made.output_tokens if made else 0,
            seconds=attempt.seconds,
            cost=made.cost if made else None,
        )
        self._recorder.record(exchange, self.choice.key.get_secret_value())
        exchanges.append(exchange.id)


def _failures() -> tuple[type[Exception], ...]:
    """What the model library raises; wrong values are those of a setting or a prompt it cannot send."""
    failures: Any = import_module("dspy.utils.exceptions")
    return (failures.LMError, ImportError, TimeoutError, ValueError, TypeError)
