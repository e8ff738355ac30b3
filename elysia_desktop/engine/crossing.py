"""The way between the two engines: each may call the other once, and no further."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from elysia_desktop.core.errors import ToolError

Engine = Literal["tree", "loop"]

_way: ContextVar[tuple[Engine, ...]] = ContextVar("way_through_engines", default=())
"""Which engine called which, the first one first; known in the tasks and threads that they start, too."""


@contextmanager
def entering(engine: Engine) -> Generator[None]:
    """What is done within is done by this engine; raises `ToolError` where that would be the second crossing."""
    way = _way.get()
    if way[-1:] != (engine,):
        way = (*way, engine)
    if len(way) > 2:
        called = "A tool of the function-calling loop" if engine == "tree" else "A tool of the decision tree"
        raise ToolError(
            f"{called} cannot call the other engine here, as that engine called it.",
            "Answer from what was found so far, or use another tool.",
        )
    token = _way.set(way)
    try:
        yield
    finally:
        _way.reset(token)
