"""The charts of one result, one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from elysia_desktop.ui.charts.bars import Bars
from elysia_desktop.ui.charts.chart import Chart, distinct
from elysia_desktop.ui.charts.panel import ChartPanel
from elysia_desktop.ui.charts.points import Points
from elysia_desktop.ui.charts.values import caption, fields_of, items_of
from elysia_desktop.ui.charts.words import count_of

_SHORT = 36
"""A title of so many characters is not cut above the charts, and not repeated in the chart."""


class ChartList(QWidget):
    """Charts that can be selected by their ref ids.

    `chosen` carries the ref id of the object behind the point that was clicked, or else the chart's own.
    `title` is what stands above the charts, `metadata` the result's: its `sources` name the objects.
    """

    chosen = Signal(str)

    def __init__(
        self, charts: Sequence[Chart], title: str, metadata: Mapping[str, Any], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.charts = list(charts)
        self._sources = [fields_of(source) for source in items_of(metadata.get("sources"))]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.panels: list[ChartPanel] = []
        for chart in self.charts:
            is_titled = len(self.charts) > 1 or chart.title != title or len(title) > _SHORT
            panel = ChartPanel(chart, self, is_titled=is_titled)
            panel.chosen.connect(partial(self._choose, chart))
            column.addWidget(panel)
            self.panels.append(panel)

    @property
    def count(self) -> str:
        """How much is shown: the bars or points of one chart, or how many charts there are."""
        if len(self.charts) == 1:
            return count_of(self.charts[0].drawing)
        return self.tr("{count} charts").format(count=self.locale().toString(len(self.charts)))

    def rows(self) -> list[dict[str, Any]]:
        """What all charts show as rows of a table, with the chart's title where there are several."""
        if len(self.charts) == 1:
            return [dict(row) for row in self.charts[0].rows]
        return [
            {distinct("chart", list(row)): chart.title, **row} for chart in self.charts for row in chart.rows
        ]

    def select_ref(self, ref_id: str) -> ChartPanel | None:
        """Highlight the chart with this ref id; None when it is not here."""
        found = None
        for panel in self.panels:
            is_meant = bool(ref_id) and panel.chart.ref_id == ref_id
            panel.set_selected(is_meant)
            found = panel if is_meant else found
        return found

    def _choose(self, chart: Chart, place: int) -> None:
        ref_id = self._source(chart, place) or chart.ref_id
        if ref_id:
            self.chosen.emit(ref_id)

    def _source(self, chart: Chart, place: int) -> str:
        match chart.drawing:
            case Bars(edges=()) as bars:
                number, series = bars.marks[place]
                name = bars.series[series].name
            case Points() as points:
                mark = points.marks[place]
                number, name = mark.source, points.series[mark.series].name
            case _:
                return ""  # many objects are behind a bin
        for source in self._sources:
            if caption(source.get("series")) == name:
                behind = items_of(source.get("ref_ids"))[number : number + 1]
                first = items_of(behind[0])[:1] if behind else ()
                return str(first[0]) if first else ""
        return ""
