"""One language model, whoever serves it: a prompt in, words out, failures in words."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlsplit

from elysia_desktop.core.errors import (
    ConfigurationError,
    MissingKey,
    ModelError,
    ModelRefused,
    ModelUnreachable,
)
from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.settings import ModelChoice, quiet_model_library

OnDelta = Callable[[str], None]

_REASONING_FAMILY = re.compile(r"^(o\d|gpt-5)")
_REASONING_MIN_TOKENS = 16_000


@dataclass(frozen=True)
class Completion:
    """What a model wrote, and what it took; `cost` is in US dollars, None when the price is unknown."""

    text: str
    input_tokens: int
    output_tokens: int
    seconds: float
    cost: float | None = None
    cut_short: bool = False


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
    ) -> Completion:
        """Send one prompt; `schema` holds the reply to a JSON schema where the server can."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


def api_address(address: str) -> str:
    """The address of the OpenAI-compatible API: `/v1` is added where only a host is given."""
    address = address.strip().rstrip("/")
    return address if urlsplit(address).path else f"{address}/v1"


class LanguageModel:
    """A model reached through dspy. Keys go with each call, never through the process environment."""

    def __init__(self, choice: ModelChoice, *, timeout: float = 120, max_output_tokens: int = 1200) -> None:
        self.choice = choice
        self._timeout = timeout
        self._max_output_tokens = max_output_tokens
        self._provider = provider_of(choice.provider)
        self._refuses_schema = False
        self._lm: Any = None

    @property
    def constrains_output(self) -> bool:
        """Whether a JSON schema sent along is expected to be obeyed."""
        stated = self.choice.supports_schema
        return not self._refuses_schema and (self._provider.constrains_output if stated is None else stated)

    async def complete(
        self,
        system: str,
        user: str,
        *,
        schema: dict[str, Any] | None = None,
        on_delta: OnDelta | None = None,
        max_tokens: int | None = None,
    ) -> Completion:
        """Send one prompt; raises `ModelError` with the provider's own words."""
        await asyncio.to_thread(load_model_library)
        lm = self._client()
        dspy: Any = import_module("dspy")
        failures: Any = import_module("dspy.utils.exceptions")
        constrained = schema if self.constrains_output else None
        started = time.monotonic()
        settings: dict[str, Any] = {"disable_history": True}
        if on_delta is not None:
            settings["send_stream"] = _DeltaStream(on_delta)
        try:
            # The context must close before anything is yielded: it belongs to this task alone.
            with dspy.context(**settings):
                response = await lm.acall(self._request(lm.model, system, user, constrained, max_tokens))
        except failures.LMUnsupportedFeatureError:
            if constrained is None:
                raise
            self._refuses_schema = True
            return await self.complete(system, user, on_delta=on_delta, max_tokens=max_tokens)
        except (failures.LMError, ImportError) as error:
            raise self._in_words(error) from error
        usage = response.usage
        return Completion(
            text=_text_of(response),
            input_tokens=usage.input_tokens or 0,
            output_tokens=usage.output_tokens or 0,
            seconds=time.monotonic() - started,
            cost=0.0 if self._provider.on_this_computer else None,
            cut_short=response.finish_reason == "length",
        )

    async def aclose(self) -> None:
        """Close connections; the model can be used again afterwards."""
        if self._lm is not None:
            lm, self._lm = self._lm, None
            await lm.aclose()

    def _client(self) -> Any:
        if self._lm is None:
            if not self.choice.is_configured:
                raise ConfigurationError("No model is set.", "Choose one in Settings → Models.")
            if (
                self._provider.key_name
                and not self.choice.key.get_secret_value()
                and not self._provider.needs_address
            ):
                raise MissingKey(
                    f"{self._provider.title} needs a key.",
                    f"Enter it in Settings → Models, or set {self._provider.key_name} in the environment.",
                )
            self._lm = self._compatible() if self._provider.needs_address else self._native()
        return self._lm

    def _native(self) -> Any:
        dspy: Any = import_module("dspy")
        return dspy.LM(
            f"{self.choice.provider}/{self.choice.model}",
            timeout=self._timeout,
            cache=False,
            num_retries=2,
            **self._credential(),
        )

    def _compatible(self) -> Any:
        """A server at an address: declared to dspy, which else would never ask it for constrained output."""
        dspy: Any = import_module("dspy")
        lm15: Any = import_module("dspy.lm15")
        if not self.choice.address:
            raise ConfigurationError("The model has no address.", "Enter it in Settings → Models.")
        address = api_address(self.choice.address)
        name = "elysia-" + hashlib.sha256(address.encode()).hexdigest()[:12]
        access = lm15.AccessPolicy(provider=name, env_keys=(), base_url=address)
        lm15.register_provider(
            lm15.ProviderDefinition.chat(
                access, compat=lm15.OpenAIChatCompat.preset("vllm"), placeholder_key="local"
            ),
            supports=lm15.ModelSupport(response_schema=True),
        )
        return dspy.LM(
            f"{name}/{self.choice.model}",
            timeout=self._timeout,
            cache=False,
            num_retries=1,
            engine="lm15",
            **self._credential(),
        )

    def _credential(self) -> dict[str, str]:
        key = self.choice.key.get_secret_value()
        return {"api_key": key} if key else {}

    def _request(
        self, model: str, system: str, user: str, schema: dict[str, Any] | None, max_tokens: int | None
    ) -> Any:
        lm15: Any = import_module("dspy.lm15")
        longest = max_tokens or self._max_output_tokens
        reasons = bool(_REASONING_FAMILY.match(self.choice.model))
        config = lm15.Config(
            max_tokens=max(longest, _REASONING_MIN_TOKENS) if reasons else longest,
            temperature=0.0 if self._provider.needs_address else None,
            response_format={"type": "json_schema", "name": "reply", "schema": schema} if schema else None,
        )
        return lm15.Request(model=model, system=system, messages=(lm15.Message.user(user),), config=config)

    def _in_words(self, error: Exception) -> ModelError:
        """The failure as the person should read it, without the key."""
        failures: Any = import_module("dspy.utils.exceptions")
        key = self.choice.key.get_secret_value()
        said = str(getattr(error, "message", "") or error).replace(key, "•••") if key else str(error)
        said = said.strip().splitlines()[0][:400] if said.strip() else type(error).__name__
        where = self.choice.address or self._provider.title
        match error:
            case failures.LMTimeoutError():
                return ModelUnreachable(
                    f"The model at {where} did not answer in time.",
                    "Try again, or raise the reply time-out in Settings → Models.",
                )
            case failures.LMTransportError():
                return ModelUnreachable(
                    f"Nothing answers at {where}.",
                    "Check that the server runs and that the address in Settings → Models is right.",
                )
            case failures.LMAuthError():
                return ModelRefused(
                    f"{where} refused the key: {said}", "Enter the right key in Settings → Models."
                )
            case failures.LMUnsupportedModelError():
                return ModelRefused(
                    f"{where} does not serve “{self.choice.model}”: {said}", "Choose another model."
                )
            case failures.LMRateLimitError() | failures.LMBillingError():
                return ModelRefused(
                    f"{where} does not take more requests now: {said}", "Wait, or choose another model."
                )
            case failures.ContextWindowExceededError():
                return ModelError(
                    f"The prompt is too long for “{self.choice.model}”: {said}",
                    "Lower the token budget in Settings → Models.",
                )
            case _:
                return ModelError(
                    f"{where} failed: {said}", "Try again, or test the model in Settings → Models."
                )


def load_model_library() -> None:
    """Import dspy, which takes most of a second; once it is there this costs nothing."""
    if "dspy" not in sys.modules:
        quiet_model_library()
        import_module("dspy")
        # Importing sets the level anew; what matters of its warnings comes back in words with the reply.
        logging.getLogger("dspy").setLevel(logging.ERROR)


def _text_of(response: Any) -> str:
    """The reply as text; dspy hands a reply that obeyed a schema over as data."""
    if response.text is not None:
        return response.text
    return "" if response.data is None else json.dumps(response.data, ensure_ascii=False)


class _DeltaStream:
    """Takes what dspy streams and passes the text on."""

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta

    async def send(self, chunk: Any) -> None:
        text = chunk.choices[0].delta.content
        if text:
            self._on_delta(text)
