"""Replies of a chat model in OpenAI's shape, whole and as the events of a stream."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from support.scripted_replies import Call, Calls, Say

Body = dict[str, Any]


def completion(reply: Say | Calls, body: Body) -> Body:
    """The body of a reply that comes whole."""
    message: Body = {"role": "assistant", "content": reply.text}
    if reply.thoughts:
        message["reasoning_content"] = reply.thoughts
    if isinstance(reply, Calls):
        message["content"] = reply.text or None
        message["tool_calls"] = [_call(call, call.written) for call in reply.calls]
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "scripted"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}],
        "usage": _usage(reply, body),
    }


def events(reply: Say | Calls, body: Body) -> list[str]:
    """Role, pieces of the text, pieces of the calls, finish reason, and usage where it was asked for."""

    def event(choices: list[Body], **more: Any) -> str:
        chunk = {
            "id": "chatcmpl-scripted",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": body.get("model", "scripted"),
            "choices": choices,
        }
        return f"data: {json.dumps({**chunk, **more})}\n\n"

    def choice(delta: Body, finish: str | None = None) -> list[Body]:
        return [{"index": 0, "delta": delta, "finish_reason": finish}]

    made = [event(choice({"role": "assistant", "content": ""}))]
    if reply.thoughts:
        made.append(event(choice({"reasoning_content": reply.thoughts})))
    made += [event(choice({"content": piece})) for piece in _pieces(reply.text, reply.piece)]
    for number, call in enumerate(_calls_of(reply)):
        at: Body = {"index": number} if isinstance(reply, Calls) and reply.numbered else {}
        first, *rest = _pieces(call.written, reply.piece) or [""]
        made.append(event(choice({"tool_calls": [{**at, **_call(call, first)}]})))
        made += [event(choice({"tool_calls": [{**at, "function": {"arguments": piece}}]})) for piece in rest]
    made.append(event(choice({}, reply.finish)))
    options: Body = body.get("stream_options") or {}
    if options.get("include_usage") and reply.usage is not None:
        made.append(event([], usage=_usage(reply, body)))
    return made


def _usage(reply: Say | Calls, body: Body) -> dict[str, Any] | None:
    if reply.usage is None:
        return None
    asked = len(json.dumps(body.get("messages", ""), ensure_ascii=False)) // 4
    given = asked if reply.input_tokens is None else reply.input_tokens
    written = reply.text + "".join(call.written for call in _calls_of(reply))
    made = len(written) // 4 if reply.output_tokens is None else reply.output_tokens
    return {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made, **reply.usage}


def _calls_of(reply: Say | Calls) -> Sequence[Call]:
    return reply.calls if isinstance(reply, Calls) else ()


def _call(call: Call, arguments: str) -> Body:
    """A call in OpenAI's shape."""
    named = {"name": call.name} if call.name else {}
    made: Body = {"type": "function", "function": {**named, "arguments": arguments}}
    if call.id is not None:
        made["id"] = call.id or f"call-{next(_call_numbers)}"
    return made


_call_numbers = count(1)


def _pieces(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)]
