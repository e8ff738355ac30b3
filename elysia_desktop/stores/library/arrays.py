"""Columns in memory as NumPy arrays: comparing, choosing the first by an order, adding up per group."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.comparisons import Checked, Comparison, Complement, Every, Some
from elysia_desktop.stores.library.values import comparable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from elysia_desktop.core.schema import MetricFunction

    Numbers = NDArray[np.int64] | NDArray[np.float64]
    Mask = NDArray[np.bool_]

_MOST_LABELS = 10_000
"""With more different values there is next to nothing to add up per group."""

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Values:
    """The numbers of a column, one per object, and which objects have one; None for all."""

    numbers: Numbers
    present: Mask | None

    @classmethod
    def of(cls, values: Sequence[Any], *, whole: bool) -> Values:
        """Whole numbers, also those of dates and booleans, or others."""
        if not whole:
            numbers = np.array(values, dtype=np.float64)  # nothing becomes no number, which is never kept
            missing = np.isnan(numbers)
            return cls(numbers, ~missing if missing.any() else None)
        try:
            return cls(np.array(values, dtype=np.int64), None)
        except TypeError:
            present = np.array([value is not None for value in values], dtype=np.bool_)
            return cls(np.array([value or 0 for value in values], dtype=np.int64), present)

    def compared(self, compared: Comparison) -> Mask:
        """Which objects a comparison holds for."""
        if compared.operator == "IS_NULL":
            missing = np.zeros(len(self.numbers), np.bool_) if self.present is None else ~self.present
            return missing if compared.value else ~missing
        value = comparable(compared.type, compared.value)
        found = cast("Mask", _COMPARE[compared.operator](self.numbers, value))
        return found if self.present is None else found & self.present

    def nearest(self, candidates: NDArray[np.int64], number: int, *, descending: bool) -> NDArray[np.int64]:
        """Those candidates of which the first so many by this column are among, all with equal values."""
        present = candidates if self.present is None else candidates[self.present[candidates]]
        if len(present) < number:  # those without a value come last
            return candidates
        keys = self.numbers[present]
        place = len(keys) - number if descending else number - 1
        last = np.partition(keys, place)[place]
        return present[keys >= last if descending else keys <= last]

    @cached_property
    def is_small(self) -> bool:
        """Whether sums are exact in double precision."""
        if self.numbers.dtype != np.int64 or not len(self.numbers):
            return False
        most = max(abs(int(self.numbers.max())), abs(int(self.numbers.min())))
        return most * len(self.numbers) < 2**53


@dataclass(frozen=True)
class Labels:
    """The different values of a column in ascending order, and which one each object has; -1 for none."""

    values: tuple[Any, ...]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Labels | None:
        """None where there are too many different values."""
        different = set(values) - {None}
        if len(different) > _MOST_LABELS:
            return None
        ordered = tuple(sorted(different))
        codes = {value: code for code, value in enumerate(ordered)} | {None: -1}
        return cls(ordered, np.array([codes[value] for value in values], dtype=np.int64))


class Unsuited(Exception):
    """What is asked for needs more than the numbers."""


def mask(tree: Checked, columns: Mapping[str, Values]) -> Mask:
    """Which objects a filter lets pass, with its columns by the names of the properties."""
    match tree:
        case Every():
            return np.logical_and.reduce([mask(part, columns) for part in tree.parts])
        case Some():
            return np.logical_or.reduce([mask(part, columns) for part in tree.parts])
        case Complement():
            return ~mask(tree.part, columns)
        case Comparison():
            return columns[tree.name].compared(tree)


def compared_names(tree: Checked | None) -> frozenset[str]:
    """The properties that a filter compares; raises `Unsuited` where those are not all numbers."""
    match tree:
        case None:
            return frozenset()
        case Every() | Some():
            return frozenset[str]().union(*(compared_names(part) for part in tree.parts))
        case Complement():
            return compared_names(tree.part)
        case Comparison():
            if not is_number(tree.type):
                raise Unsuited
            return frozenset({tree.name})


def is_number(data_type: DataType) -> bool:
    """Whether the column that is compared holds one number per object."""
    return data_type in {DataType.INT, DataType.FLOAT, DataType.DATE, DataType.BOOLEAN}


def is_whole(data_type: DataType) -> bool:
    """Whether those are whole numbers, as of dates the microseconds."""
    return data_type is not DataType.FLOAT


def per_group(
    labels: Labels, chosen: Mask | None, asked: Sequence[tuple[Values, MetricFunction]]
) -> list[tuple[Any, ...]]:
    """One row per group, as `metrics.counted` gives them, the largest first; raises `Unsuited`."""
    codes = labels.codes
    picked = codes >= 0 if chosen is None else (codes >= 0) & chosen
    everyone = bool(picked.all())
    grouping = _Grouping(codes if everyone else codes[picked], len(labels.values))
    columns: list[list[Any]] = []
    for values, function in asked:
        numbers = values.numbers if everyone else values.numbers[picked]
        present = values.present
        if present is not None and not everyone:
            present = present[picked]
        columns += grouping.metric(numbers, present, function, small=values.is_small)
    counts = grouping.counts.tolist()
    rows = zip(labels.values, counts, *columns, strict=True)
    return sorted((row for row in rows if row[1]), key=lambda row: -row[1])


class _Grouping:
    """Objects by the number of their group."""

    def __init__(self, codes: NDArray[np.int64], size: int) -> None:
        self._codes = codes
        self._size = size
        self.counts = np.bincount(codes, minlength=size)

    def metric(
        self, numbers: Numbers, present: Mask | None, function: MetricFunction, *, small: bool
    ) -> list[list[Any]]:
        """The columns that `metrics.folded` makes the function's values of."""
        part = self
        if present is not None:
            part = _Grouping(self._codes[present], self._size)
            numbers = numbers[present]
        counts: list[Any] = part.counts.tolist()
        match function:
            case "COUNT":
                return [counts]
            case "SUM" | "MEAN" if numbers.dtype == np.int64:
                sums = part.whole_sums(cast("NDArray[np.int64]", numbers), small=small)
                return [[one >> 32 for one in sums], [one & 0xFFFFFFFF for one in sums], counts]
            case "SUM" | "MEAN":
                return [np.bincount(part._codes, numbers, self._size).tolist(), counts]
            case _:
                raise Unsuited

    def whole_sums(self, numbers: NDArray[np.int64], *, small: bool) -> list[int]:
        """Exact sums; those of large numbers in halves, each of which double precision holds."""
        if small:
            return [int(one) for one in np.bincount(self._codes, numbers, self._size)]
        high = np.bincount(self._codes, numbers >> 32, self._size)
        low = np.bincount(self._codes, numbers & 0xFFFFFFFF, self._size)
        return [(int(one) << 32) + int(other) for one, other in zip(high, low, strict=True)]
