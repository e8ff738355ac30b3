"""Carries out the calls of one message: each gets exactly one output, in their order, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from elysia_desktop.core.errors import ToolError
from elysia_desktop.state.calling import CalledTool, Caller, NotCalledTool, Outcome, not_begun
from elysia_desktop.state.messages import FunctionCall, ToolOutput
from elysia_desktop.state.results import failed, skipped, stopped, unknown_tool
from elysia_desktop.state.running import check_running
from elysia_desktop.state.tool_log import LoggedCall, RunningCall, Show, carried_out


@dataclass(frozen=True)
class Strictness:
    """What raises instead of being told to the model."""

    missing_tool: bool = False
    tool_error: bool = False


LENIENT = Strictness()
"""Everything is told to the model."""


class Batch:
    """The calls of one message, and what has come of them."""

    def __init__(
        self,
        calls: Sequence[FunctionCall],
        caller: Caller,
        *,
        show: Show,
        parent: RunningCall | None,
        strictness: Strictness = LENIENT,
    ) -> None:
        self._calls = calls
        self._caller = caller
        self._show = show
        self._parent = parent
        self._strictness = strictness
        self._outcomes: list[Outcome | None] = [None] * len(calls)

    async def run(self, extra: Callable[[int], dict[str, Any]], at_once: bool) -> None:
        """Carry out all calls, in their order or at once; `extra` gives what the methods of one, from 0, share.

        Raises what `strictness` does not forgive. Being cancelled leaves every call with an output as well.
        """
        places = range(len(self._calls))
        if self._strictness.missing_tool:
            self._refuse_missing()
        try:
            if at_once:
                await self._at_once([self._one(place, extra(place)) for place in places])
                return
            for place in places:
                ender = self._ender()
                if ender is not None:
                    self._leave_out(place, skipped(self._calls[place], ender))
                else:
                    await self._one(place, extra(place))
        finally:
            for place in places:
                if self._outcomes[place] is None:
                    self._leave_out(place, stopped(self._calls[place]), tell=False)

    @property
    def outputs(self) -> list[ToolOutput]:
        """What the model is told of each call, in their order."""
        return [outcome.output for outcome in self._outcomes if outcome is not None]

    @property
    def called(self) -> list[CalledTool]:
        """The calls that came to a tool."""
        return [outcome.called for outcome in self._outcomes if outcome and outcome.called]

    @property
    def not_called(self) -> list[NotCalledTool]:
        """The calls that did not."""
        return [outcome.not_called for outcome in self._outcomes if outcome and outcome.not_called]

    @property
    def go_on(self) -> bool:
        """Whether the model should hear of the results: not when a tool ended it, or all of them wrote to the person."""
        outcomes = [outcome for outcome in self._outcomes if outcome is not None]
        return (
            bool(outcomes)
            and not any(outcome.ends_loop for outcome in outcomes)
            and not all(outcome.is_written for outcome in outcomes)
        )

    async def _one(self, place: int, extra: dict[str, Any]) -> None:
        check_running()  # whoever heard of the last result may have stopped the run
        call = self._calls[place]
        logged = LoggedCall(call, self._show)
        output = stopped(call)
        try:
            with carried_out(call, self._parent):
                outcome = self._outcomes[place] = await self._caller.carry_out(call, extra)
            output = outcome.output
        finally:
            logged.ended(output)
        if self._strictness.tool_error and outcome.error is not None:
            raise outcome.error

    async def _at_once(self, works: Sequence[Any]) -> None:
        """Wait for all; the first error stops the others."""
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _ender(self) -> str | None:
        """The tool that has ended the turn."""
        return next((o.output.name for o in self._outcomes if o is not None and o.ends_loop), None)

    def _leave_out(self, place: int, output: ToolOutput, *, tell: bool = True) -> None:
        call = self._calls[place]
        if tell:
            LoggedCall(call, self._show).ended(output)
        self._outcomes[place] = not_begun(call, self._caller.tools.get(call.name), output)

    def _refuse_missing(self) -> None:
        tools = self._caller.tools
        missing = next((call for call in self._calls if tools.get(call.name) is None), None)
        if missing is None:
            return
        told = unknown_tool(missing, tools.names)
        for place, call in enumerate(self._calls):
            output = failed(call, told) if call is missing else skipped(call, missing.name)
            self._leave_out(place, output)
        raise ToolError(told)
