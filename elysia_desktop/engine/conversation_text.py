"""A conversation that was found, as a prompt tells it: the messages found, and those around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from elysia_desktop.engine.budget import CHARACTERS_PER_TOKEN, clipped, compact

_HIDDEN = {"uuid", "_REF_ID", "collection_name", "_score", "relevant", "ELYSIA_SUMMARY"}
_LEAST = 24
"""Tokens; what is said of a message in less tells nothing."""
_MOST = 120
_FOUND = "(found) "


def is_conversation(item: Mapping[str, Any]) -> bool:
    """Whether an object is a conversation with its messages."""
    return isinstance(item.get("messages"), list) and "conversation_id" in item


def conversation_text(item: Mapping[str, Any], tokens: int) -> str:
    """The messages on one line, in their order: first those that were found are let in, then their neighbours."""
    messages = cast("Sequence[Mapping[str, Any]]", item["messages"])
    head = f"conversation {compact(item['conversation_id'], 60)}, {len(messages):,} messages"
    found = [at for at, message in enumerate(messages) if message.get("relevant")] or [0]
    nearest = sorted(range(len(messages)), key=lambda at: (min(abs(at - hit) for hit in found), at))
    left = int((tokens - _LEAST) * CHARACTERS_PER_TOKEN) - len(head.encode())
    each = max(_LEAST, min(_MOST, tokens // max(len(found), 1)))
    told: dict[int, str] = {}
    for at in nearest:
        text = _message(messages[at], each)
        cost = len(text.encode("utf-8", "replace")) + 6
        if cost > left and told:
            break
        told[at] = text
        left -= cost
    parts: list[str] = []
    before = -1
    for at in sorted(told):
        parts += ["…"] * (at > before + 1) + [told[at]]
        before = at
    return clipped(f"{head}: {' | '.join(parts)}{' | …' if before < len(messages) - 1 else ''}", tokens)


def _message(message: Mapping[str, Any], tokens: int) -> str:
    fields = {key: value for key, value in message.items() if key not in _HIDDEN and value is not None}
    each = max(int(tokens * CHARACTERS_PER_TOKEN / max(len(fields), 1)), 30)
    told = ", ".join(f"{compact(key, 60)}: {compact(value, each * 2)}" for key, value in fields.items())
    return f"{_FOUND if message.get('relevant') else ''}{clipped(told, tokens)}"
