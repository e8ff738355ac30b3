"""Histograms."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from typing_extensions import override

from elysia_desktop.ui.charts.bars import Bars, binned
from elysia_desktop.ui.charts.chart import Chart, captioned, distinct
from elysia_desktop.ui.charts.values import caption, fields_of, items_of, number_of
from elysia_desktop.ui.displays.bar_chart import BarChartDisplay


class HistogramChartDisplay(BarChartDisplay):
    """How many values of each series fall into each bin."""

    @override
    def chart(self, item: Mapping[str, Any]) -> Chart:
        given = {
            str(name): items_of(fields_of(series).get("distribution"))
            for name, series in fields_of(item.get("data")).items()
        }
        numbers = {
            caption(name): [number for number in map(number_of, values) if number is not None]
            for name, values in given.items()
        }
        known = {name: values for name, values in numbers.items() if values}
        left_out = sum(map(len, given.values())) - sum(map(len, known.values()))
        bars = binned(known) if known else None
        # Other producers name no axes: one series is then what its values are.
        x_label = next(iter(known)) if len(known) == 1 else ""
        return captioned(item, bars, _rows(bars), left_out, x_label, self.tr("Count"))


def _rows(bars: Bars | None) -> list[dict[str, Any]]:
    if bars is None:
        return []
    columns = ["from", "to"]
    for series in bars.series:
        columns.append(distinct(series.name, columns))
    return [
        dict(
            zip(
                columns,
                (low, high, *(int(bars.value(slot, place)) for place in range(len(bars.series)))),
                strict=True,
            )
        )
        for slot, (low, high) in enumerate(pairwise(bars.edges))
    ]
