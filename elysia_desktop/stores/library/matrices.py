"""The vectors of one name in memory: most mapped from a file, the newest beside it, searched exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Matrix = NDArray[np.float32]

_SELECTIVE = 16
"""Where a filter lets fewer than one in this many pass, only their vectors are read."""


@dataclass(frozen=True)
class Block:
    """Unit vectors, one per line, by ascending number; `rows` are the objects they belong to."""

    ids: Numbers
    rows: Numbers
    matrix: Matrix

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def empty(cls, dimensions: int) -> Block:
        """No vectors."""
        none = np.empty(0, dtype=np.int64)
        return cls(none, none, np.empty((0, dimensions), dtype=np.float32))

    def where(self, mask: NDArray[np.bool_]) -> Block:
        """Only some of the vectors."""
        return self if mask.all() else Block(self.ids[mask], self.rows[mask], self.matrix[mask])

    def followed_by(self, other: Block) -> Block:
        """Both, one after the other."""
        if not len(self):
            return other
        return Block(
            np.concatenate((self.ids, other.ids)),
            np.concatenate((self.rows, other.rows)),
            np.concatenate((self.matrix, other.matrix)),
        )

    def positions(self, ids: Numbers) -> Numbers:
        """Where these numbers stand; those that do not are left out."""
        if not len(self):
            return np.empty(0, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        return at[self.ids[at] == ids]


@dataclass(frozen=True)
class Ranked:
    """Objects and how near they are (-1 to 1), in no order."""

    rows: Numbers
    scores: Matrix

    def best(self, limit: int) -> Ranked:
        """The nearest, nearest first; of those as near the ones that were stored first."""
        rows, scores = self.rows, self.scores
        if limit < len(scores):
            near = np.flatnonzero(scores >= np.partition(scores, -limit)[-limit])
            rows, scores = rows[near], scores[near]
        order = np.lexsort((rows, -scores))[:limit]
        return Ranked(rows[order], scores[order])

    def __add__(self, other: Ranked) -> Ranked:
        return Ranked(np.concatenate((self.rows, other.rows)), np.concatenate((self.scores, other.scores)))


@dataclass(frozen=True)
class Passing:
    """The rows that a filter lets pass."""

    rows: Numbers
    _mask: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(cls, rows: Numbers) -> Passing:
        """These rows and no others."""
        mask = np.zeros(int(rows.max()) + 1 if len(rows) else 1, dtype=np.bool_)
        mask[rows] = True
        return cls(rows, mask)

    def of_these(self, rows: Numbers) -> NDArray[np.bool_]:
        """For each of the rows whether it passes."""
        return self._mask[np.minimum(rows, len(self._mask) - 1)] & (rows < len(self._mask))


@dataclass(frozen=True)
class Vectors:
    """All vectors of one name: `base` from a file less what was removed since, and what is new in `fresh`."""

    base: Block
    fresh: Block
    alive: NDArray[np.bool_] | None = None
    """Which of the base are still there; None for all."""

    def __len__(self) -> int:
        return len(self.fresh) + (len(self.base) if self.alive is None else int(self.alive.sum()))

    def without(self, ids: Numbers) -> Vectors:
        """The vectors less those with these numbers."""
        if not len(ids):
            return self
        alive = np.ones(len(self.base), dtype=np.bool_) if self.alive is None else self.alive.copy()
        alive[self.base.positions(ids)] = False
        return Vectors(self.base, self.fresh.where(~np.isin(self.fresh.ids, ids)), alive)

    def with_fresh(self, block: Block) -> Vectors:
        """The vectors with newer ones."""
        return Vectors(self.base, self.fresh.followed_by(block), self.alive) if len(block) else self

    def near(self, query: Matrix, passing: Passing | None) -> Ranked:
        """Every object that passes, compared exactly."""
        return self._of(self.base, self.alive, query, passing) + self._of(self.fresh, None, query, passing)

    def near_from(self, start: int, query: Matrix, passing: Passing | None) -> Ranked:
        """As `near`, of the base only what stands from this position on."""
        tail = Block(self.base.ids[start:], self.base.rows[start:], self.base.matrix[start:])
        alive = None if self.alive is None else self.alive[start:]
        return self._of(tail, alive, query, passing) + self._of(self.fresh, None, query, passing)

    def near_at(self, positions: Numbers, query: Matrix, passing: Passing | None) -> Ranked:
        """Only these positions of the base, less what is gone or does not pass."""
        if self.alive is not None:
            positions = positions[self.alive[positions]]
        rows = self.base.rows[positions]
        if passing is not None:
            positions = positions[passing.of_these(rows)]
            rows = self.base.rows[positions]
        return Ranked(rows, self.base.matrix[positions] @ query)

    @staticmethod
    def _of(block: Block, alive: NDArray[np.bool_] | None, query: Matrix, passing: Passing | None) -> Ranked:
        wanted = alive
        if passing is not None:
            passes = passing.of_these(block.rows)
            wanted = passes if wanted is None else wanted & passes
        if wanted is None:
            return Ranked(block.rows, block.matrix @ query)
        positions = np.flatnonzero(wanted)
        rows = block.rows[positions]
        if len(positions) * _SELECTIVE < len(block):
            return Ranked(rows, block.matrix[positions] @ query)
        return Ranked(rows, (block.matrix @ query)[positions])


def unit(matrix: Matrix) -> Matrix:
    """The vectors made as long as one; one of zeros has no direction and stays, equally far from everything."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))[:, None]
    return np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
