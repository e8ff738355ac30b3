"""What was last loaded of each collection's vectors, brought up to date for those who search."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from elysia_desktop.stores.library.matrices import Block, Vectors
from elysia_desktop.stores.library.session import TakesLonger
from elysia_desktop.stores.library.vector_files import Made, Marks, named, read_blocks
from elysia_desktop.stores.library.vector_index import VectorIndex

if TYPE_CHECKING:
    from elysia_desktop.core.schema import VectorConfig
    from elysia_desktop.stores.library.scale import Scale
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table
    from elysia_desktop.stores.library.vector_files import VectorFiles

_log = logging.getLogger(__name__)

_MOMENT = 0.05
"""Seconds that a thread for which others wait gives another that loads the same vectors."""
_FEW = 4_096
"""So many changes are read in a few milliseconds."""


@dataclass(frozen=True)
class State:
    """The vectors of one name up to these marks, and the files they are in."""

    made: Made | None
    marks: Marks
    vectors: Vectors
    index: VectorIndex | None = None

    @property
    def changed(self) -> int:
        """How many vectors were added or removed since the file was made."""
        removed = 0 if self.vectors.alive is None else int((~self.vectors.alive).sum())
        return len(self.vectors.fresh) + removed


class VectorStates:
    """Loads vectors, each name's by one thread at a time; what takes long raises `TakesLonger` first."""

    def __init__(self, files: VectorFiles, scale: Scale) -> None:
        self._files = files
        self._scale = scale
        self._lock = threading.Lock()
        self._loading: dict[tuple[int, str, int], threading.Lock] = {}
        self._kept: dict[tuple[int, str, int], State] = {}
        self._looked_over: set[int] = set()
        self._untidy: set[str] = set()

    def current(self, session: Session, table: Table, config: VectorConfig) -> State:
        """The vectors as the session sees them."""
        key = _key(table, config)
        with self._lock:
            loading = self._loading.setdefault(key, threading.Lock())
        # Who comes second finds what the first has loaded, which may take it long.
        if not loading.acquire(timeout=_MOMENT if session.is_hurried else -1):
            raise TakesLonger
        try:
            return self._brought_up_to_date(session, table, config)
        finally:
            loading.release()

    def kept(self, table: Table, config: VectorConfig) -> State | None:
        """What is in memory, up to date or not."""
        with self._lock:
            return self._kept.get(_key(table, config))

    def forget(self, table_id: int) -> None:
        """Release the memory of a collection's vectors."""
        with self._lock:
            for key in [key for key in self._loading if key[0] == table_id]:
                del self._loading[key]
                self._kept.pop(key, None)

    def take_untidy(self) -> set[str]:
        """The names of the collections for which files are to be made or taken into use."""
        with self._lock:
            untidy, self._untidy = self._untidy, set()
        return untidy

    def unnamed(self, state: State, made: Made | None) -> Made | None:
        """The file that is in use here, where the one that the database names is older, lost or damaged."""
        ours = state.made
        if ours is None or made is None or made.is_older_than(ours):
            return ours
        if ours.token == made.token or ours.is_older_than(made):
            return None
        return ours if self._files.open_matrix(made.token) is None else None

    def has_outgrown_file(self, state: State, count: int) -> bool:
        """Whether so many changes are to be put on file."""
        return count > max(self._scale.file, self._scale.file_share * len(state.vectors.base))

    def write_file(self, session: Session, table: Table, config: VectorConfig) -> Made | None:
        """Write all vectors into a new file; None where that is not possible."""
        session.take_time()
        try:
            return self._files.make_matrix(session, table, config)
        except OSError as error:
            _log.warning("No file could be made of the vectors of %s: %s", table.schema.name, error)
            return None

    def _brought_up_to_date(self, session: Session, table: Table, config: VectorConfig) -> State:
        marks = Marks.of(session, table)
        made = named(session, table, config.name, "matrix")
        kept = self.kept(table, config)
        ahead = kept is not None and (kept.marks.last > marks.last or kept.marks.gone > marks.gone)
        usable = kept is not None and not ahead and (made is None or _newer(kept.made, made))
        state = kept if kept is not None and usable else self._opened(session, table, config, made)
        state = _caught_up(session, table, config, state, marks)
        if self.has_outgrown_file(state, len(state.vectors.fresh)):  # memory would be wasted on them
            state = self._on_file(session, table, config) or state
        state = self._indexed(session, table, config, state)
        if not ahead:  # a newer state is of more use to those who come next
            with self._lock:
                self._kept[_key(table, config)] = state
        self._look_over(table, state)
        return state

    def _opened(self, session: Session, table: Table, config: VectorConfig, made: Made | None) -> State:
        base = self._files.open_matrix(made.token) if made is not None else None
        empty = Block.empty(config.dimensions or 0)
        if made is None or base is None:
            count = session.value(f"SELECT count(*) FROM {table.vectors} WHERE name = ?", (config.name,))
            if count > self._scale.file and (new := self._on_file(session, table, config)) is not None:
                return new
            return State(None, Marks(0, Marks.of(session, table).gone), Vectors(empty, empty))
        return State(made, Marks(made.last, made.gone), Vectors(base, empty))

    def _on_file(self, session: Session, table: Table, config: VectorConfig) -> State | None:
        """The vectors in a new file, of which the database is yet to hear."""
        made = self.write_file(session, table, config)
        base = None if made is None else self._files.open_matrix(made.token)
        if made is None or base is None:
            return None
        with self._lock:
            self._untidy.add(table.schema.name)
        return State(made, Marks(made.last, made.gone), Vectors(base, Block.empty(config.dimensions or 0)))

    def _indexed(self, session: Session, table: Table, config: VectorConfig, state: State) -> State:
        made = named(session, table, config.name, "index")
        if made is None:
            return replace(state, index=None) if state.index is not None else state
        if state.index is not None and state.index.made.token == made.token:
            return state
        return replace(state, index=VectorIndex.opened(self._files, made))

    def _look_over(self, table: Table, state: State) -> None:
        """Have the files of a large collection tidied once: a process that ended may have left it undone."""
        base = state.vectors.base
        if table.id in self._looked_over or not len(base):
            return
        with self._lock:
            self._looked_over.add(table.id)
            self._untidy.add(table.schema.name)
        wanted = state.index is None and len(base) >= self._scale.index
        if wanted and not VectorIndex.is_due(base, None, self._scale):
            name = table.schema.name
            _log.info('An index would make “%s” faster: pip install "elysia-desktop[vector-index]"', name)


def _key(table: Table, config: VectorConfig) -> tuple[int, str, int]:
    return table.id, config.name, config.dimensions or 0


def _newer(kept: Made | None, made: Made) -> bool:
    """Whether what is loaded is the file in use, or one made after it and not yet named in the database."""
    return kept is not None and not kept.is_older_than(made)


def _caught_up(session: Session, table: Table, config: VectorConfig, state: State, marks: Marks) -> State:
    if state.marks == marks:
        return state
    if marks.last - state.marks.last + marks.gone - state.marks.gone > _FEW:
        session.take_time()
    vectors = state.vectors
    if marks.gone > state.marks.gone:
        found = session.rows(
            f"SELECT vector FROM {table.gone} WHERE sequence > ? AND sequence <= ?",
            (state.marks.gone, marks.gone),
        )
        vectors = vectors.without(np.array([number for (number,) in found], dtype=np.int64))
    if marks.last > state.marks.last:
        for block in read_blocks(session, table, config, state.marks.last):
            vectors = vectors.with_fresh(block)
    return replace(state, marks=marks, vectors=vectors)
