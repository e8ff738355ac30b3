"""The model library's adapter for OpenAI-compatible servers, made safe against what some of them send."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import Any

_MOST_BYTES = 32_000_000
"""No reply is read further: one without end would fill the memory."""


@functools.cache
def compatible_adapter() -> type:
    """The library's own adapter, which else loses what a refusal says outside of `error`, and reads on for ever."""
    lm15: Any = import_module("dspy.lm15")

    class Chat(lm15.OpenAIChatLM):
        def normalize_error(self, status: int, body: str) -> Any:
            return lm15.OpenAIChatLM.normalize_error(self, status, in_openais_shape(body))

    class AsyncChat(lm15.AsyncOpenAIChatLM):
        def __post_init__(self) -> None:
            lm15.AsyncOpenAIChatLM.__post_init__(self)
            plain = self._inner
            given = {
                field.name: getattr(plain, field.name) for field in dataclasses.fields(plain) if field.init
            }
            self._inner = Chat(**given)
            self.transport = _BoundedTransport(self.transport)

    return AsyncChat


def in_openais_shape(body: str) -> str:
    """An error's body with what it says under `error`, where servers that do not follow OpenAI keep it elsewhere."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(data, dict) or data.get("error"):  # pyright: ignore[reportUnknownMemberType]
        return body
    said: Any = data.get("message") or data.get("detail") or data.get("msg") or data  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return json.dumps({"error": {"message": said if isinstance(said, str) else json.dumps(said)}})


class _BoundedTransport:
    """A transport whose replies are read up to a number of bytes."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def stream(self, request: Any) -> AbstractAsyncContextManager[_BoundedReply]:
        """Send a request."""
        return self._opened(request)

    @asynccontextmanager
    async def _opened(self, request: Any) -> AsyncGenerator[_BoundedReply, None]:
        async with self._transport.stream(request) as reply:
            yield _BoundedReply(reply)

    async def aclose(self) -> None:
        """Close connections."""
        await self._transport.aclose()


class _BoundedReply:
    """A reply in the transport's shape."""

    def __init__(self, reply: Any) -> None:
        self._reply = reply
        self.status: int = reply.status
        self.reason: str = reply.reason
        self.headers: list[tuple[str, str]] = reply.headers
        self.http_version: str = reply.http_version

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in pieces; raises the library's `ProviderError` when it is too long."""
        length = 0
        async for piece in self._reply:
            length += len(piece)
            if length > _MOST_BYTES:
                lm15: Any = import_module("dspy.lm15")
                raise lm15.ProviderError(f"its reply is longer than {_MOST_BYTES // 1_000_000} MB")
            yield piece

    async def read(self) -> bytes:
        """The whole body."""
        return b"".join([piece async for piece in self])
