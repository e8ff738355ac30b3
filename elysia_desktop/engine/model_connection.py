"""The connection to one model's server: a request sent, its reply read and priced."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from importlib import import_module
from typing import Any

from elysia_desktop.core.chat import RequestedCall
from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.settings import ModelChoice
from elysia_desktop.engine.model_attempt import Attempt, Completion, text_of
from elysia_desktop.engine.model_failures import is_nested_too_deep
from elysia_desktop.engine.model_library import client_for, is_reached_by_litellm, serving_provider
from elysia_desktop.engine.model_parameters import ModelParameters
from elysia_desktop.engine.native_calls import NativeCalls, named_apart
from elysia_desktop.engine.prices import Prices

_WITHOUT_MCP = {"_skip_mcp_handler": True}
"""LiteLLM looks for functions of MCP servers among ours otherwise, with a package that is not installed."""
_UNNAMED = "without a name"
"""What the model library says of a stream that came to its end with a call that names no function."""


class ModelConnection:
    """Sends requests through dspy, each once. Times are in seconds."""

    def __init__(
        self,
        choice: ModelChoice,
        parameters: ModelParameters,
        *,
        timeout: float,
        total_timeout: float,
        engine: Any = None,
    ) -> None:
        self._choice = choice
        self._parameters = parameters
        self._timeout = timeout
        self._total_timeout = total_timeout
        self._engine = engine
        self._prices = Prices(choice)
        self._calls = NativeCalls(choice.provider)
        self._lm: Any = None
        self._replaced: list[Any] = []
        self._served_by: str | None = None

    async def send(self, attempt: Attempt) -> Completion:
        """One request and its reply; raises what the model library raises."""
        client = await self._client()
        request = self._request(client, attempt)
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
            saved = _saved(error, attempt)
            if saved is not None:
                return await self._priced(saved)
            raise
        finally:
            attempt.end()
        return await self._completion(response, request, attempt)

    def renew(self) -> None:
        """Connect anew for the next request, as the server is spoken to differently from now on."""
        if self._lm is not None:
            self._replaced.append(self._lm)
            self._lm = None

    async def aclose(self) -> None:
        """Close connections; what is sent afterwards opens new ones."""
        clients, self._lm, self._replaced = [*self._replaced, self._lm], None, []
        for client in clients:
            if client is not None:
                await client.aclose()

    async def _client(self) -> Any:
        if self._lm is None:
            self._lm = client_for(
                self._choice,
                self._timeout,
                engine=self._engine,
                counts_streams=self._parameters.counts_streams,
            )
            if self._engine is None and not provider_of(self._choice.provider).needs_address:
                client = self._lm
                self._served_by = await asyncio.to_thread(serving_provider, client)
                return client
        return self._lm

    def _request(self, client: Any, attempt: Attempt) -> Any:
        lm15: Any = sys.modules["dspy"].lm15
        schema = attempt.schema
        tools = self._calls.tools(attempt.tools, attempt.conversation)
        sampling = self._parameters.sampling(attempt.longest)
        if tools and is_reached_by_litellm(client):
            sampling["extensions"] = {**sampling.get("extensions", {}), **_WITHOUT_MCP}
        config = lm15.Config(
            **sampling,
            response_format={"type": "json_schema", "name": "reply", "schema": schema} if schema else None,
            tool_choice=self._calls.choice(attempt.tools, tools, attempt.choice),
        )
        return lm15.Request(
            model=client.model,
            system=attempt.conversation.system or None,
            messages=self._calls.messages(attempt.conversation),
            tools=tools,
            config=config,
        )

    async def _completion(self, response: Any, request: Any, attempt: Attempt) -> Completion:
        results: Any = import_module("dspy.clients.call_result")
        usage = results.usage_dict(response, self._served_by)
        calls = self._called(response, attempt)
        guessed = attempt.estimated(text_of(response), cut_short=_is_cut_short(response), calls=calls)
        attempt.only_thought = guessed.cut_short and not calls and not guessed.text.strip()
        asked, made = usage.get("prompt_tokens"), usage.get("completion_tokens")
        completion = replace(
            guessed,
            input_tokens=guessed.input_tokens if asked is None else asked,
            output_tokens=guessed.output_tokens if made is None else made,
            estimated=asked is None or made is None,
        )
        return await self._priced(completion, response, request)

    def _called(self, response: Any, attempt: Attempt) -> tuple[RequestedCall, ...]:
        # The library's own assembly of a stream reads arguments, and drops how they were written.
        streamed = attempt.stream.calls if attempt.stream is not None else []
        calls = named_apart(streamed) if streamed else self._calls.calls(response)
        self._calls.remember(response, calls)
        return calls

    async def _priced(self, completion: Completion, response: Any = None, request: Any = None) -> Completion:
        tokens = completion.input_tokens, completion.output_tokens
        return replace(completion, cost=await self._prices.cost(*tokens, response, request, self._served_by))


def _saved(error: Exception, attempt: Attempt) -> Completion | None:
    """What had come when the model library gave up, where that is a reply all the same."""
    stream = attempt.stream
    calls = named_apart(stream.calls) if stream is not None else ()
    if stream is not None and stream.is_too_long:
        return attempt.estimated(stream.text, cut_short=True, calls=calls)
    if is_nested_too_deep(error):
        return attempt.estimated("", calls=calls)
    if stream is not None and calls and _UNNAMED in str(error):
        return attempt.estimated(stream.text, calls=calls)
    return None


def _is_cut_short(response: Any) -> bool:
    """Whether the reply met its limit, which the model library does not tell of one with calls."""
    if response.finish_reason == "length":
        return True
    body: Any = response.provider_data
    try:
        return body["choices"][0]["finish_reason"] == "length"
    except (TypeError, LookupError):
        return False
