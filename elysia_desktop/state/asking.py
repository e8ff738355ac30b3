"""One prompt to a model, ready to be sent, and its reply as a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from elysia_desktop.core.chat import ChatMessage, FunctionSpec, ToolChoice
from elysia_desktop.core.payloads import Return
from elysia_desktop.engine.lm import Completion, Model
from elysia_desktop.engine.model_failures import ReplyBrokenOff
from elysia_desktop.engine.predict import Spent
from elysia_desktop.engine.spending import used
from elysia_desktop.state.messages import FunctionCall, Message
from elysia_desktop.state.streaming import Take, WrittenTo

TRIES = 3
"""How often a model is asked for the same at most."""


@dataclass(frozen=True)
class Asking:
    """A prompt and what its reply may be; `show` is told what the reply took."""

    model: Model
    messages: Sequence[ChatMessage]
    tools: Sequence[FunctionSpec] = ()
    tool_choice: ToolChoice = "auto"
    schema: dict[str, Any] | None = None
    max_tokens: int | None = None
    purpose: str = ""
    show: Callable[[Return], None] | None = None

    async def asked(self, take: Take | None, begin_anew: Callable[[], None] | None = None) -> Message:
        """The reply; one that breaks off is asked for again where its text can `begin_anew`."""
        spent = Spent(model=self.model.choice.model)
        try:
            for _ in range(TRIES - 1 if begin_anew else 0):
                try:
                    return await self._answer(take, spent)
                except ReplyBrokenOff as broken:
                    spent.attempts += 1
                    spent.exchanges += broken.exchanges
                if begin_anew:
                    begin_anew()
            return await self._answer(take, spent)
        finally:
            if spent.attempts and self.show is not None:
                self.show(used(self.purpose, spent))

    async def passed_on(self, take: Take, out: Message | None) -> Message:
        """The reply, each piece handed on and written to `out`; a piece that was handed on cannot be taken back."""
        if out is None:
            return await self.asked(take)
        writing = WrittenTo(out)

        def both(piece: str) -> None:
            writing.take(piece)
            take(piece)

        message = await self.asked(both)
        writing.end(message.content)
        return message

    async def _answer(self, take: Take | None, spent: Spent) -> Message:
        completion = await self.model.converse(
            self.messages,
            tools=self.tools,
            tool_choice=self.tool_choice,
            schema=self.schema,
            on_delta=take,
            max_tokens=self.max_tokens,
            purpose=self.purpose,
        )
        spent.add(completion)
        return _as_message(completion)


def _as_message(completion: Completion) -> Message:
    calls = [FunctionCall(call.id, call.name, call.arguments) for call in completion.calls]
    return Message.ASSISTANT(
        completion.text, calls, extra={"cut_short": True} if completion.cut_short else {}
    )
