import re

import pytest

from elysia_desktop.core.payloads import (
    Completed,
    ConsentAsked,
    Error,
    ModelUsed,
    Return,
    Status,
    StepFinished,
    TextDelta,
    TreeUpdate,
    Update,
    Warning,  # noqa: A004 - public name
)

ADDRESS = ("someone", "a conversation", "a query")

ROWS = [
    (Update("chart", {"x": 1}), "chart", {"x": 1}),
    (Status("Searching…"), "status", {"text": "Searching…"}),
    (Warning("Careful."), "warning", {"text": "Careful."}),
    (
        ConsentAsked("log_it", "May it be logged?"),
        "consent_asked",
        {"setting": "log_it", "text": "May it be logged?"},
    ),
    (Completed(), "completed", {}),
    (Error("No.", "Traceback"), "self_healing_error", {"feedback": "No.", "error_message": "Traceback"}),
    (Error(), "self_healing_error", {"feedback": "An unknown issue occurred.", "error_message": ""}),
    (
        TreeUpdate("base", "query", "because", reset_tree=True),
        "tree_update",
        {"node": "base", "tree_index": 0, "decision": "query", "reasoning": "because", "reset": True},
    ),
    (TextDelta("tex-1", "Hel"), "text_delta", {"message_id": "tex-1", "delta": "Hel"}),
    (
        StepFinished("query", 0.12345, "Films · 2 objects"),
        "step_finished",
        {"node": "query", "seconds": 0.123, "found": "Films · 2 objects", "failed": False},
    ),
    (
        ModelUsed("decision", "m", seconds=1.23456, input_tokens=3, output_tokens=4, options=("a",)),
        "model_used",
        {
            "purpose": "decision",
            "model": "m",
            "seconds": 1.235,
            "input_tokens": 3,
            "output_tokens": 4,
            "attempts": 1,
            "cost": None,
            "options": ["a"],
            "exchanges": [],
        },
    ),
]


@pytest.mark.parametrize(("item", "kind", "body"), ROWS, ids=lambda value: type(value).__name__)
async def test_a_payload_is_wrapped_in_its_envelope(item, kind, body):
    payload = await item.to_frontend(*ADDRESS)
    assert list(payload) == ["type", "id", "user_id", "conversation_id", "query_id", "payload"]
    assert (payload["type"], payload["payload"]) == (kind, body)
    assert (payload["user_id"], payload["conversation_id"], payload["query_id"]) == ADDRESS
    assert re.fullmatch(rf"{kind[:3]}-[0-9a-f-]{{36}}", payload["id"])


async def test_two_sendings_have_two_ids():
    status = Status("…")
    assert (await status.to_frontend(*ADDRESS))["id"] != (await status.to_frontend(*ADDRESS))["id"]


async def test_a_tree_update_tells_how_many_iterations_are_finished():
    payload = await TreeUpdate("base", "query", "").to_frontend(*ADDRESS, tree_index=3)
    assert payload["payload"]["tree_index"] == 3


async def test_a_bare_return_says_that_it_has_no_form():
    with pytest.raises(TypeError, match="Return has no form"):
        await Return("x", "y").to_frontend(*ADDRESS)


async def test_an_update_that_is_no_json_names_the_place():
    with pytest.raises(TypeError, match=r"chart\.x is a object"):
        await Update("chart", {"x": object()}).to_frontend(*ADDRESS)
