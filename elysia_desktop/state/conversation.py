"""A state manager's conversation: what was said in it, and how it is added to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, cast

from elysia_desktop.core.payloads import TextReplaced
from elysia_desktop.core.payloads import Warning as Notice
from elysia_desktop.state.config import ModuleConfig
from elysia_desktop.state.history import truncated_history
from elysia_desktop.state.message_list import MessageList, Said, as_messages
from elysia_desktop.state.messages import FunctionCall, Message, ToolOutput
from elysia_desktop.state.parts import StateParts
from elysia_desktop.state.running import check_running

ChatDict = dict[str, Any]
"""A message in OpenAI's shape."""
ChatDicts = list[ChatDict]


class Conversation(StateParts, ABC):
    """Reads and writes a conversation."""

    @abstractmethod
    def load_conversation_history(self) -> ChatDicts:
        """Read the conversation anew from where it is kept, and return its history."""

    @abstractmethod
    def save_conversation_history(self) -> None:
        """Keep the conversation; saving twice keeps the same as saving once."""

    @abstractmethod
    def _history(self) -> MessageList:
        """The messages that are the conversation's history."""

    @abstractmethod
    def _note(self, messages: Sequence[Message]) -> None:
        """Take calls and their answers into the conversation."""

    async def asave(self) -> None:
        """`save_conversation_history`, on the event loop."""
        await self._messages.asave()
        await self._storage.asave()

    def preprocess(self, content: str) -> str:
        """What becomes of a text on its way into the conversation; as it is, unless a class of yours says otherwise."""
        return content

    def history(self) -> ChatDicts:
        """The conversation in OpenAI's shape, oldest first."""
        return cast("ChatDicts", self._processed(self._history()).to_chat())

    def truncated_history(
        self, cfg: ModuleConfig | None = None, system_message: Said | None = None
    ) -> ChatDicts:
        """The newest of the history, within the limits of `cfg`: the oldest are dropped first.

        Never below `N_MIN` messages. Calls stay with their answers. In front stands `system_message`, or a message
        with that text.
        """
        limits = cfg or self.conf
        first = Message.SYSTEM(system_message) if isinstance(system_message, str) else system_message
        told = truncated_history(
            self._processed(self._history()),
            most=limits.N_MAX,
            tokens=limits.MAX_TOKENS,
            least=limits.N_MIN,
            system_message=as_messages(first)[0] if first is not None and system_message else None,
        )
        return cast("ChatDicts", told)

    def last_user_question(self) -> str:
        """What the person asked last, empty where nothing was."""
        message = self.last_usr_message
        return self.postprocess(message.content) if message else ""

    def add_assistant_message(self, content: str, func_calls: Sequence[FunctionCall] = ()) -> ChatDict:
        """Put what the assistant says, or the calls it asks for, at the end of the conversation and the context."""
        message = Message.ASSISTANT(self.preprocess(content), func_calls)
        self.ctx.append(message)
        if message.func_calls:
            self._note([message])
        else:
            self._append(message.copy())
        return cast("ChatDict", message.to_chat())

    def add_tool_message(self, tool_output: ToolOutput, func_call: FunctionCall) -> ChatDict:
        """Put the answer to a call at the end of the context, and with the call into the conversation."""
        message = tool_output.to_message()
        message.tool_call_id, message.name = func_call.id, func_call.name
        self.ctx.append(message)
        self._note([message])
        return cast("ChatDict", message.to_chat())

    def notify(self, content: str, message_id: str | None = None) -> None:
        """Tell the person something that no model is told; with an id, at the end of that message."""
        told = self.preprocess(content)
        if message_id is not None:
            message = self.messages.get_by_id(message_id)
            message.add(f"\n\n{told}" if message.content else told)
            return
        self._append(Message.NOTICE(told))
        self.show(Notice(told))

    def modify(self, content: str, message_id: str | None = None) -> None:
        """Put another text into a message, by default the assistant's current one."""
        told = self.preprocess(content)
        message = self.last_ass_message if message_id is None else self.messages.get_by_id(message_id)
        if message is not None:
            message.update(told)
            return
        message = self._append(Message.ASSISTANT(told))
        self.show(TextReplaced(message.id, told))

    def list(self) -> MessageList:
        """What the person sees of the conversation, oldest first; copies."""
        return self._processed(self.messages.visible)

    def _append(self, message: Message) -> Message:
        check_running()
        self.messages.append(message)
        self._watch(message)
        return message

    def _processed(self, messages: MessageList) -> MessageList:
        return MessageList([message.copy(content=self.postprocess(message.content)) for message in messages])
