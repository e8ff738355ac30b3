"""One request to a model: what is sent, what comes back, and how long it took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from elysia_desktop.engine.budget import estimate_tokens

OnDelta = Callable[[str], None]

_CHARACTERS_PER_TOKEN = 16
"""More than tokens ever hold on average: a stream beyond this does not heed its limit."""


@dataclass(frozen=True)
class Completion:
    """What a model wrote, and what it took; `cost` is in US dollars, None when the price is unknown.

    `exchanges` are the ids of everything that was recorded on the way; `estimated` says that the
    server did not tell its tokens.
    """

    text: str
    input_tokens: int
    output_tokens: int
    seconds: float
    cost: float | None = None
    cut_short: bool = False
    exchanges: tuple[str, ...] = ()
    estimated: bool = False


@dataclass
class Attempt:
    """One request: what is sent, and how long it took."""

    system: str
    user: str
    schema: dict[str, Any] | None
    purpose: str
    longest: int
    stream: DeltaStream | None = None
    only_thought: bool = False
    seconds: float = 0.0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _started: float = 0.0

    @property
    def began(self) -> bool:
        """Whether part of the reply has been passed on."""
        return self.stream is not None and self.stream.began

    def begin(self) -> None:
        """Start the clock."""
        self._started = time.monotonic()

    def end(self) -> None:
        """Stop the clock."""
        self.seconds = time.monotonic() - self._started

    def estimated(self, text: str, cut_short: bool = False) -> Completion:
        """A reply whose tokens the server did not tell."""
        asked = estimate_tokens(self.system) + estimate_tokens(self.user)
        return Completion(
            text, asked, estimate_tokens(text), self.seconds, cut_short=cut_short, estimated=True
        )


class DeltaStream:
    """Takes what dspy streams and passes the text on, up to a number of tokens."""

    def __init__(self, on_delta: OnDelta, most_tokens: int) -> None:
        self._on_delta = on_delta
        self._most = most_tokens * _CHARACTERS_PER_TOKEN
        self._length = 0
        self._pieces: list[str] = []
        self.is_too_long = False

    @property
    def began(self) -> bool:
        """Whether any text has been passed on."""
        return bool(self._pieces)

    @property
    def text(self) -> str:
        """What has been passed on."""
        return "".join(self._pieces)

    async def send(self, chunk: Any) -> None:
        """Take one chunk."""
        delta = chunk.choices[0].delta
        text = delta.content
        self._length += len(text or "") + len(delta.get("reasoning_content") or "")
        if self._length > self._most:
            self.is_too_long = True
            raise ValueError("The reply does not heed its limit.")
        if text:
            self._pieces.append(text)
            self._on_delta(text)


def encodable(text: str) -> str:
    """The text with halves of characters replaced, which no server can receive."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def text_of(response: Any) -> str:
    """The reply as text; dspy hands a reply that obeyed a schema over as data."""
    if response.text is not None:
        return response.text
    try:
        return "" if response.data is None else json.dumps(response.data, ensure_ascii=False)
    except RecursionError:
        return ""
