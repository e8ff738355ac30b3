"""A state manager's context and tools, one completion over them, and the calls that it asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel

from elysia_desktop.core.chat import ToolChoice
from elysia_desktop.core.sources import Sources
from elysia_desktop.state.calling import CalledTool, Caller, NotCalledTool
from elysia_desktop.state.calls import Batch, Strictness
from elysia_desktop.state.conversation import Conversation
from elysia_desktop.state.message_list import MessageList, Messages, as_messages
from elysia_desktop.state.messages import FunctionCall, Message
from elysia_desktop.state.registration import FunctionTool
from elysia_desktop.state.replaying import replayable, with_own_ids
from elysia_desktop.state.tool_log import RunningCall, running_call
from elysia_desktop.state.writing import Writings

if TYPE_CHECKING:
    from elysia_desktop.engine.tool import Tool

Called = tuple[list[CalledTool], list[NotCalledTool], bool]
"""The calls that came to a tool, those that did not, and whether the model should hear of the results."""
Schema = type[BaseModel] | dict[str, Any]
"""What an answer must be: a pydantic model, or a JSON schema."""
Choice = ToolChoice | FunctionTool
"""Whether functions may or must be called, or the one that must."""


class Completing(Conversation):
    """Tells a model the context, and carries out what it asks for."""

    _within: RunningCall | None = None
    """The call that everything is done for, where this is the fork of a tool."""

    def context(self, messages: Messages, append: bool = False, prepend: bool = False) -> Self:
        """Put these messages in place of the context, behind it or in front of it; `ValueError` for both."""
        if append and prepend:
            raise ValueError("Messages can be put behind the context or in front of it, not both.")
        given = MessageList(messages)
        if append:
            self.ctx.append(given)
        elif prepend:
            self.ctx.prepend(given)
        else:
            self._ensure_loaded()
            self._ctx = given
        return self

    def register(self, tools: FunctionTool | Tool | type[Tool] | Sequence[Any]) -> Self:
        """Let the model call a tool, or several: pydantic classes, or tools of the tree.

        `ValueError` for a second tool of the same name, `TypeError` for what is no tool.
        """
        for tool in tools if isinstance(tools, Sequence) else [tools]:
            self._tools.add(tool)
        return self

    def extra(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Self:
        """Hand these values to every tool that is called from now on."""
        self._extra = {**self._extra, **(values or {}), **more}
        return self

    def complete(
        self,
        message: Messages | None = None,
        out: Message | None = None,
        start_text: str = "",
        tool_choice: Choice | None = None,
        schema: Schema | None = None,
        *,
        max_tokens: int | None = None,
    ) -> Message:
        """One reply of the model to the context, to which a message may be added; the reply is added as well.

        It is written to `out` as it comes, where `start_text` stands until it begins. `tool_choice` is “auto”,
        “none”, “required”, or the tool that must be called. `schema` holds the reply to JSON.
        """
        return self._bridge.run(
            self.acomplete(message, out, start_text, tool_choice, schema, max_tokens=max_tokens)
        )

    def stream(
        self,
        message: Messages | None = None,
        out: Message | None = None,
        start_text: str = "",
        tool_choice: Choice | None = None,
        schema: Schema | None = None,
        *,
        max_tokens: int | None = None,
    ) -> Message:
        """`complete`, written as it comes to the assistant's last message unless there is another `out`."""
        return self.complete(
            message, out or self.last_ass_message, start_text, tool_choice, schema, max_tokens=max_tokens
        )

    def call(
        self,
        message: Message,
        extra: Mapping[str, Any] | None = None,
        out: Message | None = None,
        raise_on_missing_tool: bool = False,
        run_async: bool = False,
        *,
        raise_on_tool_error: bool = False,
    ) -> Called:
        """Carry out the calls that a message asks for, in their order, or with `run_async` at once.

        The context gets exactly one answer to each, in their order. Whatever goes wrong is told to the model, unless
        it is to be raised: `ToolError` for a missing tool, and what a tool itself raised.
        """
        return self._bridge.run(
            self.acall(
                message,
                extra,
                out,
                raise_on_missing_tool,
                run_async,
                raise_on_tool_error=raise_on_tool_error,
            )
        )

    async def acomplete(
        self,
        message: Messages | None = None,
        out: Message | None = None,
        start_text: str = "",
        tool_choice: Choice | None = None,
        schema: Schema | None = None,
        *,
        max_tokens: int | None = None,
        with_tools: bool = True,
    ) -> Message:
        """`complete`, on the event loop; without tools the model can only answer."""
        with self._bridge.running():
            await self.aload()
            self._add(message)
            specs = self._tools.specs if with_tools else []
            choice = self._tools.name_of(tool_choice) if tool_choice is not None and specs else "auto"
            if out is not None and start_text:
                out.update(start_text)
            completion = await self._llm.acomplete(
                self._told(), out, specs, choice, schema, max_tokens, purpose="loop"
            )
            completion.func_calls = self._own(completion.func_calls) if with_tools else ()
            if self.engine is not None:
                completion.sources = Sources(self.engine.tree_data.environment).cited(completion.content)
            self.ctx.append(completion)
            return completion

    async def acall(
        self,
        message: Message,
        extra: Mapping[str, Any] | None = None,
        out: Message | None = None,
        raise_on_missing_tool: bool = False,
        run_async: bool = False,
        *,
        raise_on_tool_error: bool = False,
        loop_iteration: int = 0,
    ) -> Called:
        """`call`, on the event loop."""
        with self._bridge.running():
            await self.aload()
            if not message.func_calls:
                return [], [], False
            message.func_calls = self._own(message.func_calls, message)
            self._add(message)
            calls = message.func_calls
            writings = Writings(out, calls)
            caller = Caller(self._tools, self._time_for_a_tool(), self, out, writings.by)
            strictness = Strictness(raise_on_missing_tool, raise_on_tool_error)
            batch = Batch(calls, caller, show=self.show, parent=self._within, strictness=strictness)

            def shared(place: int) -> dict[str, Any]:
                given = {**self._extra, **(extra or {}), "tool_calls": list(calls)}
                return {**given, "tool_call_index": place + 1, "loop_iteration": loop_iteration}

            try:
                with writings.watched():
                    await batch.run(shared, run_async)
            finally:
                # every call is answered, whatever happened: half an exchange would spoil all that follow
                await self.aload()  # a tool may have reset the state manager
                self._answer(message, [output.to_message() for output in batch.outputs])
            return batch.called, batch.not_called, batch.go_on

    def _add(self, messages: Messages | None) -> None:
        """Put messages at the end of the context, unless they are in it."""
        known = {message.id for message in self.ctx}
        for message in as_messages(messages) if messages is not None else ():
            if message.id not in known:
                self.ctx.append(message)

    def _answer(self, message: Message, answers: Sequence[Message]) -> None:
        """Put the answers behind the message whose calls they answer, and keep both in the conversation."""
        messages = list(self.ctx)
        place = next((at for at, own in enumerate(messages, 1) if own.id == message.id), 0)
        if place and place == len(messages):
            self.ctx.append(answers)
        elif place:
            self._ctx = MessageList([*messages[:place], *answers, *messages[place:]])
        # at 0 a tool has put another context in place of the one with the calls
        self._note([message, *answers])

    def _own(self, calls: Sequence[FunctionCall], message: Message | None = None) -> tuple[FunctionCall, ...]:
        """The calls with ids of their own, and that of the call within which they are made."""
        others = [own for own in self.ctx if message is None or own.id != message.id]
        within = running_call() or self._within
        parent = within.id if within else ""
        return tuple(
            replace(call, parent_id=call.parent_id or parent) for call in with_own_ids(calls, others)
        )

    def _told(self) -> MessageList:
        """What the model is told: the context, of earlier turns' calls only those whose tools are registered now."""
        return MessageList(replayable(self.ctx, self._replayed, self._tools.names))
