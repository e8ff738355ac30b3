"""Columns of a collection kept in memory, so that groups and ordered pages need not read every object again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.comparisons import CREATION_TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from elysia_desktop.core.requests import QueryRequest
    from elysia_desktop.core.schema import MetricFunction
    from elysia_desktop.stores.comparisons import Checked
    from elysia_desktop.stores.library.arrays import Labels, Values
    from elysia_desktop.stores.library.session import Row, Session
    from elysia_desktop.stores.library.tables import Column, Table

_FEWEST_OBJECTS = 10_000  # below, SQLite reads them all in some milliseconds
_MOST_OBJECTS = 2_000_000  # sums of 64-bit numbers are exact up to here, and a column takes 16 MB
_MOST_COLLECTIONS = 8
_MOST_NEAR = 2_000  # so many rows SQLite puts in order in a few milliseconds


@dataclass
class _Kept:
    """What is in memory of one state of a collection."""

    revision: int
    rows: NDArray[np.int64] | None = None
    values: dict[str, Values] = field(default_factory=dict[str, "Values"])
    labels: dict[str, Labels | None] = field(default_factory=dict[str, "Labels | None"])
    asked: int = 0


class Columns:
    """Answers from memory what it can, from the second request after a change on; None leaves it to SQLite."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()

    def forget(self, table_id: int) -> None:
        """Release the memory of a collection that was dropped."""
        with self._lock:
            self._kept.pop(table_id, None)

    def page(
        self, session: Session, table: Table, request: QueryRequest, where: Checked | None
    ) -> tuple[list[int], int] | None:
        """Rows among which the page of a request is, and how many match in all; no search is asked for."""
        from elysia_desktop.stores.library import arrays

        if where is None or not request.sort:
            return None
        first = request.sort[0]
        try:
            names = arrays.compared_names(where) | {first.property}
        except arrays.Unsuited:
            return None
        if not all(_is_number(table, name) for name in names):
            return None
        kept = self._state(session, table)
        if kept is None:
            return None
        values = self._values(session, table, kept, names)
        candidates = arrays.np.flatnonzero(arrays.mask(where, values))
        total = len(candidates)
        if total > _MOST_NEAR:
            number = min(request.offset + request.limit, total)
            descending = first.direction == "desc"
            candidates = values[first.property].nearest(candidates, number, descending=descending)
        if len(candidates) > max(_MOST_NEAR, 2 * (request.offset + request.limit)) or kept.rows is None:
            return None
        return kept.rows[candidates].tolist(), total

    def per_group(
        self,
        session: Session,
        table: Table,
        column: Column,
        asked: Sequence[tuple[Column, MetricFunction]],
        where: Checked | None,
    ) -> tuple[list[Row], int] | None:
        """One row per group, as `metrics.counted` gives them, the largest first, and how many match in all."""
        from elysia_desktop.stores.library import arrays

        if not (column.type is DataType.TEXT or (column.is_scalar and arrays.is_whole(column.type))):
            return None
        try:
            names = arrays.compared_names(where) | {one.prop.name for one, _ in asked}
        except arrays.Unsuited:
            return None
        if not all(_is_number(table, name) for name in names):
            return None
        kept = self._state(session, table)
        labels = None if kept is None else self._labels(session, table, kept, column)
        if kept is None or labels is None:
            return None
        values = self._values(session, table, kept, names)
        chosen = None if where is None else arrays.mask(where, values)
        measured: list[tuple[Values, MetricFunction]] = [(values[c.prop.name], how) for c, how in asked]
        total = len(labels.codes) if chosen is None else int(chosen.sum())
        try:
            return arrays.per_group(labels, chosen, measured), total
        except arrays.Unsuited:
            return None

    def _state(self, session: Session, table: Table) -> _Kept | None:
        """What is in memory of the collection as the session sees it; None where memory is not worth it."""
        revision: int = session.value("SELECT revision FROM collections WHERE id = ?", (table.id,))
        with self._lock:
            kept = self._kept.get(table.id)
            if kept is None or kept.revision < revision:
                kept = self._kept[table.id] = _Kept(revision)
            elif kept.revision > revision:  # the session began before the last change
                return None
            self._kept.move_to_end(table.id)
            while len(self._kept) > _MOST_COLLECTIONS:
                self._kept.popitem(last=False)
            kept.asked += 1
            if kept.asked == 1:
                return None
        if kept.rows is None:
            count: int = session.value(f"SELECT count(*) FROM {table.objects}")
            if not _FEWEST_OBJECTS <= count <= _MOST_OBJECTS:
                return None
            kept.rows = _read(session, table, ["row"], lambda _, numbers: _whole(numbers))["row"]
        return kept

    @staticmethod
    def _values(session: Session, table: Table, kept: _Kept, names: Iterable[str]) -> dict[str, Values]:
        from elysia_desktop.stores.library.arrays import Values, is_whole

        def made(name: str, numbers: Sequence[Any]) -> Values:
            return Values.of(numbers, whole=is_whole(types[name]))

        missing = [name for name in names if name not in kept.values]
        types = {_compared(table, name): _type(table, name) for name in missing}
        found = _read(session, table, list(types), made) if missing else {}
        kept.values.update({name: found[_compared(table, name)] for name in missing})
        return {name: kept.values[name] for name in names}

    @staticmethod
    def _labels(session: Session, table: Table, kept: _Kept, column: Column) -> Labels | None:
        from elysia_desktop.stores.library.arrays import Labels

        name = column.compared
        if name not in kept.labels:
            kept.labels |= _read(session, table, [name], lambda _, values: Labels.of(values))
        return kept.labels[name]


def _read(
    session: Session, table: Table, names: Sequence[str], made: Callable[[str, Any], Any]
) -> dict[str, Any]:
    """What is made of the columns, each in the order of the rows."""
    listed = ", ".join(f'"{name}"' for name in names)
    found = zip(*session.rows(f"SELECT {listed} FROM {table.objects} ORDER BY row"), strict=True)
    return {name: made(name, values) for name, values in zip(names, found, strict=True)}


def _whole(numbers: Sequence[int]) -> NDArray[np.int64]:
    from elysia_desktop.stores.library.arrays import np

    return np.array(numbers, dtype=np.int64)


def _type(table: Table, name: str) -> DataType:
    return DataType.DATE if name == CREATION_TIME else table.column(name).type


def _is_number(table: Table, name: str) -> bool:
    from elysia_desktop.stores.library.arrays import is_number

    return name != "uuid" and is_number(_type(table, name))


def _compared(table: Table, name: str) -> str:
    return "created" if name == CREATION_TIME else table.column(name).compared
