"""What a run sends to whoever shows it: the envelope and the payloads that carry no objects."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from elysia_desktop.core.jsonable import jsonable

Payload = dict[str, Any]
"""`{"type", "id", "user_id", "conversation_id", "query_id", "payload"}`, JSON-ready."""


def envelope(
    frontend_type: str,
    payload: Any,
    user_id: str,
    conversation_id: str,
    query_id: str,
    payload_id: str | None = None,
) -> Payload:
    """Wrap a payload for the front end; its id is the type's first three letters and a uuid."""
    return {
        "type": frontend_type,
        "id": payload_id or f"{frontend_type[:3]}-{uuid4()}",
        "user_id": user_id,
        "conversation_id": conversation_id,
        "query_id": query_id,
        "payload": payload,
    }


class Return:
    """Something a tool yields that is sent to the front end."""

    def __init__(self, frontend_type: str, payload_type: str) -> None:
        self.frontend_type = frontend_type
        self.payload_type = payload_type

    async def to_frontend(self, user_id: str, conversation_id: str, query_id: str) -> Payload | None:  # noqa: ARG002
        """The JSON-ready payload, or None when there is nothing to show."""
        raise TypeError(f"{type(self).__name__} has no form for the front end; yield one of its subclasses.")


class Update(Return):
    """A payload that is its object."""

    def __init__(self, frontend_type: str, object: dict[str, Any]) -> None:  # noqa: A002 - public name
        super().__init__(frontend_type, "update")
        self.object = object

    def to_json(self) -> dict[str, Any]:
        """The object, JSON-ready."""
        return jsonable(self.object, path=self.frontend_type)

    async def to_frontend(self, user_id: str, conversation_id: str, query_id: str) -> Payload | None:
        """The object in its envelope."""
        return envelope(self.frontend_type, self.to_json(), user_id, conversation_id, query_id)


class Status(Update):
    """What is being done right now."""

    def __init__(self, text: str) -> None:
        super().__init__("status", {"text": text})
        self.text = text


class Warning(Update):  # noqa: A001 - public name
    """Something the person should know, which does not stop the run."""

    def __init__(self, text: str) -> None:
        super().__init__("warning", {"text": text})
        self.text = text


class ConsentAsked(Update):
    """A question to the person: whether a setting that is yes or no, and is left open so far, may be a yes."""

    def __init__(self, setting: str, text: str) -> None:
        super().__init__("consent_asked", {"setting": setting, "text": text})
        self.setting = setting
        self.text = text


class Completed(Update):
    """The run is over; sent last and exactly once."""

    def __init__(self) -> None:
        super().__init__("completed", {})


class Error(Update):
    """A failure that the tree hears of and may heal."""

    def __init__(self, feedback: str = "", error_message: str = "") -> None:
        self.feedback = feedback or "An unknown issue occurred."
        self.error_message = error_message
        super().__init__("self_healing_error", {"feedback": self.feedback, "error_message": error_message})


class TreeUpdate(Return):
    """A decision: the way from one node of the tree to the next."""

    def __init__(self, from_node: str, to_node: str, reasoning: str, reset_tree: bool = False) -> None:
        super().__init__("tree_update", "update")
        self.from_node = from_node
        self.to_node = to_node
        self.reasoning = reasoning
        self.reset_tree = reset_tree

    async def to_frontend(
        self, user_id: str, conversation_id: str, query_id: str, tree_index: int = 0
    ) -> Payload | None:
        """The decision in its envelope; `tree_index` is the number of finished iterations."""
        payload = {
            "node": self.from_node,
            "tree_index": tree_index,
            "decision": self.to_node,
            "reasoning": self.reasoning,
            "reset": self.reset_tree,
        }
        return envelope(self.frontend_type, payload, user_id, conversation_id, query_id)


class TextDelta(Update):
    """A piece of an answer as it is written; `message_id` is the id of the `text` payload that ends it."""

    def __init__(self, message_id: str, delta: str) -> None:
        super().__init__("text_delta", {"message_id": message_id, "delta": delta})


class TextReplaced(Update):
    """All of an answer that is still being written, anew; what was shown of it before goes."""

    def __init__(self, message_id: str, text: str) -> None:
        super().__init__("text_replaced", {"message_id": message_id, "text": text})


class ToolCalled(Update):
    """A function has been called; `parent_id` is the call within which it was, empty for none."""

    def __init__(self, call_id: str, name: str, arguments: str, parent_id: str = "") -> None:
        super().__init__(
            "tool_called",
            {"call_id": call_id, "name": name, "arguments": arguments, "parent_id": parent_id},
        )


class ToolReturned(Update):
    """A function call ended: `outcome` is `done`, `failed`, `skipped` or `stopped`, `content` what the model hears."""

    def __init__(self, call_id: str, outcome: str, content: str, seconds: float) -> None:
        super().__init__(
            "tool_returned",
            {"call_id": call_id, "outcome": outcome, "content": content, "seconds": round(seconds, 3)},
        )


class StepFinished(Update):
    """A tool has ended: how long it took, what it found, in one line."""

    def __init__(self, node: str, seconds: float, found: str = "", failed: bool = False) -> None:
        super().__init__(
            "step_finished", {"node": node, "seconds": round(seconds, 3), "found": found, "failed": failed}
        )


class ModelUsed(Update):
    """A model call has ended: what for, how long, how many tokens, at what price (USD; None when unknown).

    `exchanges` are the ids under which a recorder keeps the prompts and replies.
    """

    def __init__(
        self,
        purpose: str,
        model: str,
        *,
        seconds: float,
        input_tokens: int,
        output_tokens: int,
        attempts: int = 1,
        cost: float | None = None,
        options: tuple[str, ...] = (),
        exchanges: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            "model_used",
            {
                "purpose": purpose,
                "model": model,
                "seconds": round(seconds, 3),
                "input_tokens": input_tokens,
                "output_tokens": output_tokens,
                "attempts": attempts,
                "cost": cost,
                "options": list(options),
                "exchanges": list(exchanges),
            },
        )
