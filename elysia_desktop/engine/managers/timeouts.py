"""What is sent instead of an answer when a conversation or its user has been timed out."""

from __future__ import annotations

from elysia_desktop.core.payloads import Payload, Update, envelope


class TreeTimeoutError(Update):
    """The conversation was left alone for too long."""

    def __init__(self) -> None:
        super().__init__(
            "tree_timeout_error",
            {
                "text": "This conversation has been timed out due to inactivity. "
                "Please start a new conversation."
            },
        )


class UserTimeoutError(Update):
    """The user was away for too long."""

    def __init__(self) -> None:
        super().__init__(
            "user_timeout_error",
            {"text": "You have been timed out due to inactivity. Please start a new conversation."},
        )


def told(
    error: TreeTimeoutError | UserTimeoutError, user_id: str, conversation_id: str, query_id: str
) -> Payload:
    """The payload that says so."""
    return envelope(error.frontend_type, error.to_json(), user_id, conversation_id, query_id)
