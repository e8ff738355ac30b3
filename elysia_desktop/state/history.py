"""How much of a conversation a model is told: the newest that fits, with what belongs together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from elysia_desktop.core.chat import ChatMessage
from elysia_desktop.engine.budget import clipped, estimate_tokens
from elysia_desktop.state.exchanges import answered, exchanges
from elysia_desktop.state.messages import Message, Role

_LEAST = 60
"""Tokens; an exchange is not told in part in fewer."""


def message_tokens(message: Message) -> int:
    """About how many tokens a message takes, its calls included; a notice takes none."""
    if message.role is Role.NOTICE:
        return 0
    calls = sum(estimate_tokens(f"{call.name} {call.arguments}") for call in message.func_calls)
    return estimate_tokens(message.content) + calls


def total_tokens(messages: Iterable[Message]) -> int:
    """About how many tokens these messages take."""
    return sum(map(message_tokens, messages))


def front_of(messages: Sequence[Message]) -> int:
    """How many system messages stand in front."""
    return next(
        (place for place, message in enumerate(messages) if message.role is not Role.SYSTEM), len(messages)
    )


def newest(messages: Sequence[Message], tokens: int) -> list[Message]:
    """The system messages in front, and the newest of the others that fit beside them.

    Calls stay with what answers them. Nothing is left out between two that are kept.
    """
    front = front_of(messages)
    left = tokens - total_tokens(messages[:front])
    kept: list[list[Message]] = []
    for group in reversed(list(exchanges(messages[front:]))):
        left -= total_tokens(group)
        if left < 0:
            break
        kept.append(group)
    return [*messages[:front], *(message for group in reversed(kept) for message in group)]


def sendable(messages: Iterable[Message]) -> list[Message]:
    """What a model may be told: no notices, no calls without answers or the reverse, nothing said without words."""
    told = answered(message for message in messages if message.role is not Role.NOTICE)
    return [
        message
        for message in told
        if message.content or message.func_calls or message.role is not Role.ASSISTANT
    ]


def truncated_history(
    messages: Sequence[Message],
    *,
    most: int,
    tokens: int,
    least: int = 0,
    system_message: Message | None = None,
) -> list[ChatMessage]:
    """The newest of the conversation in OpenAI's shape, oldest first: at most `most` messages and `tokens` tokens.

    The oldest are dropped first, but not below `least` messages, whatever they take. An assistant's calls stay with
    their answers. System messages in front stay, before them `system_message`; they count as tokens, not as messages.
    """
    told = sendable(messages)
    place = front_of(told)
    front = [*([system_message] if system_message else []), *told[:place]]
    groups = list(exchanges(told[place:]))
    count, left = len(told) - place, tokens - total_tokens(front) - total_tokens(told[place:])
    dropped = 0
    while dropped < len(groups) and (count > most or left < 0) and count - len(groups[dropped]) >= least:
        count -= len(groups[dropped])
        left += total_tokens(groups[dropped])
        dropped += 1
    kept = (message for group in groups[dropped:] for message in group)
    return [message.to_chat() for message in (*front, *kept)]


def fitted(messages: Sequence[Message], tokens: int) -> list[Message]:
    """The messages cut to a number of tokens: the last exchange and the last question stay, then the newest that fit.

    Where these are too long, and the oldest that is kept in part, the longest texts are clipped. System messages in
    front may take half of the room, or what the others leave. Only calls with long arguments may take more.
    """
    if total_tokens(messages) <= tokens:
        return list(messages)
    place = front_of(messages)
    groups = list(exchanges(messages[place:]))
    front = _clipped(messages[:place], max(tokens // 2, tokens - total_tokens(messages[place:])))
    left = tokens - total_tokens(front)
    kept = _needed(groups, left)
    left -= sum(map(total_tokens, kept.values()))
    for number in reversed([number for number in range(len(groups)) if number not in kept]):
        group = groups[number]
        fits = total_tokens(group) <= left
        part = group if fits else _clipped(group, left) if left >= _LEAST else []
        if total_tokens(part) <= left:
            kept[number] = part
            left -= total_tokens(part)
        if not fits:
            break
    return [*front, *(message for number in _from_a_question(kept) for message in kept[number])]


def _from_a_question(kept: Mapping[int, Sequence[Message]]) -> list[int]:
    """The numbers in order, without what answers a question that is not told: some providers refuse such a beginning."""
    numbers = sorted(kept)
    questions = [number for number in numbers if kept[number] and kept[number][0].role is Role.USER]
    return [number for number in numbers if not questions or number >= questions[0]]


def _needed(groups: Sequence[Sequence[Message]], tokens: int) -> dict[int, list[Message]]:
    """The last exchange, and the last question without which it makes no sense, by their numbers."""
    questions = [number for number, group in enumerate(groups) if group[0].role is Role.USER]
    numbers = sorted({*questions[-1:], *range(len(groups))[-1:]})
    cut = iter(_clipped([message for number in numbers for message in groups[number]], tokens))
    return {number: [next(cut) for _ in groups[number]] for number in numbers}


def _clipped(messages: Sequence[Message], tokens: int) -> list[Message]:
    """The messages within a number of tokens: what is longer than an equal share is clipped, its start stays."""
    left, result = tokens, dict[int, Message]()
    by_length = sorted(range(len(messages)), key=lambda place: message_tokens(messages[place]))
    for turn, place in enumerate(by_length):
        message = messages[place]
        share = max(left, 0) // (len(messages) - turn)
        if message_tokens(message) > share:
            calls = message_tokens(message) - estimate_tokens(message.content)
            message = message.copy(content=clipped(message.content, share - calls))
        result[place] = message
        left -= message_tokens(message)
    return [result[place] for place in range(len(messages))]
