"""How many tokens a text takes, without any tokenizer."""

from __future__ import annotations

CHARACTERS_PER_TOKEN = 3.6
"""Measured on JSON-like English with several tokenizers; text of other scripts takes more bytes per token too."""


def estimate_tokens(text: str) -> int:
    """About how many tokens a text takes."""
    return round(len(text.encode("utf-8", "replace")) / CHARACTERS_PER_TOKEN)
