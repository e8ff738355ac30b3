"""A state manager whose history is what the person has seen."""

from __future__ import annotations

from collections.abc import Sequence

from elysia_desktop.state.base import BaseStateManager
from elysia_desktop.state.conversation import ChatDicts
from elysia_desktop.state.message_list import MessageList
from elysia_desktop.state.messages import Message


class VisibleStateManager(BaseStateManager):
    """Its history is the visible messages, and saving it does nothing: whoever showed them keeps them."""

    def load_conversation_history(self) -> ChatDicts:
        """Read the visible messages anew, and return them in OpenAI's shape."""
        self._forget()
        return self.history()

    def save_conversation_history(self) -> None:
        """Do nothing."""

    async def asave(self) -> None:
        """Do nothing."""

    def _history(self) -> MessageList:
        return self.messages.visible

    def _note(self, messages: Sequence[Message]) -> None:
        """Calls are not part of what the person sees."""
