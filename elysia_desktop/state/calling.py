"""Carries out one function call: reads its arguments, runs the tool's methods, and says what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from pydantic import BaseModel, ValidationError

from elysia_desktop.core.errors import ElysiaError, ToolError
from elysia_desktop.engine.hooks import call_hook
from elysia_desktop.state.arguments import read_arguments, told_of, validated
from elysia_desktop.state.messages import FunctionCall, Message, ToolOutput
from elysia_desktop.state.results import failed, output_of, stopped, unknown_tool, words_of
from elysia_desktop.state.running import Stopped, part_of_run

if TYPE_CHECKING:
    from elysia_desktop.state.registration import FunctionTool, Tools

logger = logging.getLogger(__name__)

_LETTING_GO = 5
"""Seconds that an asynchronous tool may take to end once it is cancelled."""


class HookReturns(TypedDict):
    """What each of a tool's methods returned, None where it was not called."""

    pre_run_hook: Any
    run: Any
    post_run_hook: Any


class CalledTool(TypedDict):
    """A call whose tool was made and run; `error` is what its methods raised."""

    id: str
    tool: BaseModel
    call: HookReturns
    error: BaseException | None


class NotCalledTool(TypedDict):
    """A call that did not come to a tool: unknown, with wrong arguments, or skipped."""

    id: str
    name: str
    tool: FunctionTool | None
    arguments: Any
    handled: Any
    """What `on_validation_error` returned."""
    error: BaseException | None


@dataclass
class Outcome:
    """What came of a call: for the model, for whoever asked, and for the loop."""

    output: ToolOutput
    called: CalledTool | None = None
    not_called: NotCalledTool | None = None
    ends_loop: bool = False
    is_written: bool = False
    """Whether the result stands in `out`, where the person sees it already."""

    @property
    def error(self) -> BaseException | None:
        """What went wrong."""
        told = self.called or self.not_called
        return told["error"] if told else None


@dataclass
class Caller:
    """Carries out calls of these tools; `timeout` in seconds is for all methods of a tool together.

    `written` says what a call has written to `out`.
    """

    tools: Tools
    timeout: float
    state: Any
    out: Message | None
    written: Callable[[FunctionCall], str | None]

    async def carry_out(self, call: FunctionCall, extra: dict[str, Any]) -> Outcome:
        """What came of a call; whatever it raises is part of that, but for being cancelled."""
        tool = self.tools.get(call.name)
        if tool is None:
            told = unknown_tool(call, self.tools.names)
            return _not_called(call, None, failed(call, told), ToolError(told))
        hooks = _Hooks({"call_id": call.id, "state": self.state, "extra": extra, "out": self.out})
        with part_of_run() as part:
            # a task of its own: what a tool does to its task does not reach the loop
            work = asyncio.create_task(self._use(tool, call, hooks), name=call.name)
            try:
                _, late = await asyncio.wait({work}, timeout=self.timeout)
            finally:
                if not work.done():
                    part.stop()  # its thread cannot be ended, but gets nothing more done here
                    work.cancel()
                    await asyncio.wait({work}, timeout=_LETTING_GO)
        if late:
            return self._broke(call, hooks, _too_late(call, self.timeout))
        if work.cancelled():
            return self._broke(call, hooks, ToolError("Something that it waited for was cancelled."))
        error = work.exception()
        if error is None:
            return work.result()
        if isinstance(error, Stopped):
            outcome = self._broke(call, hooks, error)
            outcome.output = stopped(call)
            return outcome
        return self._broke(call, hooks, error)

    async def _use(self, tool: FunctionTool, call: FunctionCall, hooks: _Hooks) -> Outcome:
        try:
            made = validated(tool, call.arguments)
        except ValidationError as error:
            return await self._unfit(call, tool, error, hooks.given)
        await hooks.run(made)
        return self._done(call, hooks)

    async def _unfit(
        self, call: FunctionCall, tool: FunctionTool, error: ValidationError, given: Mapping[str, Any]
    ) -> Outcome:
        """Arguments that do not fit; the tool may say itself what the model is told."""
        output = failed(call, told_of(tool, error))
        arguments = read_arguments(call.arguments)
        arguments = call.arguments if arguments is None else arguments
        given["extra"]["validation_error"] = error
        handler = getattr(tool, "on_validation_error", None)
        handled: Any = None
        if handler is not None:
            handled = await call_hook(handler, **given, arguments=arguments, error=error)
            if handled is not None and handled is not False:
                said = output_of(call, handled, None)
                output = ToolOutput(call.id, call.name, said.content, said.sources, "failed")
        outcome = _not_called(call, tool, output, error, arguments, handled)
        outcome.ends_loop = handled is False
        return outcome

    def _done(self, call: FunctionCall, hooks: _Hooks) -> Outcome:
        returns = hooks.returns
        written = self.written(call)
        output = output_of(call, returns["run"], written)
        return Outcome(
            output,
            called=hooks.called(call),
            ends_loop=returns["run"] is False or returns["post_run_hook"] is False,
            is_written=returns["run"] is None and bool(written),
        )

    def _broke(self, call: FunctionCall, hooks: _Hooks, error: BaseException) -> Outcome:
        if not isinstance(error, ElysiaError | Stopped):
            logger.warning("The function %s failed", call.name, exc_info=error)
        output = failed(call, words_of(call, error))
        if hooks.made is None:  # its `on_validation_error` failed
            return _not_called(call, self.tools.get(call.name), output, error)
        return Outcome(output, called=hooks.called(call, error))


@dataclass
class _Hooks:
    """Runs the methods of one tool, and keeps what they return."""

    given: Mapping[str, Any]
    made: BaseModel | None = None
    returns: HookReturns = field(
        default_factory=lambda: HookReturns(pre_run_hook=None, run=None, post_run_hook=None)
    )

    async def run(self, made: BaseModel) -> None:
        self.made = made
        self.returns["pre_run_hook"] = await self._call("pre_run_hook")
        if self.returns["pre_run_hook"] is not False:
            self.returns["run"] = await self._call("run")
        self.returns["post_run_hook"] = await self._call("post_run_hook")

    async def _call(self, name: str) -> Any:
        method = getattr(self.made, name, None)
        return await call_hook(method, **self.given) if callable(method) else None

    def called(self, call: FunctionCall, error: BaseException | None = None) -> CalledTool:
        assert self.made is not None, "A tool without arguments was not called."
        return {"id": call.id, "tool": self.made, "call": self.returns, "error": error}


def _not_called(
    call: FunctionCall,
    tool: FunctionTool | None,
    output: ToolOutput,
    error: BaseException | None,
    arguments: Any = None,
    handled: Any = None,
) -> Outcome:
    told: NotCalledTool = {
        "id": call.id,
        "name": call.name,
        "tool": tool,
        "arguments": call.arguments if arguments is None else arguments,
        "handled": handled,
        "error": error,
    }
    return Outcome(output, not_called=told)


def not_begun(call: FunctionCall, tool: FunctionTool | None, output: ToolOutput) -> Outcome:
    """A call that was skipped or stopped before it began."""
    return _not_called(call, tool, output, None)


def _too_late(call: FunctionCall, seconds: float) -> ToolError:
    return ToolError(
        f"{call.name} was not done within {seconds:g} seconds.", "Try something that takes less time."
    )
