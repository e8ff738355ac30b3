"""The messages of a conversation: read when first asked for, changed in memory, kept when they are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any, overload

from elysia_desktop.state.lookups import Q
from elysia_desktop.state.message_list import MessageList, Said, as_messages
from elysia_desktop.state.messages import Message, Role

if TYPE_CHECKING:
    from elysia_desktop.state.bridge import Bridge
    from elysia_desktop.state.home import Home

_SEEN = frozenset({Role.USER, Role.ASSISTANT, Role.NOTICE})


class MessageManager:
    """A conversation's messages, oldest first. Its methods wait for the store; on the event loop `await load()` first."""

    def __init__(self, home: Home, bridge: Bridge) -> None:
        self._home = home
        self._bridge = bridge
        self._messages: MessageList | None = None
        self._kept: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def __iter__(self) -> Iterator[Message]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __bool__(self) -> bool:
        return True  # to ask for more would read them

    @overload
    def __getitem__(self, place: int) -> Message: ...
    @overload
    def __getitem__(self, place: slice) -> MessageList: ...
    def __getitem__(self, place: int | slice) -> Message | MessageList:
        return self._read()[place]

    async def load(self) -> None:
        """Read the messages, unless that was done before."""
        if self._messages is None:
            messages = await self._home.messages()
            with self._lock:
                if self._messages is None:
                    self._messages = MessageList([message.copy() for message in messages])
                    self._kept = {message.id: message.to_dict() for message in messages}

    def reset(self) -> None:
        """Forget what was not saved; what the store keeps is read again when it is asked for."""
        with self._lock:
            self._messages, self._kept = None, {}

    def all(self) -> MessageList:
        """All messages, as a list of its own."""
        return MessageList(self._read())

    @property
    def visible(self) -> MessageList:
        """What the person sees: questions, answers and notices that have a text."""
        return self.all().filter(lambda message: message.role in _SEEN and bool(message.content.strip()))

    @property
    def last_user(self) -> Message | None:
        """The last message of the person."""
        return self._read().last(Role.USER)

    @property
    def last_assistant(self) -> Message | None:
        """The last message of the assistant, with or without a text yet."""
        return self._read().last(Role.ASSISTANT)

    def first(self, role: Role | str | None = None) -> Message | None:
        """The first message, or the first of a role; None where there is none."""
        return self._read().first(role)

    def last(self, role: Role | str | None = None) -> Message | None:
        """The last message, or the last of a role; None where there is none."""
        return self._read().last(role)

    def filter(self, *conditions: Callable[[Message], bool] | Q, **lookups: Any) -> MessageList:
        """The messages that fulfil all of these, as in `MessageList.filter`."""
        return self._read().filter(*conditions, **lookups)

    def get_by_id(self, message_id: str) -> Message:
        """The message with this id; `QueryRejected` where there is none."""
        return self._read().get_by_id(message_id)

    def append(self, message: Said) -> Message:
        """Put a message at the end; one whose id is known takes the place of the other."""
        (message,) = as_messages(message)
        messages = self._read()
        with self._lock:
            known = next((place for place, own in enumerate(messages) if own.id == message.id), None)
            if known is None:
                messages.append(message)
            else:
                messages.replace(known, message)
        return message

    def update(self, message: Message | str, content: str) -> Message:
        """Put another text into the message with this id; `QueryRejected` where there is none."""
        return self._read().get_by_id(message).update(content)

    def delete(self, message: Message | str) -> None:
        """Take out the message with this id; `QueryRejected` where there is none. The store hears of it at the save."""
        messages = self._read()
        with self._lock:
            messages.delete(message)

    @property
    def changed(self) -> MessageList:
        """The messages that are new or have changed since they were read or last saved."""
        return MessageList([own for own in self._messages or () if own.to_dict() != self._kept.get(own.id)])

    @property
    def deleted(self) -> tuple[str, ...]:
        """The ids of the messages that are kept in the store and no longer here."""
        here = {message.id for message in self._messages or ()}
        return tuple(message_id for message_id in self._kept if message_id not in here)

    async def asave(self) -> None:
        """Keep what has changed; what was not read has not."""
        if self._messages is None:
            return
        changed, deleted = self.changed, self.deleted
        written = {message.id: message.to_dict() for message in changed}
        if changed:
            await self._home.save(changed.fork())
        if deleted:
            await self._home.delete(deleted)
        kept = {message_id: told for message_id, told in self._kept.items() if message_id not in deleted}
        self._kept = {**kept, **written}

    def save(self) -> None:
        """Keep what has changed."""
        self._bridge.run(self.asave())

    async def aclear(self) -> int:
        """Delete every message that the store keeps, and those not saved; how many were kept."""
        kept = [message.id for message in await self._home.messages()]
        deleted = await self._home.delete(kept) if kept else 0
        with self._lock:
            self._messages, self._kept = MessageList(), {}
        return deleted

    def clear(self) -> int:
        """Delete every message; how many were kept."""
        return self._bridge.run(self.aclear())

    def _read(self) -> MessageList:
        if self._messages is None:
            self._bridge.run(self.load())
        return self._messages if self._messages is not None else MessageList()
