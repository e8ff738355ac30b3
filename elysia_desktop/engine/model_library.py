"""How the model library is loaded and reaches a model, by its provider's name or by an address."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import sys
from importlib import import_module
from typing import Any

from elysia_desktop.core.errors import ConfigurationError, MissingKey
from elysia_desktop.core.providers import api_address, provider_of
from elysia_desktop.core.settings import ModelChoice, quiet_model_library
from elysia_desktop.engine.model_wire import compatible_adapter

_SPOKEN_TO = {"openrouter": "https://openrouter.ai/api/v1"}
"""Known to the library by name, which then tells only that a provider failed, not what it said."""
_BY_ADDRESS = {"openai", *_SPOKEN_TO}
_DECLARED = "elysia-"


def is_loaded() -> bool:
    """Whether the model library is there already."""
    return "dspy" in sys.modules


def load_model_library() -> Any:
    """Import dspy, which takes most of a second; once it is there this costs nothing."""
    if not is_loaded():
        quiet_model_library()
    dspy = import_module("dspy")
    # Importing sets the level anew; what matters of its warnings comes back in words with the reply.
    logging.getLogger("dspy").setLevel(logging.ERROR)
    return dspy


def client_for(
    choice: ModelChoice, timeout: float, *, engine: Any = None, counts_streams: bool = True
) -> Any:
    """A `dspy.LM` that sends a request once and keeps nothing; raises `ConfigurationError`."""
    dspy: Any = import_module("dspy")
    if engine is not None:
        return dspy.LM(
            f"{choice.provider}/{choice.model}",
            engine=_NoBlockingEngine(),
            async_engine=engine,
            cache=False,
            num_retries=0,
        )
    if not choice.is_configured:
        raise ConfigurationError("No model is set.", "Choose one in Settings → Models.")
    provider = provider_of(choice.provider)
    if provider.needs_key and not choice.key.get_secret_value():
        raise MissingKey(
            f"{provider.title} needs a key.",
            f"Enter it in Settings → Models, or set {provider.key_name} in the environment.",
        )
    name, forced = provider.id, {}
    address = choice.address or _SPOKEN_TO.get(provider.id, "")
    if provider.needs_address or (provider.id in _BY_ADDRESS and address):
        name, forced = _declared(address, counts_streams), {"engine": "lm15"}
    elif choice.address:
        forced = {"api_base": choice.address}
    # The key is in no variable: a traceback with those would show it.
    return dspy.LM(
        f"{name}/{choice.model or 'default'}",
        timeout=timeout,
        cache=False,
        num_retries=0,
        **forced,
        **({"api_key": choice.key.get_secret_value()} if choice.key.get_secret_value() else {}),
    )


def serving_provider(client: Any) -> str | None:
    """The model library's name for who serves a client, None at an address, or where another engine reaches it.

    LiteLLM takes seconds to import, so this is not for the event loop's thread.
    """
    if not isinstance(client.engine, str):
        return None
    selection: Any = import_module("dspy.clients.backend_selection").select_backend(client)
    if selection.native:
        provider = selection.resolution.provider
        return None if provider.startswith(_DECLARED) else provider
    import_module("dspy.clients._litellm").get_litellm(feature="a model")
    return None


def is_reached_by_litellm(client: Any) -> bool:
    """Whether another library speaks to a client's server, as the model library cannot."""
    if not isinstance(client.engine, str):
        return False
    selection: Any = import_module("dspy.clients.backend_selection").select_backend(client)
    return not selection.native


def _declared(address: str, counts_streams: bool) -> str:
    """Declare an address to dspy, which else would never ask it for constrained output; its name there."""
    lm15: Any = import_module("dspy.lm15")
    if not address:
        raise ConfigurationError("The model has no address.", "Enter it in Settings → Models.")
    address = api_address(address)
    name = _DECLARED + hashlib.sha256(f"{address} {counts_streams}".encode()).hexdigest()[:12]
    compat = dataclasses.replace(
        lm15.OpenAIChatCompat.preset("vllm"), stream_usage="include" if counts_streams else "omit"
    )
    access = lm15.AccessPolicy(provider=name, env_keys=(), base_url=address)
    definition = lm15.ProviderDefinition.chat(access, compat=compat, placeholder_key="local")
    definition = dataclasses.replace(definition, async_adapter=compatible_adapter())
    lm15.register_provider(definition, supports=lm15.ModelSupport(response_schema=True))
    return name


class _NoBlockingEngine:
    """Stands where the library wants an engine for blocking calls; there are none here."""

    def complete(self, request: Any) -> Any:
        """Never called."""
        raise NotImplementedError
