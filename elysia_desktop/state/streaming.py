"""Text on its way from a model: into a message, or to code that goes through it piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from elysia_desktop.state.messages import Message

if TYPE_CHECKING:
    from elysia_desktop.state.bridge import Bridge

Take = Callable[[str], None]
Ask = Callable[[Take], Coroutine[Any, Any, Message]]
"""Asks a model, hands each piece of its reply on, and returns the whole."""


class WrittenTo:
    """A message that a model writes to; the first piece takes the place of what stood there."""

    def __init__(self, out: Message) -> None:
        self._out = out
        self._has_begun = False

    def begin_anew(self) -> None:
        """The next piece is a first one again."""
        self._has_begun = False

    def take(self, piece: str) -> None:
        """Write the next piece."""
        if self._has_begun:
            self._out.add(piece)
        else:
            self._has_begun = True
            self._out.update(piece)

    def end(self, text: str) -> None:
        """Write the whole where the pieces were not all of it."""
        if text and self._out.content != text:
            self._out.update(text)


async def pieces_of(ask: Ask) -> AsyncGenerator[str, None]:
    """The pieces of a reply as they come; one that comes whole is one piece. Leaving early ends the request."""
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    began = False
    task = asyncio.ensure_future(ask(pieces.put_nowait))
    task.add_done_callback(lambda _: pieces.put_nowait(None))
    try:
        while (piece := await pieces.get()) is not None:
            began = True
            yield piece
        text = (await task).content
        if text and not began:
            yield text
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # noted as seen: whoever left early does not ask for it


def pieces_across(bridge: Bridge, ask: Ask) -> Generator[str, None, None]:
    """As `pieces_of`, for code that waits in a thread of its own."""
    bridge.run(_nothing())  # refuses on the event loop, which would wait for itself
    came: SimpleQueue[str | None] = SimpleQueue()
    ended: list[Message | BaseException] = []
    left = Event()

    def take(piece: str) -> None:
        if left.is_set():
            raise asyncio.CancelledError
        came.put(piece)

    def work() -> None:
        try:
            ended.append(bridge.run(ask(take)))
        except BaseException as error:  # noqa: BLE001 - it is raised where the pieces are waited for
            ended.append(error)
        finally:
            came.put(None)

    Thread(target=copy_context().run, args=(work,), name="streaming", daemon=True).start()
    return _taken(came, ended, left)


def _taken(
    came: SimpleQueue[str | None], ended: list[Message | BaseException], left: Event
) -> Generator[str, None, None]:
    began = False
    try:
        while (piece := came.get()) is not None:
            began = True
            yield piece
    finally:
        left.set()
    outcome = ended[0]
    if isinstance(outcome, BaseException):
        raise outcome
    if outcome.content and not began:
        yield outcome.content


async def _nothing() -> None:
    """Cross over and do nothing there."""
