"""Vectors: kept per object and name, searched exactly by cosine similarity in NumPy."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.core.schema import VectorConfig
from elysia_desktop.stores.library.search import Hit
from elysia_desktop.stores.library.values import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table

    Vector = NDArray[np.float32]

DEFAULT = "default"


def parsed(value: Any) -> dict[str, Vector]:
    """The vectors of an object by name; a list alone is the default one. Raises `Unfit`."""
    named = cast("Mapping[Any, Any]", value) if isinstance(value, Mapping) else {DEFAULT: value}
    return {str(name): _vector(str(name), numbers) for name, numbers in named.items()}


def _vector(name: str, numbers: Any) -> Vector:
    try:
        with np.errstate(over="ignore"):  # becomes infinite, which is told below
            vector = np.asarray(numbers, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise Unfit(f"The vector “{name}” is not a list of numbers.") from None
    if vector.ndim != 1 or not vector.size:
        raise Unfit(f"The vector “{name}” is not a list of numbers.")
    if not np.isfinite(vector).all():
        raise Unfit(f"The vector “{name}” has numbers that are not finite.")
    return vector


def misfit(configs: Sequence[VectorConfig], vectors: Mapping[str, Vector]) -> str:
    """Why these vectors do not go with those there are, or an empty text."""
    known = {config.name: config.dimensions for config in configs}
    for name, vector in vectors.items():
        expected = known.get(name)
        if expected and expected != vector.size:
            return f"The vector “{name}” has {vector.size} dimensions, those of the collection {expected}."
    return ""


def widened(configs: tuple[VectorConfig, ...], vectors: Mapping[str, Vector]) -> tuple[VectorConfig, ...]:
    """The configurations with those added that the first vector of a name makes known."""
    found = {config.name: config for config in configs}
    for name, vector in vectors.items():
        config = found.get(name, VectorConfig(name=name))
        if config.dimensions is None:
            found[name] = config.model_copy(update={"dimensions": vector.size})
    return tuple(found.values())


def store(session: Session, table: Table, vectors: Iterable[tuple[int, Mapping[str, Vector]]]) -> None:
    """Replace the vectors of these rows."""
    rows = list(vectors)
    removed = session.run(
        f"DELETE FROM {table.vectors} WHERE object IN ({','.join(str(row) for row, _ in rows)})"
    )
    added = [(row, name, vector.tobytes()) for row, named in rows for name, vector in named.items()]
    session.run_many(f"INSERT INTO {table.vectors} (object, name, vector) VALUES (?, ?, ?)", added)
    if removed or added:
        touched(session, table)


def touched(session: Session, table: Table) -> None:
    """Note that vectors changed, for every process that keeps them in memory."""
    session.run("UPDATE collections SET vectors_revision = vectors_revision + 1 WHERE id = ?", (table.id,))


class VectorSearch:
    """Finds the nearest objects; a collection's vectors are loaded at the first search."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[tuple[int, str], tuple[int, NDArray[np.int64], NDArray[np.float32]]] = {}

    def nearest(self, session: Session, table: Table, query: Any, limit: int, name: str) -> list[Hit]:
        """The rows with the highest cosine similarity, which is their score (-1 to 1)."""
        config = next((c for c in table.schema.vectors if c.name == name and c.dimensions), None)
        if config is None:
            names = [c.name for c in table.schema.vectors if c.dimensions]
            raise QueryRejected.unknown("vector", name, names, table.schema.name)
        try:
            vector = _vector(name, query)
        except Unfit as error:
            raise QueryRejected(str(error), "Give a list of finite numbers.") from None
        if problem := misfit((config,), {name: vector}):
            raise QueryRejected(problem, "Make the query vector with the model that made the others.")
        rows, matrix = self._vectors(session, table, config)
        scores = matrix @ _unit(vector[None, :])[0]
        limit = min(limit, len(scores))
        if limit < 1:
            return []
        least = np.partition(scores, -limit)[-limit]
        near = np.flatnonzero(scores >= least)
        best = near[np.lexsort((rows[near], -scores[near]))][:limit]
        return [Hit(int(rows[i]), float(scores[i])) for i in best]

    def forget(self, table_id: int) -> None:
        """Release the memory of a collection's vectors."""
        with self._lock:
            for key in [key for key in self._loaded if key[0] == table_id]:
                del self._loaded[key]

    def _vectors(
        self, session: Session, table: Table, config: VectorConfig
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        revision: int = session.value("SELECT vectors_revision FROM collections WHERE id = ?", (table.id,))
        key = (table.id, config.name)
        with self._lock:
            kept = self._loaded.get(key)
        if kept is None or kept[0] != revision:
            kept = (revision, *_load(session, table, config))
            with self._lock:
                self._loaded[key] = kept
        return kept[1], kept[2]


def _load(
    session: Session, table: Table, config: VectorConfig
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    count = session.value(f"SELECT count(*) FROM {table.vectors} WHERE name = ?", (config.name,))
    rows = np.empty(count, dtype=np.int64)
    matrix = np.empty((count, config.dimensions or 0), dtype=np.float32)
    found = session.each(
        f"SELECT object, vector FROM {table.vectors} WHERE name = ? ORDER BY object", (config.name,)
    )
    for index, (row, vector) in enumerate(found):
        rows[index] = row
        matrix[index] = np.frombuffer(vector, dtype=np.float32)
    return rows, _unit(matrix)


def _unit(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    # A vector of zeros has no direction: it is equally far from everything.
    return np.divide(matrix, lengths, out=np.zeros_like(matrix), where=lengths > 0)
