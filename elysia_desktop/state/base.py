"""The abstract state manager: loops of completions and function calls over one conversation, and its turns."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy, deepcopy
from types import TracebackType
from typing import Any, Self

from elysia_desktop.engine.crossing import entering
from elysia_desktop.state.bridge import Bridge
from elysia_desktop.state.completing import Choice, Completing, Schema
from elysia_desktop.state.home import MemoryHome
from elysia_desktop.state.loop import Looping, Round
from elysia_desktop.state.message_list import MessageList, Messages
from elysia_desktop.state.messages import Message
from elysia_desktop.state.registration import Tools
from elysia_desktop.state.tool_log import running_call


class BaseStateManager(Completing):
    """Lets a model call functions over one conversation.

    Methods wait in the thread they are called on; those that begin with “a” do the same on the event loop.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def loop(
        self,
        message: Messages | None = None,
        out: Message | None = None,
        start_text: str = "",
        tool_choice: Choice | None = None,
        max_iterations: int | None = None,
        raise_on_max_iterations: bool = False,
        *,
        schema: Schema | None = None,
        extra: Mapping[str, Any] | None = None,
        run_async: bool = False,
        raise_on_missing_tool: bool = False,
        raise_on_tool_error: bool = False,
        max_tokens: int | None = None,
    ) -> list[Round]:
        """Complete, carry out the calls, and again; each completion with the calls that came to a tool, and the others.

        Ends when the model answers, when a tool returns False, or when all of a batch have written to `out`. At the last
        iteration an answer is asked for without tools, unless `ToolError` is to be raised there.
        """
        return self._bridge.run(
            self.aloop(
                message,
                out,
                start_text,
                tool_choice,
                max_iterations,
                raise_on_max_iterations,
                schema=schema,
                extra=extra,
                run_async=run_async,
                raise_on_missing_tool=raise_on_missing_tool,
                raise_on_tool_error=raise_on_tool_error,
                max_tokens=max_tokens,
            )
        )

    async def aloop(
        self,
        message: Messages | None = None,
        out: Message | None = None,
        start_text: str = "",
        tool_choice: Choice | None = None,
        max_iterations: int | None = None,
        raise_on_max_iterations: bool = False,
        *,
        schema: Schema | None = None,
        extra: Mapping[str, Any] | None = None,
        run_async: bool = False,
        raise_on_missing_tool: bool = False,
        raise_on_tool_error: bool = False,
        max_tokens: int | None = None,
    ) -> list[Round]:
        """`loop`, on the event loop."""
        iterations = self.conf.FUNCTION_CALL_MAX_ITERATIONS if max_iterations is None else max_iterations
        if iterations < 1:
            raise ValueError(f"A loop has at least one iteration, not {iterations}.")
        looping = Looping(
            iterations=iterations,
            out=out,
            start_text=start_text,
            tool_choice=tool_choice,
            schema=schema,
            extra=extra,
            run_async=run_async,
            raise_on_max_iterations=raise_on_max_iterations,
            raise_on_missing_tool=raise_on_missing_tool,
            raise_on_tool_error=raise_on_tool_error,
            max_tokens=max_tokens,
        )
        with entering("loop"), self._bridge.running():
            return await looping.run(self, message)

    def fork(self) -> Self:
        """A state manager like this one, with copies of its context and conversation, and without tools.

        What is done with it changes nothing here. Its calls stand in the log within the call that it was made in.
        """
        self._ensure_loaded()
        made = copy(self)
        made.detach()
        return made

    def detach(self) -> None:
        """Share nothing any more with the state manager that this is a copy of, but its files, models and log."""
        self._bridge = Bridge(parent=self._bridge)
        llm = self._llm.across(self._bridge)
        self._within = running_call() or self._within
        self._ctx = self._told().fork()
        self._replayed = frozenset()
        self._home = MemoryHome(self._home.documents, list(self._messages), dict(self._storage))
        self._owns_bridge = self._owns_models = False
        self._tools, self._extra, self.data = Tools(), dict(self._extra), _copied(self.data)
        self._make_managers()
        self._llm = llm

    def reset(self) -> None:
        """Begin anew from the conversation as it is kept: tools, extra, data and what was not saved are dropped."""
        self._tools.clear()
        self._extra = {}
        self.data = {}
        self._forget()

    def clear(self) -> int:
        """Delete the conversation's messages; how many there were."""
        self._ensure_loaded()
        return self._bridge.run(self.aclear())

    async def aclear(self) -> int:
        """`clear`, on the event loop."""
        await self.aload()
        here = sum(bool(message.content or message.func_calls) for message in self._messages)
        await self._messages.aclear()
        self._ctx = MessageList()
        return here

    def pre_module_hook(self) -> None:
        """Before a turn; nothing, unless a class of yours says otherwise."""

    def post_module_hook(self) -> None:
        """After a turn: keep the conversation."""
        self.save_conversation_history()


def _copied(data: dict[str, Any]) -> dict[str, Any]:
    """A dict with copies of what can be copied; a lock, or a connection, stays what it is."""
    result: dict[str, Any] = {}
    for name, value in data.items():
        try:
            result[name] = deepcopy(value)
        except Exception:  # noqa: BLE001 - whatever a class says of being copied
            result[name] = value
    return result
