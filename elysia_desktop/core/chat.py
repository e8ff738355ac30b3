"""What is said to a chat model and what it asks for: messages, functions it may call, and its calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict


class CalledFunction(TypedDict):
    """The function of a call in OpenAI's shape; `arguments` is JSON as the model wrote it, valid or not."""

    name: str
    arguments: str


class ChatCall(TypedDict):
    """A call in OpenAI's shape."""

    id: str
    type: Literal["function"]
    function: CalledFunction


class ChatMessage(TypedDict):
    """One message in OpenAI's shape; `tool_calls` only of an assistant, `tool_call_id` only of a tool."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: NotRequired[list[ChatCall]]
    tool_call_id: NotRequired[str]
    name: NotRequired[str]


@dataclass(frozen=True)
class FunctionSpec:
    """A function that a model may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class RequestedCall:
    """A call that a model asks for; `arguments` is JSON as it wrote it, valid or not."""

    id: str
    name: str
    arguments: str


ToolChoice = Literal["auto", "none", "required"] | str
"""Whether functions may or must be called, or the name of the one that must."""
