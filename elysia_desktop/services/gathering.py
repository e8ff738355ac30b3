"""Gathers what a model writes into pieces of a few milliseconds, so that each can be kept before it is shown."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from elysia_desktop.core.payloads import Payload, Return

SECONDS = 0.04
"""How long a piece may be held back: two frames of a window, too short to be seen."""


async def gathered(
    run: AsyncGenerator[Payload, None], seconds: float = SECONDS
) -> AsyncGenerator[Payload, None]:
    """The payloads of a run; the `text_delta` of one text that come within so many seconds are joined to one.

    The run goes on while they are gathered, and waits after any other payload until the next one is asked for.
    Leaving early, or being cancelled, ends the run.
    """
    sent = _Sent()
    pump = asyncio.create_task(_pass_on(run, sent), name="run")
    pump.add_done_callback(lambda _: sent.add(None))
    clock = asyncio.get_running_loop().time
    shown_at = clock() - seconds
    try:
        while (payload := await sent.next()) is not None:
            if payload["type"] == "text_delta":
                await asyncio.sleep(shown_at + seconds - clock())
                payload = sent.joined(payload)
                shown_at = clock()
            yield payload
        await pump
    finally:
        await ended(pump)


async def woven(
    run: AsyncGenerator[Payload, None], heard: asyncio.Queue[Payload | Return | None]
) -> AsyncGenerator[Payload | Return, None]:
    """The payloads of a run and what is put into `heard` meanwhile, in the order in which they come.

    The run goes on when its payload was taken and the next is asked for. Leaving early, or being cancelled, ends it.
    """
    is_taken = asyncio.Event()

    async def pass_on() -> None:
        async with aclosing(run):
            async for payload in run:
                is_taken.clear()
                heard.put_nowait(payload)
                await is_taken.wait()

    pump = asyncio.create_task(pass_on(), name="run")
    pump.add_done_callback(lambda _: heard.put_nowait(None))
    try:
        while (item := await heard.get()) is not None:
            yield item
            if isinstance(item, dict):
                is_taken.set()
        await pump
    finally:
        await ended(pump)


class _Sent:
    """What a run has sent and nobody has read; None after its end."""

    def __init__(self) -> None:
        self.is_read = asyncio.Event()
        """Whether all of it was read and the next is asked for."""
        self._waiting: deque[Payload | None] = deque()
        self._has_come = asyncio.Event()

    def add(self, payload: Payload | None) -> None:
        """Take the next payload in."""
        self.is_read.clear()
        self._waiting.append(payload)
        self._has_come.set()

    async def next(self) -> Payload | None:
        """The oldest payload, once there is one."""
        while not self._waiting:
            self._has_come.clear()
            self.is_read.set()
            await self._has_come.wait()
        return self._waiting.popleft()

    def joined(self, delta: Payload) -> Payload:
        """The piece with those of the same text that stand right behind it."""
        body = delta["payload"]
        pieces = [body["delta"]]
        while (
            (payload := self._waiting[0] if self._waiting else None) is not None
            and payload["type"] == "text_delta"
            and payload["payload"]["message_id"] == body["message_id"]
        ):
            pieces.append(payload["payload"]["delta"])
            self._waiting.popleft()
        return {**delta, "payload": {**body, "delta": "".join(pieces)}}


async def _pass_on(run: AsyncGenerator[Payload, None], sent: _Sent) -> None:
    async with aclosing(run):
        async for payload in run:
            sent.add(payload)
            if payload["type"] != "text_delta":
                await sent.is_read.wait()


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel what still runs and wait for its end, also when the one who waits is cancelled again."""
    is_cancelled = False
    while not task.done():
        task.cancel()
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            is_cancelled = True
    if not task.cancelled():
        task.exception()  # noted as seen: whoever left early does not ask for it
    if is_cancelled:
        raise asyncio.CancelledError
