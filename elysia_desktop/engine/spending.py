"""What model calls took, as a payload."""

from __future__ import annotations

from elysia_desktop.core.payloads import ModelUsed
from elysia_desktop.engine.predict import Spent


def used(purpose: str, spent: Spent, options: tuple[str, ...] = ()) -> ModelUsed:
    """Tokens, seconds, attempts and price of a prediction, and where its prompts are kept."""
    return ModelUsed(
        purpose,
        spent.model,
        seconds=spent.seconds,
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        attempts=spent.attempts,
        cost=spent.cost,
        options=options,
        exchanges=spent.exchanges,
    )
