"""A chart: what is drawn and what stands around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elysia_desktop.ui.charts.bars import Bars
from elysia_desktop.ui.charts.points import Points
from elysia_desktop.ui.charts.values import caption
from elysia_desktop.ui.tables.columns import is_shown


@dataclass(frozen=True)
class Chart:
    """A chart with its captions; `drawing` is None when there is nothing that could be drawn.

    `rows` are the same values as a table, `left_out` counts those that are neither numbers nor dates.
    """

    title: str
    description: str
    x_label: str
    y_label: str
    ref_id: str
    drawing: Bars | Points | None
    rows: Sequence[Mapping[str, Any]] = field(default=())
    left_out: int = 0


def captioned(
    item: Mapping[str, Any],
    drawing: Bars | Points | None,
    rows: Sequence[Mapping[str, Any]],
    left_out: int,
    x_label: str = "",
    y_label: str = "",
) -> Chart:
    """The chart of one object of a payload, with the captions that the object has or else these."""
    return Chart(
        title=_text(item.get("title")),
        description=_text(item.get("description")),
        x_label=caption(item.get("x_axis_label")) or x_label,
        y_label=caption(item.get("y_axis_label")) or y_label,
        ref_id=str(item.get("_REF_ID") or ""),
        drawing=drawing,
        rows=rows,
        left_out=left_out,
    )


def distinct(name: str, taken: Sequence[str]) -> str:
    """The name as that of a column: one that is shown, and not among those that are taken."""
    wanted = name if name and is_shown(name) else caption(name.strip("_")) or "?"
    column, count = wanted, 2
    while column in taken:
        column, count = f"{wanted} {count}", count + 1
    return column


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
