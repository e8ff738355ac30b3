"""Function calls and their answers: which belong together, and how they are kept with a user's message."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, cast

from elysia_desktop.state.messages import FunctionCall, Message, Role

logger = logging.getLogger(__name__)

TOOL_CALLS = "state_manager_tool_calls"
"""Where a user's message keeps, in its `extra`, the calls that were made to answer it."""


def exchanges(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """The messages in groups that must stay together: an assistant's calls with what answers them, others alone."""
    group: list[Message] = []
    for message in messages:
        if group and group[0].func_calls and message.role in {Role.TOOL, Role.NOTICE}:
            group.append(message)
            continue
        if group:
            yield group
        group = [message]
    if group:
        yield group


def answered(messages: Iterable[Message]) -> list[Message]:
    """The messages without calls that nothing answers, and without answers to what nobody called.

    A call that is answered twice keeps its first answer. A message that has lost calls is a copy; where neither
    calls nor text are left, it goes too.
    """
    return [message for group in exchanges(messages) for message in _paired(group)]


def expanded(
    messages: Iterable[Message], tools: Collection[str] | None = None, key: str = TOOL_CALLS
) -> Iterator[Message]:
    """The messages with the calls that users' messages keep after these; only those of `tools`, if given."""
    for message in messages:
        kept = message.extra.get(key) if message.role is Role.USER else None
        if kept is None:
            yield message
            continue
        yield _with_extra(message, {name: message.extra[name] for name in message.extra if name != key})
        yield from answered(_of(tools, _read(kept)))


def _with_extra(message: Message, extra: dict[str, Any]) -> Message:
    """A copy that still tells of its changes."""
    copied = message.copy(extra=extra)
    copied.on_change = message.on_change
    return copied


def _paired(group: Sequence[Message]) -> list[Message]:
    """One exchange with exactly one answer to each of its calls."""
    first, *others = group
    if not first.func_calls:
        return [] if first.role is Role.TOOL else list(group)
    wanted = {call.id for call in first.func_calls}
    answers: dict[str, Message] = {}
    for message in others:
        if message.role is Role.TOOL and message.tool_call_id in wanted:
            answers.setdefault(message.tool_call_id, message)
    once: dict[str, FunctionCall] = {}
    for call in first.func_calls:
        if call.id in answers:
            once.setdefault(call.id, call)
    taken = {id(message) for message in answers.values()}
    rest = [message for message in others if message.role is Role.NOTICE or id(message) in taken]
    if len(once) == len(first.func_calls):
        return [first, *rest]
    return [first.copy(func_calls=tuple(once.values())), *rest] if once or first.content else rest


def _of(tools: Collection[str] | None, messages: Sequence[Message]) -> list[Message]:
    """Only the calls of these functions; `answered` then takes out what has answered the others."""
    if tools is None:
        return list(messages)
    left: list[Message] = []
    for message in messages:
        calls = tuple(call for call in message.func_calls if call.name in tools)
        if len(calls) == len(message.func_calls):
            left.append(message)
        elif calls or message.content:
            left.append(message.copy(func_calls=calls))
    return left


def _read(kept: Any) -> list[Message]:
    """The messages that were kept; what is no message, as a file may hold anything, is passed over."""
    messages: list[Message] = []
    for entry in cast("list[Any]", kept) if isinstance(kept, list) else []:
        try:
            messages.append(Message.from_dict(entry))
        except (ValueError, TypeError, KeyError, AttributeError):
            logger.warning("Passed over a function call that cannot be read")
    return messages
