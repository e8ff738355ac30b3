"""Runs as the tests of the chat play them: payloads, turns, and cards that only remember."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.payloads import Payload, envelope

CITED = {
    "type": "text_with_citations",
    "metadata": {},
    "objects": [
        {"text": "The **tent** leads with 4.8.", "ref_ids": ["query_Products_0_0"]},
        {"text": "Price is a weak guide.", "ref_ids": ["aggregate_Products_0_0", "query_Products_0_1"]},
    ],
}
PRODUCTS = {
    "type": "table",
    "objects": [
        {"name": "Alpine 3 Tent", "price": 349.0, "stock": None, "_REF_ID": "query_Products_0_0"},
        {"name": "Ridge 45 Backpack", "price": 159.9, "stock": 31, "_REF_ID": "query_Products_0_1"},
    ],
    "metadata": {"collection_name": "Products", "total": 214},
}


WAITING = PRODUCTS | {"metadata": {"collection_name": "Products", "total": 214, "needs_summaries": True}}
SUMMARISED = PRODUCTS | {
    "objects": [{**item, "ELYSIA_SUMMARY": f"About {item['name']}."} for item in PRODUCTS["objects"]]
}


class RememberingCard(QWidget):
    """Stands for a result card."""

    object_selected = Signal(str)
    passage_wanted = Signal(str)
    opened = Signal()

    def __init__(self, content: dict[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self.payload = content
        self.selected: list[str] = []
        self.setMinimumHeight(120)

    def show_summaries(self, content: dict[str, Any]) -> None:
        self.payload = content

    def select_ref(self, ref_id: str) -> bool:
        known = any(each["_REF_ID"] == ref_id for each in self.payload["objects"])
        if known:
            self.selected.append(ref_id)
        return known


def payload(
    kind: str, content: dict[str, Any], query_id: str = "q1", payload_id: str | None = None
) -> Payload:
    return envelope(kind, content, "person", "conversation", query_id, payload_id)


def decision(node: str, to: str) -> Payload:
    return payload(
        "tree_update", {"node": node, "decision": to, "reasoning": "", "tree_index": 0, "reset": False}
    )


def finished(node: str, seconds: float = 1.4, found: str = "", failed: bool = False) -> Payload:
    return payload("step_finished", {"node": node, "seconds": seconds, "found": found, "failed": failed})


def model_used(tokens: int = 100, cost: float | None = 0.001) -> Payload:
    return payload(
        "model_used",
        {"purpose": "decision", "model": "m", "input_tokens": tokens, "output_tokens": 0, "cost": cost},
    )


def delta(text: str, message_id: str = "tex-1") -> Payload:
    return payload("text_delta", {"message_id": message_id, "delta": text})


def response(text: str, message_id: str = "tex-1") -> Payload:
    return payload(
        "text", {"type": "response", "metadata": {}, "objects": [{"text": text}]}, "q1", message_id
    )


def a_run() -> list[Payload]:
    return [
        decision("base", "query"),
        finished("query", 1.4, "Products · 2 objects"),
        payload("result", PRODUCTS),
        decision("base", "cited_summarize"),
        model_used(),
        payload("text", CITED, "q1", "tex-1"),
        finished("cited_summarize", 2.0),
        payload("completed", {}),
    ]


def a_turn(
    query_id: str = "q1",
    payloads: list[Payload] | None = None,
    seconds: float | None = 4.5,
    stopped: bool = False,
    prompt: str = "Which products are rated best?",
) -> Turn:
    asked_at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    return Turn(query_id, prompt, asked_at, payloads if payloads is not None else [], seconds, stopped)
