"""Who can serve a language model, and how each is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Wire = Literal["native", "openai_compatible"]


@dataclass(frozen=True)
class Provider:
    """A kind of model server.

    `wire` says whether the model library knows the provider by name or it is spoken to as an
    OpenAI-compatible address. `constrains_output` is the best guess until the model has been tested.
    """

    id: str
    title: str
    wire: Wire
    key_name: str = ""
    address: str = ""
    on_this_computer: bool = False
    constrains_output: bool = True

    @property
    def needs_address(self) -> bool:
        """Whether the person must say where the server is."""
        return self.wire == "openai_compatible"

    @property
    def needs_key(self) -> bool:
        """Whether it serves nobody without a key; some of those known only by name use a login of their own."""
        return self.wire == "native" and self.id in _BY_ID


SERVED_HERE = "on_this_computer"

PROVIDERS: tuple[Provider, ...] = (
    Provider("ollama", "Ollama", "openai_compatible", "", "http://localhost:11434/v1", on_this_computer=True),
    Provider(
        "lm_studio", "LM Studio", "openai_compatible", "", "http://localhost:1234/v1", on_this_computer=True
    ),
    Provider(
        "llama_cpp",
        "llama.cpp server",
        "openai_compatible",
        "",
        "http://localhost:8080/v1",
        on_this_computer=True,
    ),
    Provider("vllm", "vLLM", "openai_compatible", "", "http://localhost:8000/v1", on_this_computer=True),
    Provider(
        SERVED_HERE,
        "A model file on this computer",
        "openai_compatible",
        "SERVED_MODEL_KEY",
        on_this_computer=True,
    ),
    Provider("openai", "OpenAI", "native", "OPENAI_API_KEY"),
    Provider("anthropic", "Anthropic", "native", "ANTHROPIC_API_KEY"),
    Provider("gemini", "Google Gemini", "native", "GEMINI_API_KEY"),
    Provider("openrouter", "OpenRouter", "native", "OPENROUTER_API_KEY"),
    Provider("mistral", "Mistral", "native", "MISTRAL_API_KEY"),
    Provider("deepseek", "DeepSeek", "native", "DEEPSEEK_API_KEY", constrains_output=False),
    Provider("groq", "Groq", "native", "GROQ_API_KEY"),
    Provider("xai", "xAI", "native", "XAI_API_KEY"),
    Provider(
        "openai_compatible",
        "Another OpenAI-compatible address",
        "openai_compatible",
        "OPENAI_COMPATIBLE_API_KEY",
    ),
)

_BY_ID = {provider.id: provider for provider in PROVIDERS}
_KEY_NAMES = {"together_ai": "TOGETHERAI_API_KEY", "bedrock": "AWS_BEARER_TOKEN_BEDROCK"}
"""Keys that are not called like their provider."""


def provider_of(provider_id: str) -> Provider:
    """The provider with this id; an unknown one is taken to be known to the model library by name."""
    known = _BY_ID.get(provider_id)
    key_name = _KEY_NAMES.get(provider_id) or f"{provider_id.upper().replace('-', '_')}_API_KEY"
    return known or Provider(provider_id, provider_id, "native", key_name, constrains_output=False)


def api_address(address: str) -> str:
    """The address of the OpenAI-compatible API: `/v1` is added where only a host is given."""
    address = address.strip().rstrip("/")
    return address if urlsplit(address).path else f"{address}/v1"
