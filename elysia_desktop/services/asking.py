"""Asks questions: runs the tree of a conversation and keeps what it sends."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.payloads import Payload
from elysia_desktop.core.settings import Settings

if TYPE_CHECKING:
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.services.serving import Serving
    from elysia_desktop.stores.clients import ClientManager
    from elysia_desktop.stores.conversations import Conversations

_KEPT_TREES = 8
_TITLE_LENGTH = 60


class Asking:
    """One tree per conversation; the least recently used ones are put away and come back from the store."""

    def __init__(
        self, conversations: Conversations, clients: ClientManager, serving: Serving, settings: Settings
    ) -> None:
        self._conversations = conversations
        self._clients = clients
        self._serving = serving
        self._settings = settings
        self._trees: OrderedDict[str, Tree] = OrderedDict()

    def use(self, settings: Settings) -> None:
        """Answer with these settings from the next question on."""
        self._settings = settings

    async def ask(
        self, conversation_id: str, query_id: str, question: str, collections: Sequence[str] = ()
    ) -> AsyncGenerator[Payload, None]:
        """Answer a question, yielding payloads; what was sent is kept, also when the run is cancelled."""
        tree = await self.tree(conversation_id)
        await self._conversations.begin_turn(conversation_id, query_id, question, collections)
        started = time.monotonic()
        stopped = True
        pending: list[Payload] = []
        try:
            tree.use(await self._serving.ready(self._settings))
            run = tree.async_run(question, collections, self._clients, query_id=query_id)
            async with aclosing(run):
                async for payload in run:
                    pending.append(payload)
                    if payload["type"] not in {"text_delta", "status"}:
                        kept, pending = pending, []
                        await self._conversations.append(query_id, kept)
                    yield payload
            stopped = False
        finally:
            ending = self._end(tree, query_id, pending, time.monotonic() - started, stopped)
            await asyncio.shield(asyncio.ensure_future(ending))

    async def environment(self, conversation_id: str) -> Environment:
        """Everything found in the conversation; the object is live while questions are answered."""
        return (await self.tree(conversation_id)).environment

    async def errors(self, conversation_id: str) -> dict[str, list[str]]:
        """What went wrong in the last run, by tool."""
        return (await self.tree(conversation_id)).tree_data.errors

    async def structure(self, conversation_id: str) -> dict[str, Any]:
        """The decision tree as nested plain data."""
        return (await self.tree(conversation_id)).tree

    async def structure_of_new(self) -> dict[str, Any]:
        """The decision tree that a new conversation would use."""
        presets = await asyncio.to_thread(import_module, "elysia_desktop.engine.presets")
        return presets.view("default")

    async def tree(self, conversation_id: str) -> Tree:
        """The conversation's tree, made or brought back from the store."""
        # In a thread: the first import takes longer than a window may wait.
        await asyncio.to_thread(import_module, "elysia_desktop.engine.tree")
        from elysia_desktop.engine.tree import Tree

        tree = self._trees.get(conversation_id)
        if tree is None:
            kept = await self._conversations.load_tree(conversation_id)
            if kept is None:
                tree = Tree(conversation_id=conversation_id, settings=self._settings)
            else:
                tree = Tree.import_from_json(kept, self._settings)
            self._trees[conversation_id] = tree
        self._trees.move_to_end(conversation_id)
        while len(self._trees) > _KEPT_TREES:
            _, old = self._trees.popitem(last=False)
            await old.aclose()
        return tree

    async def forget(self, conversation_id: str) -> None:
        """Let go of a conversation that was deleted."""
        tree = self._trees.pop(conversation_id, None)
        if tree is not None:
            await tree.aclose()

    async def close(self) -> None:
        """Close connections to models."""
        for tree in self._trees.values():
            await tree.aclose()
        self._trees.clear()

    async def _end(
        self, tree: Tree, query_id: str, pending: list[Payload], seconds: float, stopped: bool
    ) -> None:
        await self._conversations.append(query_id, pending)
        await self._conversations.end_turn(query_id, seconds, stopped)
        await self._conversations.save_tree(tree.conversation_id, tree.export_to_json())


def title_of(question: str) -> str:
    """A conversation's first title: the start of its first question."""
    words = " ".join(question.split())
    if len(words) <= _TITLE_LENGTH:
        return words.rstrip("?").strip() or "New conversation"
    return words[:_TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(",;:") + "…"
