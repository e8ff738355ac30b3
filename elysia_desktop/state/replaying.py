"""Function calls that a conversation keeps: how a turn's are added to it, and which of earlier ones a model is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

from elysia_desktop.state.exchanges import answered
from elysia_desktop.state.messages import FunctionCall, Message, Role


def noted(user: Message, key: str, messages: Sequence[Message]) -> None:
    """Keep these calls and answers with the person's message; what it keeps already is replaced, not repeated."""
    kept: Any = user.extra.get(key)
    entries = cast("list[Any]", kept) if isinstance(kept, list) else []
    told = {message.id: message.to_dict() for message in messages}
    known = [_id(entry) for entry in entries]
    user.extra[key] = [
        *(told.get(name, entry) for name, entry in zip(known, entries, strict=True)),
        *(entry for name, entry in told.items() if name not in known),
    ]


def replayable(
    messages: Iterable[Message], replayed: Collection[str], tools: Collection[str]
) -> list[Message]:
    """The messages without those calls of earlier turns whose tools are not registered now, and their answers."""
    return answered(
        message.copy(func_calls=tuple(call for call in message.func_calls if call.name in tools))
        if message.id in replayed and message.func_calls
        else message
        for message in messages
    )


def kept_ids(messages: Iterable[Message]) -> frozenset[str]:
    """The ids of the calls and answers among these messages."""
    return frozenset(message.id for message in messages if message.func_calls or message.role is Role.TOOL)


def with_own_ids(calls: Sequence[FunctionCall], messages: Iterable[Message]) -> tuple[FunctionCall, ...]:
    """The calls with ids of their own: servers leave them out, or count from one again with each reply."""
    taken = {call.id for message in messages for call in message.func_calls} | {""}
    own: list[FunctionCall] = []
    for call in calls:
        own.append(replace(call, id=f"call-{uuid4()}") if call.id in taken else call)
        taken.add(call.id)
    return tuple(own)


def _id(entry: Any) -> str:
    return str(cast("dict[str, Any]", entry).get("id", "")) if isinstance(entry, dict) else ""
