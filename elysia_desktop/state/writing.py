"""Notes which function call writes to a message, so that what it wrote can be its result."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from elysia_desktop.state.messages import FunctionCall, Message
from elysia_desktop.state.tool_log import running_call


class Writings:
    """What each call of a batch has left in `out`."""

    def __init__(self, out: Message | None, calls: Sequence[FunctionCall]) -> None:
        self._out = out
        self._ids = [call.id for call in calls]
        self._written: dict[str, str] = {}

    def by(self, call: FunctionCall) -> str | None:
        """The text that stood in `out` when this call, or one within it, last wrote there; None if it never did."""
        return self._written.get(call.id)

    @contextmanager
    def watched(self) -> Generator[None]:
        """Note what is written meanwhile; whoever hears of the message's changes still does."""
        out = self._out
        if out is None:
            yield
            return
        before = out.on_change

        def note(message: Message, delta: str | None) -> None:
            writer = running_call()
            for call_id in self._ids if writer is not None else ():
                if writer is not None and writer.is_within(call_id):
                    self._written[call_id] = message.content
            if before is not None:
                before(message, delta)

        out.on_change = note
        try:
            yield
        finally:
            if out.on_change is note:
                out.on_change = before
