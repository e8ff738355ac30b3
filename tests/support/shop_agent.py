"""What a sensible model would say to the agent's prompts about the shop's sample data."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from support.scripted_model import Body, Json, Reply, Say

Kind = Literal["decision", "query", "aggregate", "answer"]

QUESTION = "Which waterproof jackets under £200 are rated best?"

JACKETS: dict[str, Any] = {
    "collection": "Products",
    "search_words": None,
    "filters": [
        {"property": "category", "operator": "=", "value": "Jackets"},
        {"property": "waterproof", "operator": "=", "value": True},
        {"property": "price", "operator": "<", "value": 200},
    ],
    "match": "all",
    "sort_by": "rating",
    "order": "highest first",
    "limit": 10,
    "display": "table",
}


def decision(option: str, reasoning: str = "", *, update: str = "", end: bool = False, **inputs: Any) -> Json:
    """A decision for one of the offered options."""
    return Json(
        {
            "reasoning": reasoning,
            "choice": {"option": option, "inputs": inputs},
            "message_update": update,
            "end_actions": end,
            "impossible": False,
        }
    )


def cited(title: str, *segments: tuple[str, Sequence[int]], pause: float = 0.0) -> Say:
    """An answer in segments that cite objects by number, streamed."""
    answer = [{"text": text, "refs": list(refs)} for text, refs in segments]
    return Say(json.dumps({"title": title, "answer": answer}, ensure_ascii=False), piece=12, pause=pause)


def kind_of(body: Body) -> Kind:
    """Which of the agent's prompts a request is."""
    system = str(body["messages"][0]["content"])
    if "Options:" in system:
        return "decision"
    if "Write the queries" in system:
        return "query"
    if "Write the aggregations" in system:
        return "aggregate"
    assert "Answer the person's question from" in system, system
    return "answer"


class ShopAgent:
    """Replies per kind of prompt, each list in order; the last reply of a list is repeated."""

    def __init__(self, replies: Mapping[Kind, Sequence[Reply | Callable[[Body], Reply]]]) -> None:
        self._replies = {kind: list(listed) for kind, listed in replies.items()}
        self._lock = threading.Lock()

    def __call__(self, body: Body) -> Reply:
        with self._lock:
            listed = self._replies[kind_of(body)]
            reply = listed.pop(0) if len(listed) > 1 else listed[0]
        return reply(body) if callable(reply) else reply
