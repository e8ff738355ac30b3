"""A passage of a file, as a prompt tells it: where it stands, then as much of its words as fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elysia_desktop.engine.budget import clipped, compact

_PLACE = {"document_id", "content", "page", "heading", "start", "end"}
_WORDS = 8_000


def is_passage(item: Mapping[str, Any]) -> bool:
    """Whether an object is a passage of a file of the conversation."""
    return item.keys() >= _PLACE


def passage_text(item: Mapping[str, Any], tokens: int) -> str:
    """File, page and heading, then the passage on one line."""
    page = f"page {item['page']}" if item.get("page") else ""
    place = [
        compact(item.get("title") or "file", 60),
        page,
        compact(item.get("heading") or "", 80).strip('"'),
    ]
    return clipped(f"{', '.join(filter(None, place))}: {compact(item['content'], _WORDS)}", tokens)
