"""How much of a file is read at most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds that keep one file from freezing or filling the computer."""

    size: int = 250_000_000
    """Bytes; a larger file is refused."""
    characters: int = 10_000_000
    """Of text; what follows is left out, and said so."""
    pages: int = 10_000
    """What follows is left out, and said so."""
    expanded: int = 300_000_000
    """Bytes that a compressed file may unpack to; a larger one is refused."""
    ratio: int = 200
    """How many times its size a compressed file may grow to, once it is over a few megabytes."""
    parts: int = 10_000
    """Files within a compressed file."""
    depth: int = 200
    """Levels of values within values."""
    seconds: float = 120.0
    """What is not read by then is left out, and said so."""
