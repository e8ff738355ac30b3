"""The event that a state manager is made for: who asked what in which conversation."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from elysia_desktop.state.messages import Message


class EventMessage(BaseModel):
    """A message that an event names; `text` is empty for an answer that is still to be written."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(default_factory=lambda: f"msg-{uuid4()}")
    text: str = ""


def _as_message(value: Any) -> Any:
    """A text as a message; a message of the conversation, or anything else with an id, by its id and text."""
    if value is None:
        return EventMessage()
    if isinstance(value, str):
        return EventMessage(text=value)
    if hasattr(value, "content") and hasattr(value, "id"):
        return EventMessage(id=value.id, text=value.content)
    return value


def _own(value: Any) -> Any:
    """A copy, so that the event does not change with what it was made of."""
    return deepcopy(value) if value is not None else dict[str, Any]()


Told = Annotated[EventMessage, BeforeValidator(_as_message)]


class ExternalModuleChosenEvent(BaseModel):
    """Somebody asked something that a state manager is to answer; messages may be given as plain text."""

    model_config = ConfigDict(frozen=True)

    user_id: str = ""
    conversation_id: str = Field(default_factory=lambda: str(uuid4()))
    user_message: Told = Field(default_factory=EventMessage)
    assistant_message: Told = Field(default_factory=EventMessage)
    payload: Annotated[dict[str, Any], BeforeValidator(_own)] = Field(default_factory=dict[str, Any])
    """What else the sender wants tools to know."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            user_id: str = "",
            conversation_id: str = "",
            user_message: EventMessage | Message | str = "",
            assistant_message: EventMessage | Message | str = "",
            payload: Mapping[str, Any] | None = None,
        ) -> None: ...
