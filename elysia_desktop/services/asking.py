"""Asks questions: has the tree or the function-calling loop answer, and keeps what it sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.payloads import Payload
from elysia_desktop.core.settings import Settings
from elysia_desktop.services.gathering import gathered
from elysia_desktop.services.keeping import Asked, Keeping, KeptTurn
from elysia_desktop.services.trees import OpenTree, Trees, has_functions, take_settings

if TYPE_CHECKING:
    from elysia_desktop.engine.feedback.replay import Examples
    from elysia_desktop.engine.recorder import Exchange
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.services.serving import Serving
    from elysia_desktop.state.files import WritableDocuments
    from elysia_desktop.stores.clients import ClientManager
    from elysia_desktop.stores.conversations import Conversations


class Asking:
    """Answers questions in conversations; those in one conversation follow one another."""

    def __init__(
        self, conversations: Conversations, clients: ClientManager, serving: Serving, settings: Settings
    ) -> None:
        self._conversations = conversations
        self._keeping = Keeping(conversations)
        self._trees = Trees(conversations)
        self._clients = clients
        self._serving = serving
        self._settings = settings
        self.documents: Callable[[str], Awaitable[WritableDocuments]] | None = None
        """Opens the files of a conversation."""
        self.examples: Examples | None = None
        """Finds well-rated runs that may serve as examples for a question."""

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
        asked = Asked(conversation_id, query_id, question, tuple(collections))
        kept = KeptTurn(self._keeping, asked)
        try:
            await kept.begin()
            try:
                async with opened.turn, aclosing(self._run(opened, kept, asked)) as run:
                    async for payload in run:
                        yield payload
            except (asyncio.CancelledError, GeneratorExit):
                await kept.end(opened, stopped=not kept.is_complete)
                raise
            except BaseException:
                await kept.end(opened)
                raise
            await kept.end(opened)
            if kept.failure is not None:
                raise kept.failure
        finally:
            await self._trees.let_go(conversation_id, opened)

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
        tree = self._trees.in_memory(conversation_id)
        return [] if tree is None else list(tree.recorder)

    async def structure(self, conversation_id: str) -> dict[str, Any]:
        """The decision tree as nested plain data; branches for files only where some are in use."""
        documents = await self._documents_of(conversation_id)
        has_files = documents is not None and bool(documents.listed())
        return (await self.tree(conversation_id)).structure(with_files=has_files)

    async def structure_of_new(self) -> dict[str, Any]:
        """The decision tree that a new conversation would use."""
        presets = await asyncio.to_thread(import_module, "elysia_desktop.engine.presets")
        return presets.view("default", with_files=False)

    async def tree(self, conversation_id: str) -> Tree:
        """The conversation's tree, made or brought back from the store."""
        return (await self._opened(conversation_id)).tree

    async def forget(self, conversation_id: str) -> None:
        """Let go of a conversation that was deleted; a run that goes on in it ends by itself."""
        await self._trees.forget(conversation_id)

    async def close(self) -> None:
        """Finish what is still being kept, and close connections to models."""
        await self._keeping.finish()
        await self._trees.close()

    async def _opened(self, conversation_id: str) -> OpenTree:
        return await self._trees.opened(conversation_id, self._settings)

    async def _run(self, opened: OpenTree, kept: KeptTurn, asked: Asked) -> AsyncGenerator[Payload, None]:
        settings = await self._serving.ready(self._settings)
        await take_settings(opened.tree, settings)
        if self.examples is not None:
            opened.tree.tree_data.rated_examples = await self.examples(asked.question, opened.tree.tools)
        opened.is_saved = False
        async with aclosing(gathered(await self._answering(opened.tree, asked))) as payloads:
            async for payload in payloads:
                await kept.take(payload)
                yield payload

    async def _documents_of(self, conversation_id: str) -> WritableDocuments | None:
        return None if self.documents is None else await self.documents(conversation_id)

    async def _answering(self, tree: Tree, asked: Asked) -> AsyncGenerator[Payload, None]:
        """What answers: the loop where there are files and a model to call functions, else the tree."""
        documents = await self._documents_of(asked.conversation_id)
        tree.tree_data.documents = documents
        if documents is None or not (documents.listed() or has_functions(tree)):
            return tree.async_run(asked.question, asked.collections, self._clients, query_id=asked.query_id)
        # In a thread, as the first import takes long.
        conversing = await asyncio.to_thread(import_module, "elysia_desktop.services.conversing")
        return conversing.answering(asked, tree, documents, self._conversations, self._clients)
