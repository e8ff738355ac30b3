"""Messages: what a person, a model and its functions have said, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self, cast
from uuid import uuid4

from elysia_desktop.core.chat import ChatCall, ChatMessage
from elysia_desktop.core.jsonable import jsonable
from elysia_desktop.core.sources import Source
from elysia_desktop.state.running import check_running


class Role(StrEnum):
    """Who speaks; a notice is shown to the person and told to no model."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    NOTICE = "notice"


@dataclass(frozen=True)
class FunctionCall:
    """A call that a model asked for; `parent_id` is the call within which it was made, empty for none."""

    id: str
    name: str
    arguments: str = "{}"
    """JSON as the model wrote it, valid or not."""
    parent_id: str = ""

    def to_chat(self) -> ChatCall:
        """The call in OpenAI's shape."""
        return {
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments},
        }

    def to_dict(self) -> dict[str, Any]:
        """The call, JSON-ready."""
        told = {"id": self.id, "name": self.name, "arguments": self.arguments}
        return {**told, "parent_id": self.parent_id} if self.parent_id else told

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FunctionCall:
        """The call that `to_dict` or `to_chat` wrote."""
        told: Mapping[str, Any] = data.get("function") or data
        return cls(
            id=str(data.get("id") or ""),
            name=str(told.get("name") or ""),
            arguments=str(told.get("arguments") or "{}"),
            parent_id=str(data.get("parent_id") or ""),
        )


@dataclass(frozen=True)
class ToolOutput:
    """What a call came to: `outcome` is `done`, `failed`, `skipped` or `stopped`."""

    call_id: str
    name: str
    content: str
    sources: tuple[Source, ...] = ()
    outcome: str = "done"

    def to_message(self) -> Message:
        """The tool message that answers the call."""
        extra = {} if self.outcome == "done" else {"outcome": self.outcome}
        return Message(
            Role.TOOL,
            self.content,
            tool_call_id=self.call_id,
            name=self.name,
            sources=self.sources,
            extra=extra,
        )


@dataclass
class Message:
    """One message; `on_change` hears of its text: what was added, or None when all of it is new."""

    role: Role
    content: str = ""
    func_calls: tuple[FunctionCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""
    sources: tuple[Source, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: f"msg-{uuid4()}")
    on_change: Callable[[Message, str | None], None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.role = Role(self.role)
        self.func_calls = tuple(self.func_calls)
        self.sources = tuple(self.sources)

    def __str__(self) -> str:
        return self.content

    @classmethod
    def SYSTEM(cls, content: str, **fields: Any) -> Self:  # noqa: N802 - named as its role
        """An instruction to the model."""
        return cls(Role.SYSTEM, content, **fields)

    @classmethod
    def USER(cls, content: str, **fields: Any) -> Self:  # noqa: N802 - named as its role
        """What the person says."""
        return cls(Role.USER, content, **fields)

    @classmethod
    def ASSISTANT(  # noqa: N802 - named as its role
        cls, content: str = "", func_calls: Sequence[FunctionCall] = (), **fields: Any
    ) -> Self:
        """What the model says, and the functions it asks for."""
        return cls(Role.ASSISTANT, content, tuple(func_calls), **fields)

    @classmethod
    def TOOL(cls, content: str, tool_call_id: str = "", name: str = "", **fields: Any) -> Self:  # noqa: N802 - named as its role
        """What a function returned; to be sent it needs the id of the call that it answers."""
        return cls(Role.TOOL, content, tool_call_id=tool_call_id, name=name, **fields)

    @classmethod
    def NOTICE(cls, content: str, **fields: Any) -> Self:  # noqa: N802 - named as its role
        """What the person is shown and no model is told."""
        return cls(Role.NOTICE, content, **fields)

    def update(self, content: str) -> Self:
        """Put this text in place of what stands there; `Stopped` in the thread of a tool that was given up."""
        check_running()
        self.content = content
        self._tell(None)
        return self

    def add(self, delta: str) -> Self:
        """Put this text behind what stands there; `Stopped` in the thread of a tool that was given up."""
        check_running()
        if delta:
            self.content += delta
            self._tell(delta)
        return self

    def copy(self, **changes: Any) -> Message:
        """A message of its own with the same id, which tells nobody of its changes."""
        return replace(self, **{"extra": deepcopy(self.extra), **changes, "on_change": None})

    def to_chat(self) -> ChatMessage:
        """The message in OpenAI's shape; `ValueError` for a notice, which no model is told."""
        if self.role is Role.NOTICE:
            raise ValueError("A notice is for the person; no model is told of it.")
        told: ChatMessage = {"role": self.role.value, "content": self.content}
        if self.func_calls:
            told["tool_calls"] = [call.to_chat() for call in self.func_calls]
        if self.role is Role.TOOL:
            told["tool_call_id"] = self.tool_call_id
        if self.name:
            told["name"] = self.name
        return told

    def to_dict(self) -> dict[str, Any]:
        """The message, JSON-ready; `TypeError` with the path of what its `extra` holds that is not."""
        told: dict[str, Any] = {
            "id": self.id,
            "role": self.role.value,
            "content": self.content,
            "created_at": self.created_at.isoformat(),
            "func_calls": [call.to_dict() for call in self.func_calls],
            "tool_call_id": self.tool_call_id,
            "name": self.name,
            "sources": [{"number": source.number, "ref_id": source.ref_id} for source in self.sources],
            "extra": jsonable(self.extra, path="extra"),
        }
        always = {"id", "role", "content", "created_at"}
        return {name: value for name, value in told.items() if value or name in always}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The message that `to_dict` wrote, or one in OpenAI's shape; `ValueError` for what is neither."""
        role = data.get("role")
        if role not in set(Role):
            known = ", ".join(Role)
            raise ValueError(f"A message is from one of {known}, not from {role!r}.")
        given: dict[str, Any] = {}
        if data.get("id"):
            given["id"] = str(data["id"])
        if data.get("created_at"):
            given["created_at"] = datetime.fromisoformat(str(data["created_at"]))
        calls: Sequence[Mapping[str, Any]] = data.get("func_calls") or data.get("tool_calls") or ()
        sources: Sequence[Mapping[str, Any]] = data.get("sources") or ()
        return cls(
            Role(role),
            _text(data.get("content")),
            func_calls=tuple(FunctionCall.from_dict(call) for call in calls),
            tool_call_id=str(data.get("tool_call_id") or ""),
            name=str(data.get("name") or ""),
            sources=tuple(Source(int(one["number"]), str(one["ref_id"])) for one in sources),
            extra=jsonable(dict(data.get("extra") or {}), path="extra"),
            **given,
        )

    def _tell(self, delta: str | None) -> None:
        if self.on_change is not None:
            self.on_change(self, delta)


def _text(content: Any) -> str:
    """A message's text; OpenAI's shape also has none, or a list of parts."""
    if isinstance(content, list):
        parts = cast("list[dict[str, Any] | str]", content)
        return "".join(part if isinstance(part, str) else str(part.get("text") or "") for part in parts)
    return "" if content is None else str(content)
