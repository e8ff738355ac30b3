"""Requests to a model as a recorder keeps them, and the calls that tell of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from elysia_desktop.engine.recorder import Exchange
from elysia_desktop.ui.inspector.run_record import ModelCall

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def exchange(number: int, **changed: Any) -> Exchange:
    """A decision that was sent `number` seconds after the start."""
    values: dict[str, Any] = {
        "id": f"e{number}",
        "at": at(number),
        "purpose": "decision",
        "model": "gpt-oss:20b",
        "system": "Decide.",
        "user": f"Question {number}",
        "schema": {"type": "object"},
        "reply": '{"option": "query"}',
        "error": "",
        "input_tokens": 1612,
        "output_tokens": 58,
        "seconds": 0.8,
        "cost": 0.0004,
    }
    return Exchange(**(values | changed))


def call(*exchanges: str, purpose: str = "decision", attempts: int = 1) -> ModelCall:
    return ModelCall(purpose, "gpt-oss:20b", 1.5, 100, 10, attempts, None, (), exchanges)


def used(*exchanges: str, purpose: str = "decision") -> dict[str, Any]:
    """The payload of a call."""
    content = {"purpose": purpose, "model": "gpt-oss:20b", "seconds": 1.5, "attempts": 1, "cost": None}
    told = {"input_tokens": 100, "output_tokens": 10, "options": [], "exchanges": list(exchanges)}
    return {"type": "model_used", "query_id": "q1", "payload": content | told}


def decided(chosen: str) -> dict[str, Any]:
    return {"type": "tree_update", "query_id": "q1", "payload": {"node": "base", "decision": chosen}}


def finished(node: str) -> dict[str, Any]:
    return {"type": "step_finished", "query_id": "q1", "payload": {"node": node, "seconds": 1.0}}
