"""Which models to begin with, where only a key says who may be asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

MODELS_BY_KEY: tuple[tuple[str, str, str, str], ...] = (
    ("OPENROUTER_API_KEY", "openrouter", "google/gemini-3.5-flash-lite", "google/gemini-3.8-flash"),
    ("GEMINI_API_KEY", "gemini", "gemini-3.5-flash-lite", "gemini-3.8-flash"),
    ("OPENAI_API_KEY", "openai", "gpt-5.4-mini", "gpt-5.4"),
    ("ANTHROPIC_API_KEY", "anthropic", "claude-haiku-4-5", "claude-sonnet-5"),
)
"""Key, provider, small model, large model; the first key that is there decides."""


def models_for(keys: Collection[str], chosen: Mapping[str, Any]) -> dict[str, str]:
    """The settings that name a small and a large model; nothing where a model or provider is `chosen` already."""
    if any(chosen.get(name) for name in ("base_model", "base_provider")):
        return {}
    for key, provider, small, large in MODELS_BY_KEY:
        if key in keys:
            found = {"base_provider": provider, "base_model": small}
            if not any(chosen.get(name) for name in ("complex_model", "complex_provider")):
                found |= {"complex_provider": provider, "complex_model": large}
            return found
    return {}
