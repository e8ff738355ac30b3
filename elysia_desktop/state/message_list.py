"""A list of messages that is built up step by step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, cast, overload

from elysia_desktop.core.chat import ChatMessage
from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.state.exchanges import TOOL_CALLS, answered, expanded
from elysia_desktop.state.history import message_tokens, newest, sendable, total_tokens
from elysia_desktop.state.lookups import Field, Fields, Q
from elysia_desktop.state.messages import Message, Role

Said = Message | str | Mapping[str, Any]
"""A message, the text of a user's message, or a message as a dict."""
Messages = Said | Iterable[Said]
"""One message or several."""

MESSAGE_FIELDS: Fields[Message] = Fields(
    "messages",
    {
        "id": Field("text", lambda message: message.id),
        "role": Field("text", lambda message: message.role.value),
        "content": Field("text", lambda message: message.content),
        "name": Field("text", lambda message: message.name),
        "tool_call_id": Field("text", lambda message: message.tool_call_id),
        "created_at": Field("time", lambda message: message.created_at),
        "tokens": Field("number", message_tokens),
    },
)
"""What messages can be filtered by."""


class MessageList(Sequence[Message]):
    """Messages in order; what it is made of is copied, what it holds are the messages themselves.

    `append`, `prepend`, `replace`, `update` and `delete` change it and return it; everything else returns a new list.
    """

    def __init__(self, messages: Messages = ()) -> None:
        self._messages = as_messages(messages)

    def __repr__(self) -> str:
        return f"MessageList({self._messages!r})"

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        # a tool in another thread may append meanwhile
        return iter(self._messages.copy())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MessageList):
            return self._messages == other._messages
        return self._messages == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # pyright: ignore[reportAssignmentType] - it can change

    @overload
    def __getitem__(self, place: int) -> Message: ...
    @overload
    def __getitem__(self, place: slice) -> MessageList: ...
    def __getitem__(self, place: int | slice) -> Message | MessageList:
        found = self._messages[place]
        return found if isinstance(found, Message) else MessageList(found)

    def __add__(self, other: Messages) -> MessageList:
        return MessageList([*self._messages, *as_messages(other)])

    def __radd__(self, other: Messages) -> MessageList:
        return MessageList([*as_messages(other), *self._messages])

    @property
    def tokens(self) -> int:
        """About how many tokens all of it takes."""
        return total_tokens(self)

    def append(self, messages: Messages) -> Self:
        """Put one message, or several, at the end."""
        self._messages.extend(as_messages(messages))
        return self

    def prepend(self, messages: Messages) -> Self:
        """Put one message, or several, in front."""
        self._messages[:0] = as_messages(messages)
        return self

    def replace(self, place: int, message: Message) -> Self:
        """Put another message in this place."""
        self._messages[place] = message
        return self

    def update(self, message: Message | str, content: str) -> Self:
        """Put another text into the message with this id; `QueryRejected` where there is none."""
        self.get_by_id(message).update(content)
        return self

    def delete(self, message: Message | str) -> Self:
        """Take out the message with this id; `QueryRejected` where there is none."""
        found = self.get_by_id(message)
        self._messages = [other for other in self._messages if other is not found]
        return self

    def get_by_id(self, message: Message | str) -> Message:
        """The message with this id; `QueryRejected` where there is none."""
        wanted = message.id if isinstance(message, Message) else message
        for own in self._messages:
            if own.id == wanted:
                return own
        raise QueryRejected.unknown("message", wanted, (own.id for own in self._messages))

    def first(self, role: Role | str | None = None) -> Message | None:
        """The first message, or the first of a role; None where there is none."""
        return next(iter(self.filter(role=role) if role else self), None)

    def last(self, role: Role | str | None = None) -> Message | None:
        """The last message, or the last of a role; None where there is none."""
        return next(reversed(self.filter(role=role) if role else self), None)

    def filter(self, *conditions: Callable[[Message], bool] | Q, **lookups: Any) -> MessageList:
        """The messages that fulfil all of these, such as `role="user"` or `content__icontains="price"`."""
        functions = [one for one in conditions if not isinstance(one, Q)]
        wanted = Q(*(one for one in conditions if isinstance(one, Q)), **lookups)
        fits = MESSAGE_FIELDS.matcher(wanted)
        return MessageList([m for m in self if fits(m) and all(is_wanted(m) for is_wanted in functions)])

    def expand(self, tools: Collection[str] | None = None, key: str = TOOL_CALLS) -> MessageList:
        """With the calls that users' messages keep under `key` put after these; only those of `tools`, if given."""
        return MessageList(expanded(self, tools, key))

    def answered(self) -> MessageList:
        """Without calls that have no answer, and without answers that have no call."""
        return MessageList(answered(self))

    def keep(self, tokens: int) -> MessageList:
        """The newest messages that fit into so many tokens; the system messages in front stay in any case."""
        return MessageList(newest(self._messages, tokens))

    def fork(self) -> MessageList:
        """A list of copies: what is done to these is not done to those here."""
        return MessageList([message.copy() for message in self])

    def to_chat(self) -> list[ChatMessage]:
        """What a model is told of it, in OpenAI's shape: no notices, and no call without its answer or the reverse."""
        return [message.to_chat() for message in sendable(self)]


def as_messages(messages: Messages) -> list[Message]:
    """One message or several as a list of its own; `TypeError` for what is none."""
    if isinstance(messages, Message | str | Mapping):
        return [_as_message(messages)]
    return [_as_message(message) for message in messages]


def _as_message(message: Any) -> Message:
    if isinstance(message, Message):
        return message
    if isinstance(message, str):
        return Message.USER(message)
    if isinstance(message, Mapping):
        return Message.from_dict(cast("Mapping[str, Any]", message))
    raise TypeError(f"A message is a Message, a dict or a text, not a {type(message).__name__}.")
