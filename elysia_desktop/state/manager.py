"""The state manager: its conversation also keeps the function calls, so that later turns know of them."""

from __future__ import annotations

from collections.abc import Sequence

from elysia_desktop.state.base import BaseStateManager
from elysia_desktop.state.conversation import ChatDicts
from elysia_desktop.state.exchanges import TOOL_CALLS
from elysia_desktop.state.message_list import MessageList
from elysia_desktop.state.messages import Message
from elysia_desktop.state.replaying import kept_ids, noted


class StateManager(BaseStateManager):
    """Its history is the visible messages and the function calls of those tools that are registered now.

    The calls of a turn are kept with the person's message that they were made for, in its `extra` under `_key`.
    """

    _key = TOOL_CALLS

    def load_conversation_history(self) -> ChatDicts:
        """Read the messages and their calls anew, and return them in OpenAI's shape."""
        self._forget()
        return self.history()

    def save_conversation_history(self) -> None:
        """Keep messages, calls and storage; saving twice keeps the same as saving once."""
        self._ensure_loaded()
        self._bridge.run(self.asave())

    def _history(self) -> MessageList:
        return self.messages.all().expand(self._tools.names, self._key)

    def _rebuilt(self) -> MessageList:
        context = super()._rebuilt().expand(key=self._key)
        self._replayed = kept_ids(context)
        return context

    def _note(self, messages: Sequence[Message]) -> None:
        user = self.messages.last_user
        if user is not None:
            noted(user, self._key, messages)
