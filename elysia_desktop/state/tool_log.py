"""Tells of every function call when it begins and when it has ended, and within which other call it was made."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from elysia_desktop.core.payloads import Return, ToolCalled, ToolReturned
from elysia_desktop.state.messages import FunctionCall, ToolOutput

Show = Callable[[Return], None]


@dataclass(frozen=True, eq=False)
class RunningCall:
    """A call that is being carried out, within another one or within none."""

    id: str
    parent: RunningCall | None = None

    def is_within(self, call_id: str) -> bool:
        """Whether it is that call, or was made by it."""
        return self.id == call_id or (self.parent is not None and self.parent.is_within(call_id))


_running: ContextVar[RunningCall | None] = ContextVar("running_call", default=None)


def running_call() -> RunningCall | None:
    """The call that this thread or task works for, None outside of all tools."""
    return _running.get()


@contextmanager
def carried_out(call: FunctionCall, parent: RunningCall | None) -> Generator[None]:
    """What is begun within works for this call."""
    before = _running.set(RunningCall(call.id, _running.get() or parent))
    try:
        yield
    finally:
        _running.reset(before)


@dataclass
class LoggedCall:
    """One call's two lines in the log: the first when this is made, the second when the call has ended."""

    call: FunctionCall
    show: Show
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        call = self.call
        self.show(ToolCalled(call.id, call.name, call.arguments, call.parent_id))

    def ended(self, output: ToolOutput) -> None:
        """The call has come to this."""
        seconds = time.monotonic() - self.began
        self.show(ToolReturned(self.call.id, output.outcome, output.content, seconds))
