# ruff: noqa: E501 - the settings are a table, one row each
"""The settings of the models: who serves them, what they cost, how they are asked."""

from __future__ import annotations

from pydantic import BaseModel

from elysia_desktop.core.setting_fields import setting

_BASE = "Base model"
_COMPLEX = "Complex model"


class ModelSettings(BaseModel):
    """What is set of the base model, the complex model, and what both have in common."""

    # fmt: off
    base_provider: str = setting(
        "", "Provider", "Who serves the model that decides which tool to use next.",
        "Models", section=_BASE, widget="provider")
    base_model: str = setting(
        "", "Model", "The model's name at its provider.",
        "Models", section=_BASE, widget="model", max_length=300)
    base_api_base: str = setting(
        "", "Address", "Where the model is served, for example http://localhost:11434/v1.",
        "Models", section=_BASE, widget="address", max_length=2000)
    base_use_reasoning: bool = setting(
        True, "Reasoning", "Ask the model to explain each decision.",
        "Models", section=_BASE
    )
    base_supports_schema: bool | None = setting(
        None, "Constrained output", "Whether the server can hold the model to a JSON schema; found by the test.",
        "Models", section=_BASE)
    base_supports_tools: bool | None = setting(
        None, "Function calling", "Whether the model can call functions; others are asked in words which to call.",
        "Models", section=_BASE)
    base_context_length: int | None = setting(
        None, "Context length", "How much the model can read at once; found by the test.",
        "Models", section=_BASE, unit="tokens", ge=512, le=10_000_000)
    base_temperature: float | None = setting(
        None, "Temperature", "How freely the model chooses its words; 0 is the most predictable.",
        "Models", section=_BASE, ge=0, le=2)
    base_input_price: float | None = setting(
        None, "Price of input", "What a million tokens of prompt cost; known prices are used otherwise.",
        "Models", section=_BASE, unit="USD", ge=0, le=100_000)
    base_output_price: float | None = setting(
        None, "Price of output", "What a million tokens of reply cost; known prices are used otherwise.",
        "Models", section=_BASE, unit="USD", ge=0, le=100_000)

    complex_provider: str = setting(
        "", "Provider", "Who serves the model that writes queries and answers; empty: the base model does.",
        "Models", section=_COMPLEX, widget="provider")
    complex_model: str = setting(
        "", "Model", "The model's name at its provider.",
        "Models", section=_COMPLEX, widget="model", max_length=300)
    complex_api_base: str = setting(
        "", "Address", "Where the model is served.",
        "Models", section=_COMPLEX, widget="address", max_length=2000)
    complex_use_reasoning: bool | None = setting(
        None, "Reasoning", "Ask the model to explain its queries; automatic: not one on this computer, which it slows down.",
        "Models", section=_COMPLEX
    )
    complex_supports_schema: bool | None = setting(
        None, "Constrained output", "Whether the server can hold the model to a JSON schema; found by the test.",
        "Models", section=_COMPLEX)
    complex_supports_tools: bool | None = setting(
        None, "Function calling", "Whether the model can call functions; others are asked in words which to call.",
        "Models", section=_COMPLEX)
    complex_context_length: int | None = setting(
        None, "Context length", "How much the model can read at once; found by the test.",
        "Models", section=_COMPLEX, unit="tokens", ge=512, le=10_000_000)
    complex_temperature: float | None = setting(
        None, "Temperature", "How freely the model chooses its words; 0 is the most predictable.",
        "Models", section=_COMPLEX, ge=0, le=2)
    complex_input_price: float | None = setting(
        None, "Price of input", "What a million tokens of prompt cost; known prices are used otherwise.",
        "Models", section=_COMPLEX, unit="USD", ge=0, le=100_000)
    complex_output_price: float | None = setting(
        None, "Price of output", "What a million tokens of reply cost; known prices are used otherwise.",
        "Models", section=_COMPLEX, unit="USD", ge=0, le=100_000)

    prompt_token_budget: int = setting(
        8000, "Token budget per prompt", "The most that one prompt may hold; a model on this computer gets at most 2,000.",
        "Models", section="Prompts", unit="tokens", ge=600, le=1_000_000)
    queries_as_sql: bool | None = setting(
        None, "Queries as SQL", "Have the model write its queries as SQL; automatic: one on this computer, as small models "
        "write it best.",
        "Models", section="Prompts"
    )
    max_output_tokens: int = setting(
        1200, "Longest reply", "The most that a model may write in one reply.",
        "Models", section="Prompts", unit="tokens", ge=64, le=200_000)
    model_timeout: int = setting(
        120, "Reply time-out", "How long to wait for the next piece of a reply.",
        "Models", section="Prompts", unit="seconds", ge=1, le=3600)
    model_retries: int = setting(
        3, "Retries", "How often a request is repeated while the model's server is overloaded or breaks off.",
        "Models", section="Prompts", ge=0, le=10)
    model_file: str = setting(
        "", "Model file", "A GGUF file that the application serves itself.",
        "Models", section="On this computer", widget="file")
    # fmt: on
