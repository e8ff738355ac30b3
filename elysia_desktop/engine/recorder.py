"""Keeps what was lately sent to models and what came back, without keys."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

HIDDEN = "•••"
_SHORTEST_KEY = 8
_SHARE = 4
"""No text of an exchange takes more than this part of the room."""


@dataclass(frozen=True)
class Exchange:
    """One request to a model: `error` is empty when it was answered, `cost` is in US dollars.

    `at` is when it was sent, in UTC. `purpose` says what the reply was for, such as `decision`.
    """

    id: str
    at: datetime
    purpose: str
    model: str
    system: str
    user: str
    schema: dict[str, Any] | None
    reply: str
    error: str
    input_tokens: int
    output_tokens: int
    seconds: float
    cost: float | None


class Recorder:
    """The last exchanges, at most so many and so many characters in all; known keys are blotted out."""

    def __init__(
        self, most: int = 200, most_characters: int = 4_000_000, secrets: Iterable[str] = ()
    ) -> None:
        self._most = most
        self._most_characters = most_characters
        self._kept: deque[tuple[Exchange, int]] = deque()
        self._characters = 0
        self._secrets: set[str] = set()
        self.hide(*secrets)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        """The exchanges, oldest first."""
        # Copied in one step: a run in another thread may record meanwhile.
        return iter([exchange for exchange, _ in list(self._kept)])

    def hide(self, *secrets: str) -> None:
        """Blot these keys out of everything that is recorded from now on."""
        self._secrets |= {secret for secret in secrets if secret.strip()}

    def find(self, exchange_id: str) -> Exchange | None:
        """The exchange with this id, while it is kept."""
        return next((exchange for exchange in self if exchange.id == exchange_id), None)

    def record(self, exchange: Exchange, *secrets: str) -> None:
        """Keep an exchange, without the keys known and those given; the oldest make room for it."""
        hidden = (*self._secrets, *secrets)
        schema, length = _schema_without(exchange.schema, hidden)
        if length > self._room:
            schema, length = {"cut": f"{length:,} characters"}, 0
        texts = {
            name: self._clipped(without(getattr(exchange, name), hidden))
            for name in ("purpose", "model", "system", "user", "reply", "error")
        }
        size = length + sum(map(len, texts.values()))
        self._kept.append((replace(exchange, schema=schema, **texts), size))
        self._characters += size
        while len(self._kept) > self._most or (
            self._characters > self._most_characters and len(self._kept) > 1
        ):
            self._characters -= self._kept.popleft()[1]

    def clear(self) -> None:
        """Forget every exchange."""
        self._kept.clear()
        self._characters = 0

    @property
    def _room(self) -> int:
        return self._most_characters // _SHARE

    def _clipped(self, text: str) -> str:
        room = self._room
        return text if len(text) <= room else f"{text[:room]}… [{len(text) - room:,} characters cut]"


def new_exchange_id() -> str:
    """An id for an exchange."""
    return f"exc-{uuid4()}"


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with every key in it blotted out; a word such as `local`, given where no key is needed, is none."""
    keys = {secret for secret in secrets if len(secret.strip()) >= _SHORTEST_KEY}
    for secret in sorted(keys, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _schema_without(
    schema: dict[str, Any] | None, secrets: Iterable[str]
) -> tuple[dict[str, Any] | None, int]:
    if schema is None:
        return None, 0
    written = json.dumps(schema, ensure_ascii=False)
    clean = without(written, secrets)
    return (schema if clean == written else json.loads(clean)), len(written)
