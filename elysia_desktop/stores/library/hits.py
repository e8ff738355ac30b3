"""What a search finds: rows and scores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """A row that matches, with its score (higher is nearer) where a search gave one."""

    row: int
    score: float | None = None
