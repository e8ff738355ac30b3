"""Nearest objects: keeps what was last loaded of each collection's vectors, and brings it up to date."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores.fitting import Unfit
from elysia_desktop.stores.library.hits import Hit
from elysia_desktop.stores.library.matrices import Block, Passing, Ranked, Vectors, unit
from elysia_desktop.stores.library.scale import USUAL, Scale
from elysia_desktop.stores.library.vector_files import Marks, VectorFiles, name_it, named, read_blocks
from elysia_desktop.stores.library.vector_index import VectorIndex
from elysia_desktop.stores.library.vectors import misfit, vector_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from elysia_desktop.core.schema import VectorConfig
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table
    from elysia_desktop.stores.library.vector_files import Made

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _State:
    made: Made | None
    marks: Marks
    vectors: Vectors
    index: VectorIndex | None = None

    @property
    def changed(self) -> int:
        """How many vectors were added or removed since the file was made."""
        removed = 0 if self.vectors.alive is None else int((~self.vectors.alive).sum())
        return len(self.vectors.fresh) + removed


class Nearest:
    """Finds the objects with the nearest vectors, exactly, or in large collections through an index."""

    def __init__(self, folder: Path, scale: Scale = USUAL) -> None:
        self._files = VectorFiles(folder)
        self._scale = scale
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._stopped = threading.Event()
        self._untidy: set[str] = set()
        self._looked_for_index: set[str] = set()
        self._states: dict[tuple[int, str, int], _State] = {}

    def find(
        self,
        session: Session,
        table: Table,
        query: Any,
        names: Sequence[str],
        limit: int,
        passing: str | None = None,
    ) -> list[Hit]:
        """The rows with the highest cosine similarity in any of these vectors, which is their score (-1 to 1).

        `passing` is the JSON list of the rows that a filter lets pass. Raises `QueryRejected`.
        """
        chosen = None if passing is None else Passing.of(_numbers(passing))
        found: dict[int, float] = {}
        for name in names:
            config = _config(table, name)
            ranked = self._ranked(session, table, config, _unit_of(config, query), limit, chosen)
            for row, score in zip(ranked.rows.tolist(), ranked.scores.tolist(), strict=True):
                found[row] = max(score, found.get(row, -2.0))
        best = sorted(found.items(), key=lambda one: (-one[1], one[0]))
        return [Hit(row, score) for row, score in best[:limit]]

    def forget(self, table_id: int) -> None:
        """Release the memory of a collection's vectors."""
        with self._lock:
            for key in [key for key in self._states if key[0] == table_id]:
                del self._states[key]

    def make_file(self, session: Session, table: Table, config: VectorConfig) -> Made | None:
        """Write the vectors to a file where it is time to; `take_file` is to follow."""
        made = named(session, table, config.name, "matrix")
        with self._lock:
            kept = self._states.get((table.id, config.name, config.dimensions or 0))
        if kept is not None and (new := _unnamed(kept, made)) is not None:
            return new  # a search was in need of it
        marks = Marks.of(session, table)
        if (marks.last + marks.gone) - (made.last + made.gone if made else 0) <= self._scale.file:
            return None  # told without loading anything
        state = self._state(session, table, config)
        if (new := _unnamed(state, made)) is not None:
            return new
        if state.changed <= self._most_fresh(state):
            return None
        return self._files.make_matrix(session, table, config)

    def index_maker(
        self, session: Session, table: Table, config: VectorConfig
    ) -> Callable[[], Made | None] | None:
        """What builds the index where there is to be one and it is behind; `take_file` is to follow."""
        if Marks.of(session, table).last < self._scale.index:
            return None
        state = self._state(session, table, config)
        made, base, old = state.made, state.vectors.base, state.index
        if made is None or not VectorIndex.is_due(base, old, self._scale):
            return None
        return lambda: VectorIndex.make(self._files, made, base, old, self._stopped.is_set)

    def take_untidy(self) -> set[str]:
        """The names of the collections for which files are to be made or taken into use."""
        with self._lock:
            untidy, self._untidy = self._untidy, set()
        return untidy

    def stop(self) -> None:
        """End what is being made."""
        self._stopped.set()

    def take_file(self, session: Session, table: Table, name: str, kind: Any, made: Made) -> str | None:
        """Note in the database that a file is used; returns the name of one that is to be removed."""
        return name_it(session, table, name, kind, made)

    def remove_file(self, token: str) -> None:
        """Remove a file that is not used any more."""
        self._files.remove(token)

    def sweep(self, used: set[str]) -> None:
        """Remove what was left behind by processes that were killed."""
        self._files.sweep(used)

    def _ranked(
        self,
        session: Session,
        table: Table,
        config: VectorConfig,
        query: Any,
        limit: int,
        passing: Passing | None,
    ) -> Ranked:
        state = self._state(session, table, config)
        if state.index is not None:
            found = state.index.near(state.vectors, query, limit, passing)
            if found is not None:
                return found.best(limit)
        return state.vectors.near(query, passing).best(limit)

    def _state(self, session: Session, table: Table, config: VectorConfig) -> _State:
        key = (table.id, config.name, config.dimensions or 0)
        # One at a time: who comes second finds what the first has loaded.
        with self._loading:
            return self._current(session, table, config, key)

    def _current(
        self, session: Session, table: Table, config: VectorConfig, key: tuple[int, str, int]
    ) -> _State:
        marks = Marks.of(session, table)
        made = named(session, table, config.name, "matrix")
        with self._lock:
            kept = self._states.get(key)
        ahead = kept is not None and (kept.marks.last > marks.last or kept.marks.gone > marks.gone)
        usable = kept is not None and not ahead and (made is None or _newer(kept.made, made))
        state = kept if kept is not None and usable else self._opened(session, table, config, made)
        state = _caught_up(session, table, config, state, marks)
        state = self._on_file(session, table, config, state)
        state = self._indexed(session, table, config, state)
        if not ahead:  # a newer state is of more use to those who come next
            with self._lock:
                self._states[key] = state
        return state

    def _opened(self, session: Session, table: Table, config: VectorConfig, made: Made | None) -> _State:
        base = self._files.open_matrix(made.token) if made is not None else None
        empty = Block.empty(config.dimensions or 0)
        if made is None or base is None:
            count = session.value(f"SELECT count(*) FROM {table.vectors} WHERE name = ?", (config.name,))
            if count > self._scale.file and (new := self._file_made(session, table, config)) is not None:
                return new
            return _State(None, Marks(0, Marks.of(session, table).gone), Vectors(empty, empty))
        return _State(made, Marks(made.last, made.gone), Vectors(base, empty))

    def _look_for_index(self, name: str, state: _State) -> None:
        """Have an index made that is due, once: it may have been interrupted, or its library was missing."""
        if name in self._looked_for_index or len(state.vectors.base) < self._scale.index:
            return
        with self._lock:
            self._looked_for_index.add(name)
            if VectorIndex.is_due(state.vectors.base, None, self._scale):
                self._untidy.add(name)
            else:
                _log.info('An index would make “%s” faster: pip install "elysia-desktop[vector-index]"', name)

    def _on_file(self, session: Session, table: Table, config: VectorConfig, state: _State) -> _State:
        """Put so many fresh vectors on file that memory would be wasted on them."""
        if len(state.vectors.fresh) <= self._most_fresh(state):
            return state
        return self._file_made(session, table, config) or state

    def _most_fresh(self, state: _State) -> float:
        return max(self._scale.file, self._scale.file_share * len(state.vectors.base))

    def _file_made(self, session: Session, table: Table, config: VectorConfig) -> _State | None:
        try:
            made = self._files.make_matrix(session, table, config)
        except OSError as error:
            _log.warning("No file could be made of the vectors of %s: %s", table.schema.name, error)
            return None
        with self._lock:
            self._untidy.add(table.schema.name)
        base = self._files.open_matrix(made.token)
        empty = Block.empty(config.dimensions or 0)
        return None if base is None else _State(made, Marks(made.last, made.gone), Vectors(base, empty))

    def _indexed(self, session: Session, table: Table, config: VectorConfig, state: _State) -> _State:
        made = named(session, table, config.name, "index")
        if made is None:
            self._look_for_index(table.schema.name, state)
            return replace(state, index=None) if state.index is not None else state
        if state.index is not None and state.index.made.token == made.token:
            return state
        return replace(state, index=VectorIndex.opened(self._files, made))


def _numbers(listed: str) -> NDArray[np.int64]:
    """The numbers of a JSON list, five times faster than by JSON's own reader."""
    inside = listed.strip("[]")
    return np.fromstring(inside, np.int64, sep=",") if inside else np.empty(0, np.int64)


def _unnamed(state: _State, made: Made | None) -> Made | None:
    """The file that is in use here and is newer than the one that the database names."""
    is_newer = state.made is not None and (made is None or made.is_older_than(state.made))
    return state.made if is_newer else None


def _newer(kept: Made | None, made: Made) -> bool:
    """Whether what is loaded is the file in use, or one made after it and not yet named in the database."""
    return kept is not None and not kept.is_older_than(made)


def _caught_up(session: Session, table: Table, config: VectorConfig, state: _State, marks: Marks) -> _State:
    if state.marks == marks:
        return state
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


def _config(table: Table, name: str) -> VectorConfig:
    config = next((c for c in table.schema.vectors if c.name == name and c.dimensions), None)
    if config is None:
        names = [c.name for c in table.schema.vectors if c.dimensions]
        raise QueryRejected.unknown("vector", name, names, table.schema.name)
    return config


def _unit_of(config: VectorConfig, query: Any) -> Any:
    try:
        vector = vector_of(config.name, query)
    except Unfit as error:
        raise QueryRejected(str(error), "Give a list of finite numbers.") from None
    if problem := misfit((config,), {config.name: vector}):
        raise QueryRejected(problem, "Make the query vector with the model that made the others.")
    return unit(np.frombuffer(vector, dtype=np.float32)[None, :])[0]
