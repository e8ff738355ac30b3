"""The model library's adapter for OpenAI-compatible servers, made safe against what some of them send."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import Any, cast

_MOST_BYTES = 32_000_000
"""No reply is read further: one without end would fill the memory."""
AS_WRITTEN = "as_written"
"""Under this name alone stand a call's arguments as the model wrote them, JSON or not."""
UNNAMED = "unnamed"
"""Stands for the name of a call that has none."""
_WORDS = ("message", "error", "detail", "msg", "errors")
"""Where servers put the words of an error."""


@functools.cache
def compatible_adapter() -> type:
    """The library's own adapter, which else loses what a refusal says outside of `error`, and reads on for ever."""
    lm15: Any = import_module("dspy.lm15")

    class Chat(lm15.OpenAIChatLM):
        def normalize_error(self, status: int, body: str) -> Any:
            return lm15.OpenAIChatLM.normalize_error(self, status, in_openais_shape(body))

        def parse_response(self, request: Any, response: Any) -> Any:
            said = _failure_in(response.text())
            if said:
                raise self._response_error("", said)
            if '"tool_calls"' in response.text():
                response = dataclasses.replace(response, body=_with_calls_as_written(response.text()))
            return lm15.OpenAIChatLM.parse_response(self, request, response)

        def parse_stream_events(self, request: Any, raw_event: Any) -> Any:
            said = _failure_in(raw_event.data or "")
            if said:
                raw_event = dataclasses.replace(raw_event, data=json.dumps({"error": {"message": said}}))
            elif '"tool_calls"' in (raw_event.data or ""):
                raw_event = dataclasses.replace(raw_event, data=_with_readable_pieces(raw_event.data))
            return lm15.OpenAIChatLM.parse_stream_events(self, request, raw_event)

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
    """An error's body with what it says under `error`, where servers that do not follow OpenAI keep it elsewhere.

    Gemini puts it in a list; OpenRouter says that its provider failed, and what that said beside it.
    """
    data = told = _parsed(body)
    if isinstance(data, list) and len(cast("list[Any]", data)) == 1:
        data = cast("list[Any]", data)[0]
    if not isinstance(data, dict):
        return body
    error: Any = cast("dict[str, Any]", data).get("error")
    if not error:
        return json.dumps({"error": {"message": _said(data)}})
    if isinstance(error, dict):
        inner = cast("dict[str, Any]", error)
        changed: Any = {**inner, "message": _said_upstream(inner) or _said(inner)}
    else:
        changed = _said(error)
    return body if data is told and changed == error else json.dumps({"error": changed})


def _with_calls_as_written(body: str) -> bytes:
    """A reply's body with the arguments of each call as a text within JSON, which the library does not read then.

    It raises where they are odd JSON or a call has no name, and changes them where they are none.
    """
    data = _parsed(body)
    for call, function in _calls_in(data, "message"):
        arguments = function.get("arguments")
        function["arguments"] = json.dumps({AS_WRITTEN: _as_text(arguments)})
        function["name"] = str(function.get("name") or UNNAMED)
        call["type"] = "function"
    return body.encode() if data is None else json.dumps(data).encode()


def _with_readable_pieces(event: str) -> str:
    """A stream's event with numbered pieces of calls, which are texts."""
    data = _parsed(event)
    for call, function in _calls_in(data, "delta"):
        function["arguments"] = _as_text(function.get("arguments"))
        if not isinstance(call.get("index"), int):
            call["index"] = 0
    return event if data is None else json.dumps(data)


def _calls_in(data: Any, name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each call of a reply's message, or of a piece of it, with its function."""
    try:
        calls: Any = data["choices"][0][name]["tool_calls"] or []
    except (TypeError, LookupError):
        return
    for call in cast("list[Any]", calls):
        if isinstance(call, dict):
            found = cast("dict[str, Any]", call)
            if not isinstance(found.get("function"), dict):
                found["function"] = {}
            yield found, found["function"]


def _as_text(arguments: Any) -> str:
    if arguments is None:
        return ""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _failure_in(text: str) -> str:
    """What went wrong, where a server says so as a mere text and with the status of success; else empty."""
    data = _parsed(text) if '"error"' in text else None
    error: Any = cast("dict[str, Any]", data).get("error") if isinstance(data, dict) else None
    return error if isinstance(error, str) else ""


def _said(value: Any) -> str:
    """The words in what stands where words are expected."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        inner = next((named[name] for name in _WORDS if named.get(name)), None)
        if inner is not None:
            return _said(inner)
    if isinstance(value, list):
        fields = [_said_of_field(item) for item in cast("list[Any]", value)]
        if fields and all(fields):
            return "; ".join(fields)
    return json.dumps(value, ensure_ascii=False)


def _said_of_field(item: Any) -> str:
    """An objection to one field of a request, as FastAPI has it; empty where it is none."""
    objection = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    words, place = objection.get("msg") or objection.get("message"), objection.get("loc")
    if not words:
        return ""
    where = ".".join(map(str, cast("list[Any]", place))) if isinstance(place, list) else ""
    return f"{where}: {_said(words)}" if where else _said(words)


def _said_upstream(error: dict[str, Any]) -> str:
    """What OpenRouter's provider said, after OpenRouter's own words."""
    beside: Any = error.get("metadata")
    raw: Any = cast("dict[str, Any]", beside).get("raw") if isinstance(beside, dict) else None
    if not raw:
        return ""
    told = _parsed(raw) if isinstance(raw, str) else raw
    return f"{_said(error)}: {_said(told if isinstance(told, dict) else raw)}"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


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
