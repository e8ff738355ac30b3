"""A streamed reply: its text is passed on as it comes, its function calls are put together from pieces."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OnDelta = Callable[[str], None]
Picker = Callable[[OnDelta], OnDelta]
"""Makes what picks the text for the reader out of a reply, from what takes that text."""

_CHARACTERS_PER_TOKEN = 16
"""More than tokens ever hold on average: a stream beyond this does not heed its limit."""


class DeltaStream:
    """Takes what dspy streams and passes the text on, up to a number of tokens."""

    def __init__(self, on_delta: OnDelta, most_tokens: int, picker: Picker | None = None) -> None:
        self._on_delta = on_delta
        self._take = self._pass_on if picker is None else picker(self._pass_on)
        self._most = most_tokens * _CHARACTERS_PER_TOKEN
        self._length = 0
        self._pieces: list[str] = []
        self._calls = CallPieces()
        self.began = False
        """Whether any text has been passed on."""
        self.is_too_long = False

    @property
    def text(self) -> str:
        """What has come."""
        return "".join(self._pieces)

    @property
    def calls(self) -> list[tuple[str, str, str]]:
        """The calls that have come: id, name and arguments."""
        return self._calls.made

    async def send(self, chunk: Any) -> None:
        """Take one chunk."""
        delta = chunk.choices[0].delta
        text = delta.content
        pieces: list[Any] = delta.get("tool_calls") or []
        self._length += len(text or "") + len(delta.get("reasoning_content") or "")
        self._length += sum(len(piece["function"]["arguments"]) for piece in pieces)
        if self._length > self._most:
            self.is_too_long = True
            raise ValueError("The reply does not heed its limit.")
        for piece in pieces:
            function = piece["function"]
            self._calls.add(
                piece["index"], piece.get("id") or "", function.get("name") or "", function["arguments"]
            )
        if text:
            self._pieces.append(text)
            self._take(text)

    def _pass_on(self, text: str) -> None:
        self.began = True
        self._on_delta(text)


class CallPieces:
    """Function calls put together from the pieces of a stream.

    Pieces belong together by their number; some servers give every call the same one, so another id, or another name
    behind arguments that are complete, begins a call as well.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._at: dict[int, _Call] = {}

    @property
    def made(self) -> list[tuple[str, str, str]]:
        """Id, name and arguments of each call."""
        return [(call.id, call.name, call.arguments) for call in self._calls]

    def add(self, number: int, call_id: str, name: str, arguments: str) -> None:
        """Take one piece."""
        call = self._at.get(number)
        if call is None or call.is_another(call_id, name):
            call = self._at[number] = _Call()
            self._calls.append(call)
        call.id = call_id or call.id
        call.name = name or call.name
        call.arguments += arguments


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""

    def is_another(self, call_id: str, name: str) -> bool:
        """Whether a piece with this id and name begins another call."""
        if call_id and self.id:
            return call_id != self.id
        return bool(name and self.name) and _is_json(self.arguments)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
