"""The module that answers from files: which functions a model may call, what it is told, and the loop."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING
from uuid import uuid4

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.core.sources import Sources
from elysia_desktop.engine.budget import LOCAL_BUDGET
from elysia_desktop.engine.tool_function import with_marks
from elysia_desktop.engine.tools import ReadDocument, SearchDocuments, SummarizeDocument
from elysia_desktop.services.conversation_home import SEGMENTS
from elysia_desktop.services.instructions import instructions
from elysia_desktop.state import FunctionCall, Message, Role, StateManager
from elysia_desktop.state.ask_collections import ask_collections
from elysia_desktop.stores.base import is_internal

if TYPE_CHECKING:
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.services.keeping import Asked
    from elysia_desktop.stores.clients import ClientManager

logger = logging.getLogger(__name__)

SMALL = 2 * LOCAL_BUDGET
"""Tokens; with no more than these in a prompt, the files are searched before the model is asked for the first time."""
_CITE = "Answer from the sources above. End each sentence with the mark of the source that says it: {marks}."
_NUMBERED = re.compile(r"<source(\d+)>")
_MOST_MARKS = 3
_PATIENCE = 3.0
"""Seconds; a store that takes longer to say whether it has collections is not asked them."""


class FileModule:
    """Answers one question; the tree lends its sources, and answers what the collections are asked."""

    def __init__(self, asked: Asked, tree: Tree, clients: ClientManager) -> None:
        self._asked = asked
        self._tree = tree
        self._data = tree.tree_data
        self._clients = clients

    async def run(self, state: StateManager, answer: Message) -> None:
        """Run the loop; what it says is written to `answer`. Raises `ElysiaError`."""
        state.register([SearchDocuments(), ReadDocument(), SummarizeDocument()])
        asks_collections = await self._has_collections()
        if asks_collections:
            state.register(ask_collections(self._asked_tree))
        budget = state.llm.budget()
        is_small = budget <= SMALL
        if is_small:  # what was said takes less room than what was found for it
            told = [each for each in state.ctx if each.role is not Role.TOOL and not each.func_calls]
            state.context(told)
        for message in state.ctx:
            self._mark_again(message)
        files = self._data.documents.listed() if self._data.documents is not None else ()
        how = instructions(files, self._data.atlas, budget, asks_collections=asks_collections)
        state.context(Message.SYSTEM(how), prepend=True)
        if is_small:
            await state.acall(self._first_search(), out=answer)
            _tell_with_the_question(state)
        await state.aloop(out=answer)

    def _first_search(self) -> Message:
        """A call as the model would make it: where prompts are short, models are small, and each request is dear."""
        arguments = json.dumps({"text": self._asked.question})
        return Message.ASSISTANT(
            func_calls=[FunctionCall(f"call-{uuid4()}", SearchDocuments.name, arguments)]
        )

    def _mark_again(self, message: Message) -> None:
        """Put the marks of sources back into an earlier answer: models go on as they see themselves begin."""
        segments = message.extra.get(SEGMENTS)
        if segments:
            message.content = with_marks(segments, Sources(self._data.environment))

    async def _has_collections(self) -> bool:
        """Whether there are collections to ask; where the store does not say, the files answer alone."""
        if self._asked.collections:
            return True
        try:
            async with asyncio.timeout(_PATIENCE):
                infos = await self._clients.store().collections()
        except (ElysiaError, TimeoutError) as error:
            logger.warning("The collections are not asked: %s", error or "the store takes too long")
            return False
        return any(not is_internal(info.name) for info in infos)

    async def _asked_tree(self, question: str) -> AsyncGenerator[Payload, None]:
        """What the tree sends when it is asked of the collections alone: the files are for the loop."""
        asked, data = self._asked, self._data
        documents, data.documents = data.documents, None
        run = self._tree.async_run(question, asked.collections, self._clients, query_id=asked.query_id)
        try:
            async with aclosing(run):
                async for payload in run:
                    yield payload
        finally:
            data.documents = documents


def _tell_with_the_question(state: StateManager) -> None:
    """Put what the first search found into one message with the question: small models heed what stands last."""
    *before, question, _, found = state.ctx
    if numbers := _NUMBERED.findall(found.content):
        # Marks that there are: an example of a sentence would be copied.
        cite = _CITE.format(marks=" or ".join(f"[source{number}]" for number in numbers[:_MOST_MARKS]))
        state.context([*before, Message.USER(f"{found.content}\n\n{question.content}\n\n{cite}")])
