"""Asks questions: runs the tree of a conversation and keeps what it sends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.core.settings import Settings

if TYPE_CHECKING:
    from elysia_desktop.engine.feedback.replay import Examples
    from elysia_desktop.engine.recorder import Exchange
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.services.serving import Serving
    from elysia_desktop.stores.clients import ClientManager
    from elysia_desktop.stores.conversations import Conversations

logger = logging.getLogger(__name__)
T = TypeVar("T")

_KEPT_TREES = 8


@dataclass
class _Open:
    """A conversation's tree, how many questions need it, and whose turn it is."""

    tree: Tree
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    questions: int = 0
    is_saved: bool = True


@dataclass
class _Kept:
    """What a run has sent and what of it is not in the store yet."""

    query_id: str
    started: float = field(default_factory=time.monotonic)
    pending: list[Payload] = field(default_factory=list[Payload])
    failure: StoreError | None = None
    is_complete: bool = False


class Asking:
    """One tree per conversation; the least recently used ones are put away and come back from the store."""

    def __init__(
        self, conversations: Conversations, clients: ClientManager, serving: Serving, settings: Settings
    ) -> None:
        self._conversations = conversations
        self._clients = clients
        self._serving = serving
        self._settings = settings
        self.examples: Examples | None = None
        """Finds well-rated runs that may serve as examples for a question."""
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._opening = asyncio.Lock()
        self._unfinished: set[asyncio.Task[Any]] = set()

    def use(self, settings: Settings) -> None:
        """Answer with these settings from the next question on."""
        self._settings = settings

    async def ask(
        self, conversation_id: str, query_id: str, question: str, collections: Sequence[str] = ()
    ) -> AsyncGenerator[Payload, None]:
        """Answer a question, yielding payloads; what was sent is kept, also when the run is cancelled.

        A payload that cannot be kept is shown nevertheless; after the last one the `StoreError` is raised.
        """
        opened = await self._opened(conversation_id)
        opened.questions += 1
        kept = _Kept(query_id)
        try:
            await self._begin(conversation_id, kept, question, collections)
            try:
                async with opened.turn, aclosing(self._run(opened, kept, question, collections)) as run:
                    async for payload in run:
                        yield payload
            except (asyncio.CancelledError, GeneratorExit):
                await self._surely(self._end(opened, kept, stopped=not kept.is_complete))
                raise
            except BaseException:
                await self._surely(self._end(opened, kept))
                raise
            await self._surely(self._end(opened, kept))
            if kept.failure is not None:
                raise kept.failure
        finally:
            opened.questions -= 1
            if self._open.get(conversation_id) is not opened:  # forgotten meanwhile
                await opened.tree.aclose()

    async def environment(self, conversation_id: str) -> Environment:
        """Everything found in the conversation; the object is live while questions are answered."""
        return (await self.tree(conversation_id)).environment

    async def errors(self, conversation_id: str) -> dict[str, list[str]]:
        """What went wrong in the last run, by tool."""
        return (await self.tree(conversation_id)).tree_data.errors

    async def exchanges(self, conversation_id: str) -> list[Exchange]:
        """What was lately sent to models in the conversation and came back, oldest first.

        They are kept in memory only: none where no question was asked since the application began, or where the
        conversation was put away.
        """
        opened = self._open.get(conversation_id)
        return [] if opened is None else list(opened.tree.recorder)

    async def structure(self, conversation_id: str) -> dict[str, Any]:
        """The decision tree as nested plain data."""
        return (await self.tree(conversation_id)).tree

    async def structure_of_new(self) -> dict[str, Any]:
        """The decision tree that a new conversation would use."""
        presets = await asyncio.to_thread(import_module, "elysia_desktop.engine.presets")
        return presets.view("default")

    async def tree(self, conversation_id: str) -> Tree:
        """The conversation's tree, made or brought back from the store."""
        return (await self._opened(conversation_id)).tree

    async def forget(self, conversation_id: str) -> None:
        """Let go of a conversation that was deleted; a run that goes on in it ends by itself."""
        opened = self._open.pop(conversation_id, None)
        if opened is not None and not opened.questions:
            await opened.tree.aclose()

    async def close(self) -> None:
        """Finish what is still being kept, and close connections to models."""
        while self._unfinished:
            await asyncio.gather(*self._unfinished, return_exceptions=True)
        while self._open:
            await self._open.popitem()[1].tree.aclose()

    async def _opened(self, conversation_id: str) -> _Open:
        # In a thread: the first import takes longer than a window may wait.
        await asyncio.to_thread(import_module, "elysia_desktop.engine.tree")
        async with self._opening:  # lest two who ask at once get two trees
            if conversation_id not in self._open:
                kept = await self._conversations.load_tree(conversation_id)
                self._open[conversation_id] = _Open(self._tree_from(kept, conversation_id))
            opened = self._open[conversation_id]
            self._open.move_to_end(conversation_id)
            while len(self._open) > _KEPT_TREES and (old := self._idle(but=conversation_id)):
                await self._open.pop(old).tree.aclose()
        return opened

    def _idle(self, but: str) -> str | None:
        """The least recently used conversation that can be put away: it is in the store, and nobody waits."""
        idle = (name for name, opened in self._open.items() if not opened.questions and opened.is_saved)
        return next((name for name in idle if name != but), None)

    def _tree_from(self, kept: dict[str, Any] | None, conversation_id: str) -> Tree:
        from elysia_desktop.engine.tree import Tree

        if kept is not None:
            try:
                return Tree.import_from_json(kept, self._settings)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                # The turns are still there to be read, and the conversation can go on.
                logger.warning("A conversation's tree could not be read: %s", type(error).__name__)
        return Tree(conversation_id=conversation_id, settings=self._settings)

    async def _begin(
        self, conversation_id: str, kept: _Kept, question: str, collections: Sequence[str]
    ) -> None:
        try:
            await self._surely(
                self._conversations.begin_turn(conversation_id, kept.query_id, question, collections)
            )
        except asyncio.CancelledError:
            seconds = time.monotonic() - kept.started
            await self._surely(self._tried(kept, self._conversations.end_turn(kept.query_id, seconds, True)))
            raise

    async def _run(
        self, opened: _Open, kept: _Kept, question: str, collections: Sequence[str]
    ) -> AsyncGenerator[Payload, None]:
        settings = await self._serving.ready(self._settings)
        await _use(opened.tree, settings)
        if self.examples is not None:
            opened.tree.tree_data.rated_examples = await self.examples(question, opened.tree.tools)
        opened.is_saved = False
        run = opened.tree.async_run(question, collections, self._clients, query_id=kept.query_id)
        async with aclosing(run):
            async for payload in run:
                kept.pending.append(payload)
                # Kept before it is shown; a store that failed once is not waited for again before the end.
                if payload["type"] not in {"text_delta", "status"} and kept.failure is None:
                    await self._surely(self._keep(kept))
                kept.is_complete = payload["type"] == "completed"
                yield payload

    async def _keep(self, kept: _Kept) -> None:
        """Store what is pending; it stays pending when that fails."""
        sent = len(kept.pending)
        if await self._tried(kept, self._conversations.append(kept.query_id, kept.pending[:sent])):
            del kept.pending[:sent]

    async def _end(self, opened: _Open, kept: _Kept, stopped: bool = False) -> None:
        """Store the rest; each part is tried, though another could not be kept."""
        kept.failure = None
        tree, conversations = opened.tree, self._conversations
        seconds = time.monotonic() - kept.started
        await self._keep(kept)
        await self._tried(kept, conversations.end_turn(kept.query_id, seconds, stopped))
        opened.is_saved = await self._tried(
            kept, conversations.save_tree(tree.conversation_id, tree.export_to_json())
        )
        if kept.failure is not None:
            logger.warning("A run could not be kept whole: %s", kept.failure)

    @staticmethod
    async def _tried(kept: _Kept, work: Coroutine[Any, Any, None]) -> bool:
        try:
            await work
        except StoreError as error:
            kept.failure = kept.failure or error
            return False
        return True

    async def _surely(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it to its end, also when the one who waits for it is cancelled."""
        task = asyncio.ensure_future(work)
        self._unfinished.add(task)
        task.add_done_callback(self._unfinished.discard)
        return await asyncio.shield(task)


async def _use(tree: Tree, settings: Settings) -> None:
    """Have a tree answer with these settings, and close what it reached with other ones."""
    if tree.settings != settings:
        await tree.aclose()
    tree.use(settings)
    tree.low_memory = True  # what is sent is kept in the store
    tree.sent.clear()
    atlas = tree.tree_data.atlas
    atlas.style, atlas.end_goal = settings.style, settings.end_goal
    atlas.agent_description = settings.agent_description
