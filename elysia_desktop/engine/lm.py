"""One language model, whoever serves it: a prompt in, words out, failures in words."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from importlib import import_module
from typing import Any, Protocol

from elysia_desktop.core.backoff import Backoff
from elysia_desktop.core.providers import api_address, provider_of
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.model_attempt import Attempt, Completion, DeltaStream, OnDelta, encodable, text_of
from elysia_desktop.engine.model_failures import (
    broken_off,
    in_words,
    is_nested_too_deep,
    is_passing,
    refuses_as_written,
    words_of,
)
from elysia_desktop.engine.model_library import client_for, load_model_library, serving_provider
from elysia_desktop.engine.model_parameters import ModelParameters
from elysia_desktop.engine.prices import Prices
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
        self._total_timeout = total_timeout or _WHOLE_REPLY * timeout
        self._max_output_tokens = max_output_tokens
        self._recorder = recorder
        self._backoff = backoff or Backoff()
        self._engine = engine
        self._parameters = ModelParameters(choice)
        self._prices = Prices(choice)
        self._lm: Any = None
        self._replaced: list[Any] = []
        self._served_by: str | None = None

    @property
    def constrains_output(self) -> bool:
        """Whether a JSON schema sent along is expected to be obeyed."""
        return self._parameters.constrains_output

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
        """Send one prompt, again where the failure passes; raises `ModelError` with the provider's own words.

        Nothing is sent again once part of a reply has been passed on: `ReplyBrokenOff` says so.
        """
        if "dspy" not in sys.modules:
            await asyncio.to_thread(load_model_library)
        system, user = encodable(system), encodable(user)
        longest = max_tokens or self._max_output_tokens
        exchanges: list[str] = []
        tries = 1
        while True:
            held = schema if self._parameters.constrains_output else None
            attempt = Attempt(system, user, held, purpose, longest)
            if on_delta is not None:
                attempt.stream = DeltaStream(on_delta, self._parameters.limit(longest))
            try:
                completion = await self._answer(attempt)
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
            if attempt.only_thought and self._parameters.learn_to_wait():
                continue
            return replace(completion, exchanges=tuple(exchanges))

    async def aclose(self) -> None:
        """Close connections; the model can be used again afterwards."""
        clients, self._lm, self._replaced = [*self._replaced, self._lm], None, []
        for client in clients:
            if client is not None:
                await client.aclose()

    async def _client(self) -> Any:
        if self._lm is None:
            self._lm = client_for(
                self.choice,
                self._timeout,
                engine=self._engine,
                counts_streams=self._parameters.counts_streams,
            )
            if self._engine is None and not provider_of(self.choice.provider).needs_address:
                client = self._lm
                self._served_by = await asyncio.to_thread(serving_provider, client)
                return client
        return self._lm

    async def _answer(self, attempt: Attempt) -> Completion:
        """One request and its reply, priced."""
        client = await self._client()
        request = self._request(client.model, attempt)
        settings: dict[str, Any] = {"disable_history": True}
        if attempt.stream is not None:
            settings["send_stream"] = attempt.stream
        dspy: Any = sys.modules["dspy"]
        failures: Any = import_module("dspy.utils.exceptions")
        attempt.begin()
        try:
            # The context must close before anything is yielded: it belongs to this task alone.
            with dspy.context(**settings):
                async with asyncio.timeout(self._total_timeout):
                    response = await client.acall(request)
        except failures.LMError as error:
            attempt.end()
            if attempt.stream is not None and attempt.stream.is_too_long:
                return await self._priced(attempt.estimated(attempt.stream.text, cut_short=True))
            if is_nested_too_deep(error):
                return await self._priced(attempt.estimated(""))
            raise
        finally:
            attempt.end()
        return await self._completion(response, request, attempt)

    def _request(self, model: str, attempt: Attempt) -> Any:
        lm15: Any = sys.modules["dspy"].lm15
        schema = attempt.schema
        config = lm15.Config(
            **self._parameters.sampling(attempt.longest),
            response_format={"type": "json_schema", "name": "reply", "schema": schema} if schema else None,
        )
        messages = (lm15.Message.user(attempt.user),)
        return lm15.Request(model=model, system=attempt.system, messages=messages, config=config)

    async def _completion(self, response: Any, request: Any, attempt: Attempt) -> Completion:
        results: Any = import_module("dspy.clients.call_result")
        usage = results.usage_dict(response, self._served_by)
        guessed = attempt.estimated(text_of(response), cut_short=response.finish_reason == "length")
        attempt.only_thought = guessed.cut_short and not guessed.text.strip()
        asked, made = usage.get("prompt_tokens"), usage.get("completion_tokens")
        completion = replace(
            guessed,
            input_tokens=guessed.input_tokens if asked is None else asked,
            output_tokens=guessed.output_tokens if made is None else made,
            estimated=asked is None or made is None,
        )
        return await self._priced(completion, response, request)

    async def _priced(self, completion: Completion, response: Any = None, request: Any = None) -> Completion:
        tokens = completion.input_tokens, completion.output_tokens
        return replace(completion, cost=await self._prices.cost(*tokens, response, request, self._served_by))

    def _learns(self, error: Exception, attempt: Attempt) -> bool:
        """Whether the server has said what it does not take, so that it is asked without."""
        failures: Any = import_module("dspy.utils.exceptions")
        if attempt.began:
            return False
        counted = self._parameters.counts_streams
        sent = attempt.schema is not None
        if isinstance(error, failures.LMUnsupportedFeatureError):
            if not self._parameters.learn(words_of(error), sent):
                self._parameters.refuse_schema()
                return sent
        elif not refuses_as_written(error) or not self._parameters.learn(words_of(error), sent):
            return False
        if counted != self._parameters.counts_streams and self._lm is not None:
            self._replaced.append(self._lm)
            self._lm = None
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
            reply=made.text if made else attempt.stream.text if attempt.stream else "",
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
