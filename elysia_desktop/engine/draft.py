"""What a function-calling tool of a tree writes for the person, while it writes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from elysia_desktop.core.payloads import Return, TextDelta, TextReplaced
from elysia_desktop.core.sources import SourceMarks

T = TypeVar("T")


@dataclass
class Draft:
    """The part of a conversation's `Message` that a tool writes to; it may do so on any thread."""

    content: str = ""
    role: str = "assistant"
    func_calls: tuple[Any, ...] = ()
    sources: tuple[Any, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    on_change: Callable[[Draft, str | None], None] | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.content

    def update(self, content: str) -> Draft:
        """Put this text in place of what stands there."""
        self.content = content
        self._tell(None)
        return self

    def add(self, delta: str) -> Draft:
        """Put this text behind what stands there."""
        if delta:
            self.content += delta
            self._tell(delta)
        return self

    def _tell(self, delta: str | None) -> None:
        if self.on_change is not None:
            self.on_change(self, delta)


class Drafting(Generic[T]):
    """Work that writes to a draft: iterating yields what the person is shown of it, `result` is what it returned."""

    def __init__(self, work: Callable[[Draft], Awaitable[T]], message_id: str) -> None:
        self._work = work
        self._message_id = message_id
        self._is_over = False
        self.draft = Draft()
        self.result: T

    async def shown(self) -> AsyncGenerator[Return, None]:
        """Each change, without marks of sources, as it is made; raises what the work raises.

        Leaving early cancels the work; a thread of it that writes on gets `CancelledError`.
        """
        loop = asyncio.get_running_loop()
        changes: asyncio.Queue[tuple[str, str | None] | None] = asyncio.Queue()

        def changed(draft: Draft, delta: str | None) -> None:
            if self._is_over:
                raise asyncio.CancelledError
            loop.call_soon_threadsafe(changes.put_nowait, (draft.content, delta))

        self.draft.on_change = changed
        task = asyncio.ensure_future(self._work(self.draft))
        task.add_done_callback(lambda _: loop.call_soon(changes.put_nowait, None))
        try:
            async with aclosing(self._told(changes)) as items:
                async for item in items:
                    yield item
            self.result = task.result()
        finally:
            self._is_over = True
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # noted as seen: whoever left early does not ask for it

    async def _told(
        self, changes: asyncio.Queue[tuple[str, str | None] | None]
    ) -> AsyncGenerator[Return, None]:
        marks = SourceMarks()
        while (change := await changes.get()) is not None:
            content, delta = change
            if delta is None:
                marks = SourceMarks()
                yield TextReplaced(self._message_id, marks.feed(content))
            elif shown := marks.feed(delta):
                yield TextDelta(self._message_id, shown)
