"""Where a conversation is kept: its messages, its files, and what tools store with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from elysia_desktop.core.jsonable import jsonable

if TYPE_CHECKING:
    from elysia_desktop.state.files import WritableDocuments
    from elysia_desktop.state.messages import Message


class Home(Protocol):
    """Keeps one conversation. Every error is a `StoreError`."""

    @property
    def documents(self) -> WritableDocuments:
        """The conversation's files."""
        ...

    async def messages(self) -> list[Message]:
        """Every message that is kept, oldest first."""
        ...

    async def save(self, messages: Sequence[Message]) -> None:
        """Keep these: new ones are added, those with a known id replaced; saving the same twice changes nothing."""
        ...

    async def delete(self, message_ids: Sequence[str]) -> int:
        """Forget these; how many of them were kept."""
        ...

    async def storage(self) -> dict[str, Any]:
        """What tools keep with the conversation."""
        ...

    async def save_storage(self, values: Mapping[str, Any]) -> None:
        """Keep these values in place of those before."""
        ...


class MemoryHome:
    """A home that ends with the process. What goes in and comes out are copies, as with one on disk."""

    def __init__(
        self,
        documents: WritableDocuments | None = None,
        messages: Iterable[Message] = (),
        storage: Mapping[str, Any] | None = None,
    ) -> None:
        self._documents = documents
        self._messages = {message.id: message.copy() for message in messages}
        self._storage: dict[str, Any] = jsonable(dict(storage or {}), path="storage")

    @property
    def documents(self) -> WritableDocuments:
        """The conversation's files, in memory as well unless others were handed in."""
        if self._documents is None:
            from elysia_desktop.state.memory_documents import MemoryDocuments

            self._documents = MemoryDocuments()
        return self._documents

    async def messages(self) -> list[Message]:
        """Every message, oldest first."""
        return [message.copy() for message in self._messages.values()]

    async def save(self, messages: Sequence[Message]) -> None:
        """Keep these."""
        self._messages.update({message.id: message.copy() for message in messages})

    async def delete(self, message_ids: Sequence[str]) -> int:
        """Forget these; how many of them were kept."""
        return sum(self._messages.pop(message_id, None) is not None for message_id in message_ids)

    async def storage(self) -> dict[str, Any]:
        """What tools keep with the conversation."""
        return jsonable(self._storage, path="storage")

    async def save_storage(self, values: Mapping[str, Any]) -> None:
        """Keep these values in place of those before."""
        self._storage = jsonable(dict(values), path="storage")
