"""From which number of vectors on what is done about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Numbers of vectors, measured with 384 dimensions; tests take smaller ones."""

    file: int = 20_000
    """More than these are not kept in memory but in a mapped file; fewer are read from the database in no time."""
    file_share: float = 0.2
    """A file is made anew when so much of it has changed, so that small changes do not rewrite large files."""
    index: int = 200_000
    """From here on an index is worth its making; to compare fewer takes some 20 ms."""
    index_behind: int = 50_000
    """An index is added to when it lacks so many; they are compared one by one until then."""


USUAL = Scale()
