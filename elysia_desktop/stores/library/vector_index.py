"""An index of a large collection's vectors, so that not all of them are compared; needs `usearch`."""

from __future__ import annotations

import importlib.util
import logging
import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from elysia_desktop.stores.library.vector_files import Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from elysia_desktop.stores.library.matrices import Block, Passing, Ranked, Vectors
    from elysia_desktop.stores.library.scale import Scale
    from elysia_desktop.stores.library.vector_files import VectorFiles

_log = logging.getLogger(__name__)

_MOST_WANTED = 1_000
_AT_ONCE = 2_048
_CANDIDATES_AT_LEAST = 128


@dataclass(frozen=True)
class VectorIndex:
    """Proposes candidates, which are then compared exactly; what came after it was made is compared anyway."""

    made: Made
    _graph: Any = field(repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def opened(cls, files: VectorFiles, made: Made) -> VectorIndex | None:
        """The index in a file, mapped; None where it or its library is missing."""
        path = files.path(made.token)
        if importlib.util.find_spec("usearch") is None or not path.is_file():
            return None
        try:
            graph = import_module("usearch.index").Index.restore(str(path), view=True)
        except (OSError, RuntimeError, ValueError) as error:
            _log.warning("An index of vectors cannot be read: %s", error)
            return None
        return None if graph is None else cls(made, graph)

    @classmethod
    def make(
        cls,
        files: VectorFiles,
        matrix: Made,
        base: Block,
        old: VectorIndex | None,
        stopped: Callable[[], bool],
    ) -> Made | None:
        """Build an index of a file's vectors, or add those that an old one lacks; None when stopped."""
        start = 0 if old is None else int(np.searchsorted(base.ids, old.made.last, side="right"))
        token = files.new_token()
        path = files.path(token)
        usearch: Any = import_module("usearch.index")
        graph = usearch.Index(ndim=base.matrix.shape[1], metric="cos", dtype="i8")
        try:
            if old is not None:
                graph.load(str(files.path(old.made.token)))
            for at in range(start, len(base), _AT_ONCE):
                if stopped():
                    return None
                part = slice(at, at + _AT_ONCE)
                graph.add(base.ids[part].astype(np.uint64), base.matrix[part], threads=_threads())
            graph.save(str(path))
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise
        return Made(token, matrix.last, matrix.gone)

    @classmethod
    def is_due(cls, base: Block, old: VectorIndex | None, scale: Scale) -> bool:
        """Whether there are so many vectors that an index is worth its making, or the old one is far behind."""
        start = 0 if old is None else int(np.searchsorted(base.ids, old.made.last, side="right"))
        enough = scale.index if old is None else scale.index_behind
        return len(base) - start >= enough and importlib.util.find_spec("usearch") is not None

    def near(self, vectors: Vectors, query: Any, limit: int, passing: Passing | None) -> Ranked | None:
        """The nearest, at least as many as wanted; None where comparing all is the better way."""
        base = vectors.base
        share = 1.0 if passing is None else len(passing.rows) / max(len(vectors), 1)
        # Of what a filter leaves over, the candidates that pass would be too few.
        if limit > _MOST_WANTED or share < 0.2 or not len(base):
            return None
        wanted = int(max(_CANDIDATES_AT_LEAST, 2 * limit) / share)
        with self._lock:
            found = self._graph.search(query, wanted)
        positions = base.positions(np.sort(np.asarray(found.keys, dtype=np.int64)))
        ranked = vectors.near_at(positions, query, passing)
        if len(ranked.rows) < min(limit, len(vectors)):
            return None
        start = int(np.searchsorted(base.ids, self.made.last, side="right"))
        return ranked + vectors.near_from(start, query, passing)


def _threads() -> int:
    """Half of the processors: the window and searches go on meanwhile."""
    return max(1, (os.cpu_count() or 2) // 2)
