"""The headers in which Weaviate's modules expect the keys of model providers."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from elysia_desktop.core.errors import ConfigurationError

_HEADERS = {
    "ANTHROPIC": ("X-Anthropic-Api-Key",),
    "ANYSCALE": ("X-Anyscale-Api-Key",),
    "AZURE": ("X-Azure-Api-Key",),
    "AZURE_OPENAI": ("X-Azure-Api-Key",),
    "COHERE": ("X-Cohere-Api-Key",),
    "CONTEXTUALAI": ("X-ContextualAI-Api-Key",),
    "DATABRICKS": ("X-Databricks-Token",),
    "DEEPSEEK": ("X-Deepseek-Api-Key",),
    "DIGITALOCEAN": ("X-Digitalocean-Api-Key",),
    "FRIENDLI": ("X-Friendli-Token",),
    "GEMINI": ("X-Goog-Studio-Api-Key", "X-Goog-Api-Key"),
    "GOOGLE": ("X-Goog-Api-Key",),
    "HUGGINGFACE": ("X-HuggingFace-Api-Key",),
    "JINA": ("X-JinaAI-Api-Key",),
    "JINAAI": ("X-JinaAI-Api-Key",),
    "MISTRAL": ("X-Mistral-Api-Key",),
    "NVIDIA": ("X-Nvidia-Api-Key",),
    "OPENAI": ("X-OpenAI-Api-Key",),
    "PALM": ("X-Palm-Api-Key",),
    "VERTEX": ("X-Goog-Vertex-Api-Key",),
    "VOYAGE": ("X-VoyageAI-Api-Key",),
    "VOYAGEAI": ("X-VoyageAI-Api-Key",),
    "XAI": ("X-Xai-Api-Key",),
}
"""By the name of the key without `_API_KEY` or `_APIKEY`; read off the modules of Weaviate 1.36."""


def sendable(name: str, key: SecretStr) -> SecretStr:
    """The key without blanks around it; `ConfigurationError` where no header can hold it."""
    text = key.get_secret_value().strip()
    if not (text.isascii() and text.isprintable()):
        del text
        raise ConfigurationError(
            f"The key {name} holds characters that cannot be sent.", "Copy it anew, and enter it in Settings."
        )
    return SecretStr(text)


def provider_headers(api_keys: Mapping[str, SecretStr]) -> tuple[tuple[str, SecretStr], ...]:
    """Header and key for each provider that Weaviate has a module for; the other keys stay here."""
    headers: dict[str, SecretStr] = {}
    for name in sorted(api_keys):
        provider = name.upper().removesuffix("_API_KEY").removesuffix("_APIKEY")
        for header in _HEADERS.get(provider, ()):
            headers.setdefault(header, sendable(name, api_keys[name]))
    return tuple(sorted(headers.items()))
