"""Answers questions from a conversation's files: a model calls functions in a loop and cites what they find."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ElysiaError, StoreError
from elysia_desktop.core.payloads import (
    Completed,
    Error,
    Payload,
    Return,
    Status,
    envelope,
)
from elysia_desktop.core.payloads import Warning as Notice
from elysia_desktop.core.sources import without_marks
from elysia_desktop.engine.adapt import EngineContext
from elysia_desktop.engine.answering import as_answer
from elysia_desktop.engine.model_library import is_loaded, load_model_library
from elysia_desktop.engine.question import to_payload
from elysia_desktop.services.conversation_home import ConversationHome, new_answer_id
from elysia_desktop.services.file_module import FileModule
from elysia_desktop.services.gathering import ended, woven
from elysia_desktop.services.keeping import Asked
from elysia_desktop.services.showing import Doing, Shown
from elysia_desktop.state import (
    Bridge,
    ExternalModuleChosenEvent,
    Message,
    Models,
    ModuleConfig,
    Role,
    StateManager,
    Stopped,
)
from elysia_desktop.state.event import EventMessage

if TYPE_CHECKING:
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.state import WritableDocuments
    from elysia_desktop.stores.clients import ClientManager
    from elysia_desktop.stores.conversations import Conversations

logger = logging.getLogger(__name__)

_NO_ANSWER = "The model gave no answer. Ask again, or in other words."


def answering(
    asked: Asked,
    tree: Tree,
    documents: WritableDocuments,
    conversations: Conversations,
    clients: ClientManager,
) -> AsyncGenerator[Payload, None]:
    """What answers in a conversation with files: the loop, or the tree where the settings say so or there is no model."""
    conversing = Conversing(asked, tree, documents, conversations, clients)
    by_tools = tree.settings.files_answered_by == "tools" and tree.complex_lm.choice.is_configured
    if by_tools and documents.listed() and asked.question.strip():
        return conversing.answer()
    return conversing.answer_by_tree()


class Conversing:
    """One question on its way through the loop."""

    def __init__(
        self,
        asked: Asked,
        tree: Tree,
        documents: WritableDocuments,
        conversations: Conversations,
        clients: ClientManager,
    ) -> None:
        self._asked = asked
        self._tree = tree
        self._data = tree.tree_data
        self._clients = clients
        self._answer_id = new_answer_id()
        self._home = ConversationHome(
            conversations,
            asked.conversation_id,
            documents,
            query_id=asked.query_id,
            answer_id=self._answer_id,
        )
        self._answer: Message | None = None
        self._said: list[dict[str, str]] = []
        """What was said in the conversation before the answer."""
        self._text = ""

    def state(self, listener: Callable[[Return], None] | None = None) -> StateManager:
        """A state manager for the conversation; it shares models, sources and files with the tree."""
        tree, data, settings = self._tree, self._data, self._tree.settings
        return StateManager(
            ExternalModuleChosenEvent(
                user_id=tree.user_id,
                conversation_id=self._asked.conversation_id,
                user_message=EventMessage(id=self._asked.query_id, text=self._asked.question),
                assistant_message=EventMessage(id=self._answer_id),
            ),
            ModuleConfig(
                FUNCTION_CALL_MAX_ITERATIONS=settings.recursion_limit + 1,
                tool_timeout=settings.tool_timeout,
            ),
            home=self._home,
            models=Models(tree.base_lm, tree.complex_lm),
            engine=EngineContext(data, tree.base_lm, tree.complex_lm, self._clients),
            listener=listener,
            bridge=Bridge(asyncio.get_running_loop()),
        )

    async def answer(self) -> AsyncGenerator[Payload, None]:
        """Everything that happens on the way to the answer, as payloads; `completed` last, exactly once."""
        self._data.begin_run(self._asked.question)
        self._said = deepcopy(self._data.conversation_history)
        try:
            async with aclosing(self._items()) as items:
                async for item in items:
                    payload = await self._payload(item)
                    if payload is not None:
                        yield payload
        finally:
            # Tools have told the tree of what was only on the way.
            self._data.conversation_history[:] = self._said
            self._data.update_history("assistant", without_marks(self._text or self._written))
        yield envelope("completed", Completed().to_json(), *self._address)

    async def answer_by_tree(self) -> AsyncGenerator[Payload, None]:
        """What the conversation's tree sends; its tools are handed a state manager, and what that tells is shown too."""
        asked, heard = self._asked, asyncio.Queue[Payload | Return | None]()
        state = self.state(_into(heard))
        shown = Shown(self._answer_id)
        await state.aload()
        self._data.state_manager = state
        run = self._tree.async_run(asked.question, asked.collections, self._clients, query_id=asked.query_id)
        try:
            async with aclosing(woven(run, heard)) as items:
                async for item in items:
                    if not isinstance(item, Return):
                        yield item
                        continue
                    for told in [await self._payload(each) for each in shown.of(item)]:
                        if told is not None:
                            yield told
        finally:
            self._data.state_manager = None
            await self._kept(state)
            if self._home.has_changed:
                self._data.conversation_history[:] = self._said

    async def _items(self) -> AsyncGenerator[Return, None]:
        yield Status("Thinking…")
        heard = asyncio.Queue[Return | None]()
        state = self.state(_into(heard))
        shown, doing = Shown(self._answer_id), Doing()
        work = asyncio.create_task(self._worked(state), name="loop")
        work.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            while (item := await heard.get()) is not None:
                for each in [said for one in shown.of(item) for said in doing.of(one)]:
                    yield each
            failure = await work
        finally:
            await ended(work)
        self._text = "\n\n".join(part for part in (self._written, failure) if part.strip())
        yield as_answer(self._text, self._data.environment, self._answer_id)

    async def _worked(self, state: StateManager) -> str:
        """Run the loop; what went wrong, in words, empty for nothing."""
        try:
            if not is_loaded():
                await asyncio.to_thread(load_model_library)
            await state.aload()
            self._answer = state.messages.get_by_id(self._answer_id)
            await FileModule(self._asked, self._tree, self._clients).run(state, self._answer)
        except ElysiaError as error:
            return self._failed(state, error.sentence, str(error))
        except Stopped:
            return "A function stopped the run."
        except Exception as error:
            logger.exception("The question could not be answered")
            told = f"The question could not be answered: {type(error).__name__}: {error}"
            return self._failed(state, told, type(error).__name__)
        finally:
            await self._kept(state)
        return "" if self._written.strip() else self._failed(state, _NO_ANSWER, "no answer")

    @property
    def _address(self) -> tuple[str, str, str]:
        return self._tree.user_id, self._asked.conversation_id, self._asked.query_id

    async def _payload(self, item: Return) -> Payload | None:
        return await to_payload(item, self._address, self._data)

    async def _kept(self, state: StateManager) -> None:
        try:
            await state.asave()
            if self._home.has_changed:
                self._said = [
                    {"role": message.role.value, "content": message.content}
                    for message in await self._home.messages()
                    if message.role in {Role.USER, Role.ASSISTANT}
                ]
        except (StoreError, TypeError) as error:  # or what a tool stored has no JSON form
            logger.warning("What functions did could not be kept: %s", error)
            state.show(Notice(error.sentence if isinstance(error, StoreError) else str(error)))

    def _failed(self, state: StateManager, feedback: str, details: str) -> str:
        self._data.add_error("loop", feedback)
        state.show(Error(feedback=feedback, error_message=details))
        return feedback

    @property
    def _written(self) -> str:
        return self._answer.content if self._answer is not None else ""


def _into(heard: asyncio.Queue[Any]) -> Callable[[Return], None]:
    """A listener that may be told things on any thread."""
    loop, here = asyncio.get_running_loop(), threading.get_ident()

    def hear(item: Return) -> None:
        if threading.get_ident() == here:  # at once: what follows may be a payload of the tree
            heard.put_nowait(item)
        else:
            loop.call_soon_threadsafe(heard.put_nowait, item)

    return hear
