"""The trees of conversations: made, brought back from the store, and put away when long unused."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elysia_desktop.core.settings import Settings
    from elysia_desktop.engine.tree import Tree
    from elysia_desktop.stores.conversations import Conversations

logger = logging.getLogger(__name__)

_KEPT_TREES = 8


@dataclass
class OpenTree:
    """A conversation's tree, how many questions need it, and whose turn it is."""

    tree: Tree
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    questions: int = 0
    is_saved: bool = True


class Trees:
    """One tree per conversation; the least recently used ones are put away and come back from the store."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._open: OrderedDict[str, OpenTree] = OrderedDict()
        self._opening = asyncio.Lock()

    async def opened(self, conversation_id: str, settings: Settings) -> OpenTree:
        """The conversation's tree; a new one is made with these settings."""
        # In a thread: the first import takes longer than a window may wait.
        await asyncio.to_thread(import_module, "elysia_desktop.engine.tree")
        async with self._opening:  # lest two who ask at once get two trees
            if conversation_id not in self._open:
                kept = await self._conversations.load_tree(conversation_id)
                self._open[conversation_id] = OpenTree(_tree_from(kept, conversation_id, settings))
            opened = self._open[conversation_id]
            self._open.move_to_end(conversation_id)
            while len(self._open) > _KEPT_TREES and (old := self._idle(but=conversation_id)):
                await self._open.pop(old).tree.aclose()
        return opened

    def in_memory(self, conversation_id: str) -> Tree | None:
        """The conversation's tree unless it would have to be brought back."""
        opened = self._open.get(conversation_id)
        return None if opened is None else opened.tree

    async def let_go(self, conversation_id: str, opened: OpenTree) -> None:
        """Note that a question is done with its tree; one that was forgotten meanwhile is closed."""
        opened.questions -= 1
        if self._open.get(conversation_id) is not opened:
            await opened.tree.aclose()

    async def forget(self, conversation_id: str) -> None:
        """Let go of a conversation that was deleted; a run that goes on in it ends by itself."""
        opened = self._open.pop(conversation_id, None)
        if opened is not None and not opened.questions:
            await opened.tree.aclose()

    async def close(self) -> None:
        """Close connections to models."""
        while self._open:
            await self._open.popitem()[1].tree.aclose()

    def _idle(self, but: str) -> str | None:
        """The least recently used conversation that can be put away: it is in the store, and nobody waits."""
        idle = (name for name, opened in self._open.items() if not opened.questions and opened.is_saved)
        return next((name for name in idle if name != but), None)


async def take_settings(tree: Tree, settings: Settings) -> None:
    """Have a tree answer with these settings, and close what it reached with other ones."""
    if tree.settings != settings:
        await tree.aclose()
    tree.use(settings)
    tree.low_memory = True  # what is sent is kept in the store
    tree.sent.clear()
    atlas = tree.tree_data.atlas
    atlas.style, atlas.end_goal = settings.style, settings.end_goal
    atlas.agent_description = settings.agent_description


def has_functions(tree: Tree) -> bool:
    """Whether a tool of the tree is a function of the function-calling loop, which is handed a state manager."""
    from elysia_desktop.engine.pydantic_tool import PydanticTool

    return any(isinstance(tool, PydanticTool) for tool in tree.tools.values())


def _tree_from(kept: dict[str, Any] | None, conversation_id: str, settings: Settings) -> Tree:
    from elysia_desktop.engine.tree import Tree

    if kept is not None:
        try:
            return Tree.import_from_json(kept, settings)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # The turns are still there to be read, and the conversation can go on.
            logger.warning("A conversation's tree could not be read: %s", type(error).__name__)
    return Tree(conversation_id=conversation_id, settings=settings)
