"""The loop: a completion, the calls it asks for, and again, until the model or a tool has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import ToolError
from elysia_desktop.state.calling import CalledTool, NotCalledTool
from elysia_desktop.state.message_list import Messages
from elysia_desktop.state.messages import Message

if TYPE_CHECKING:
    from elysia_desktop.state.completing import Choice, Completing, Schema

Round = tuple[Message, list[CalledTool], list[NotCalledTool]]
"""A completion, the calls of it that came to a tool, and those that did not."""


@dataclass(frozen=True)
class Looping:
    """How a loop is run."""

    iterations: int
    out: Message | None = None
    start_text: str = ""
    tool_choice: Choice | None = None
    schema: Schema | None = None
    extra: Mapping[str, Any] | None = None
    run_async: bool = False
    raise_on_max_iterations: bool = False
    raise_on_missing_tool: bool = False
    raise_on_tool_error: bool = False
    max_tokens: int | None = None

    async def run(self, state: Completing, message: Messages | None) -> list[Round]:
        """Every round, in order; at the last one the model is given no tools, so that it answers.

        `ToolError` instead, where the loop is to raise after all its iterations.
        """
        rounds: list[Round] = []
        for iteration in range(self.iterations):
            is_last = iteration == self.iterations - 1 and not self.raise_on_max_iterations
            completion = await state.acomplete(
                None if iteration else message,
                self.out,
                "" if iteration else self.start_text,
                # a tool that had to be called each time would be called for ever
                None if iteration else self.tool_choice,
                self.schema,
                max_tokens=self.max_tokens,
                with_tools=not is_last,
            )
            called, not_called, go_on = await state.acall(
                completion,
                self.extra,
                self.out,
                self.raise_on_missing_tool,
                self.run_async,
                raise_on_tool_error=self.raise_on_tool_error,
                loop_iteration=iteration,
            )
            rounds.append((completion, called, not_called))
            if not go_on:
                return rounds
        raise ToolError(
            f"The model still called functions after {self.iterations} completions.",
            "Allow more iterations, or ask for less at once.",
        )
