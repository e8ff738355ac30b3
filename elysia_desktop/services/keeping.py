"""Keeps a turn while it is answered: each payload, and each piece of a text under way, before it is shown."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Payload

if TYPE_CHECKING:
    from elysia_desktop.services.trees import OpenTree
    from elysia_desktop.stores.conversations import Conversations

logger = logging.getLogger(__name__)
T = TypeVar("T")

_FOLLOWED_BY_MORE = frozenset({"status"})
"""Kept with the payload that follows."""
_UNDER_WAY = frozenset({"text_delta", "text_replaced"})


@dataclass(frozen=True)
class Asked:
    """A question, where it was asked, and which collections were chosen for it; none means all."""

    conversation_id: str
    query_id: str
    question: str
    collections: tuple[str, ...] = ()


class Keeping:
    """Writes turns to the store; what was begun is finished, also when those who wait for it are cancelled."""

    def __init__(self, conversations: Conversations) -> None:
        self.conversations = conversations
        self._unfinished: set[asyncio.Task[Any]] = set()

    async def surely(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it to its end, also when the one who waits for it is cancelled."""
        task = asyncio.ensure_future(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until everything that was begun is done."""
        while self._unfinished:
            await asyncio.gather(*self._unfinished, return_exceptions=True)


class KeptTurn:
    """What a run has sent and what of it is not in the store yet.

    A store that failed once is not waited for again before the end, when everything is tried once more.
    """

    def __init__(self, keeping: Keeping, asked: Asked) -> None:
        self.asked = asked
        self.failure: StoreError | None = None
        self.is_complete = False
        self._keeping = keeping
        self._conversations = keeping.conversations
        self._started = time.monotonic()
        self._pending: list[Payload] = []
        self._under_way: dict[str, str] = {}
        """Texts that a model writes, by the id of the payload that will end each."""

    async def begin(self) -> None:
        """Keep the question; raises `StoreError`. A turn whose beginning is cancelled is ended as stopped."""
        surely, asked = self._keeping.surely, self.asked
        begun = self._conversations.begin_turn(
            asked.conversation_id, asked.query_id, asked.question, asked.collections
        )
        try:
            await surely(begun)
        except asyncio.CancelledError:
            await surely(self._tried(self._conversations.end_turn(asked.query_id, self._seconds, True)))
            raise

    async def take(self, payload: Payload) -> None:
        """Keep what is about to be shown."""
        kind = payload["type"]
        if kind in _UNDER_WAY:
            await self._write(kind, payload["payload"])
        else:
            if kind == "completed":
                await self._drop_given_up()
            self._pending.append(payload)
            if kind not in _FOLLOWED_BY_MORE and self.failure is None:
                await self._keeping.surely(self._keep())
            self._under_way.pop(payload["id"], None)
        self.is_complete = kind == "completed"

    async def end(self, opened: OpenTree, stopped: bool = False) -> None:
        """Store the rest; each part is tried, though another could not be kept."""
        await self._keeping.surely(self._end(opened, stopped))

    async def _end(self, opened: OpenTree, stopped: bool) -> None:
        failed, self.failure = self.failure is not None, None
        tree, conversations = opened.tree, self._conversations
        seconds = self._seconds
        await self._keep()
        if failed:
            for message_id, text in self._under_way.items():
                await self._tried(conversations.keep_writing(self.asked.query_id, message_id, text))
        await self._tried(conversations.end_turn(self.asked.query_id, seconds, stopped))
        opened.is_saved = await self._tried(
            conversations.save_tree(tree.conversation_id, tree.export_to_json())
        )
        if self.failure is not None:
            logger.warning("A run could not be kept whole: %s", self.failure)

    async def _write(self, kind: str, body: Payload) -> None:
        message_id: str = body["message_id"]
        before = self._under_way.get(message_id, "")
        text = before + body["delta"] if kind == "text_delta" else body["text"]
        self._under_way[message_id] = text
        if self.failure is None:
            await self._keeping.surely(
                self._tried(self._conversations.keep_writing(self.asked.query_id, message_id, text))
            )

    async def _drop_given_up(self) -> None:
        """Keep nothing of texts that were begun and given up for the answer that has come."""
        for message_id in list(self._under_way):
            await self._write("text_replaced", {"message_id": message_id, "text": ""})

    async def _keep(self) -> None:
        """Store what is pending; it stays pending when that fails."""
        sent = len(self._pending)
        if await self._tried(self._conversations.append(self.asked.query_id, self._pending[:sent])):
            del self._pending[:sent]

    async def _tried(self, work: Coroutine[Any, Any, None]) -> bool:
        try:
            await work
        except StoreError as error:
            self.failure = self.failure or error
            return False
        return True

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._started
