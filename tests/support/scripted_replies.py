"""What a scripted model can be told to say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Say:
    """An answer; token counts that are not given are a quarter of the characters."""

    text: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    finish: str = "stop"
    piece: int = 4
    """Characters per streamed chunk."""
    pause: float = 0.0
    """Seconds between streamed chunks."""
    usage: Mapping[str, Any] | None = field(default_factory=dict[str, Any])
    """What the usage tells beside tokens, such as a cost; None for a server that tells none."""
    thoughts: str = ""
    """What a thinking model wrote before."""


@dataclass(frozen=True)
class Json:
    """An answer that is this object's JSON."""

    value: Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """A function call; `arguments` that are a text go out as they are, JSON or not. An id of None is left out."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict[str, Any])
    id: str | None = ""
    """Empty for one that no other call of this server has."""

    @property
    def written(self) -> str:
        """The arguments as they are sent."""
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)


@dataclass(frozen=True)
class Calls:
    """An answer that asks for function calls, with a text or without."""

    calls: Sequence[Call]
    text: str = ""
    finish: str = "tool_calls"
    piece: int = 4
    """Characters per streamed chunk, of the text and of the arguments."""
    pause: float = 0.0
    """Seconds between streamed chunks."""
    numbered: bool = True
    """Whether pieces of a stream tell which call they belong to."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    usage: Mapping[str, Any] | None = field(default_factory=dict[str, Any])
    thoughts: str = ""


@dataclass(frozen=True)
class Fail:
    """An HTTP error; without a body, one in OpenAI's shape."""

    status: int
    body: Mapping[str, Any] | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Slow:
    """Nothing for some seconds, then another reply."""

    seconds: float
    then: Reply


@dataclass(frozen=True)
class Stall:
    """Headers and the beginning of an answer, then silence until one side closes."""

    text: str = "I was about to"


@dataclass(frozen=True)
class Cut:
    """The beginning of an answer, then the connection is dropped."""

    text: str = "I was about to"


@dataclass(frozen=True)
class Garbage:
    """A successful reply whose body is no JSON."""

    text: str = "<html>It works!</html>"


@dataclass(frozen=True)
class Raw:
    """A reply whose body is just this, whatever it is and whatever was asked for."""

    content: bytes
    status: int = 200
    content_type: str = "application/json"


@dataclass(frozen=True)
class Endless:
    """A stream of the same text again and again, until one side closes."""

    text: str = "and then "
    pause: float = 0.0


Reply = Say | Json | Calls | Fail | Slow | Stall | Cut | Garbage | Raw | Endless
