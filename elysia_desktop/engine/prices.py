"""What a reply cost, in US dollars."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from elysia_desktop.core.providers import provider_of
from elysia_desktop.core.settings import ModelChoice

_PER_TOKENS = 1_000_000

# Whose prices hold where an OpenAI-compatible address leads.
_SELLER_AT = {
    "api.openai.com": "openai",
    "api.mistral.ai": "mistral",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "xai",
    "openrouter.ai": "openrouter",
    "api.together.xyz": "together_ai",
    "api.fireworks.ai": "fireworks_ai",
    "api.deepinfra.com": "deepinfra",
    "api.perplexity.ai": "perplexity",
    "api.cerebras.ai": "cerebras",
}


class Prices:
    """The price of one model's replies: the person's own, the server's, the model library's list, or unknown."""

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self._provider = provider_of(choice.provider)
        self._seller = self._whose_list()

    async def cost(
        self, input_tokens: int, output_tokens: int, response: Any, request: Any, provider: str | None
    ) -> float | None:
        """The cost of a reply; `provider` is the model library's name for who served it."""
        choice = self._choice
        if choice.input_price is not None and choice.output_price is not None:
            spent = input_tokens * choice.input_price + output_tokens * choice.output_price
            return spent / _PER_TOKENS
        told = None if response is None else _told_by_server(response)
        if told is not None:
            return told
        if self._provider.on_this_computer:
            return 0.0
        if self._seller is None or response is None:
            return None
        # Reading the list takes 25 ms once, and a search in it up to one.
        return await asyncio.to_thread(self._listed, response, request, provider)

    def _listed(self, response: Any, request: Any, provider: str | None) -> float | None:
        costs: Any = import_module("dspy.clients.costs")
        known = None if provider is None or self._provider.needs_address else provider
        cost, _ = costs.estimate_cost(
            response,
            provider=known or self._seller,
            requested_model=self._choice.model,
            request=request,
            namespaces=None if known else (self._seller,),
        )
        return cost

    def _whose_list(self) -> str | None:
        if not self._provider.needs_address:
            return self._provider.id
        try:
            return _SELLER_AT.get(urlsplit(self._choice.address).hostname or "")
        except ValueError:
            return None


def _told_by_server(response: Any) -> float | None:
    """The cost that the server reports with the usage, as OpenRouter and Perplexity do."""
    body = response.provider_data
    usage: Any = body.get("usage") if isinstance(body, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    cost: Any = usage.get("cost") if isinstance(usage, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(cost, dict):
        cost = cost.get("total_cost")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        return None
    return float(cost) if cost >= 0 else None
