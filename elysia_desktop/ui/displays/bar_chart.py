"""Bar charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.charts.bars import Bars, BarSeries
from elysia_desktop.ui.charts.chart import Chart, captioned, distinct
from elysia_desktop.ui.charts.chart_list import ChartList
from elysia_desktop.ui.charts.values import caption, fields_of, items_of, name_of, number_of
from elysia_desktop.ui.displays.base import Payload, ResultDisplay, reveal


class BarChartDisplay(ResultDisplay):
    """A bar per label and series; subclasses read charts of other kinds."""

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        charts = [self.chart(item) for item in self.objects]
        self.list = ChartList(charts, self.title, self.metadata, self)
        self.list.chosen.connect(self.object_selected)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)

    def chart(self, item: Mapping[str, Any]) -> Chart:
        """The chart that one object of the payload describes."""
        data = fields_of(item.get("data"))
        labels = items_of(data.get("x_labels"))
        given = {str(name): items_of(values) for name, values in fields_of(data.get("y_values")).items()}
        series: list[BarSeries] = []
        left_out = 0
        for name, values in given.items():
            numbers = [number_of(value) for value in values[: len(labels)]]
            known = sum(number is not None for number in numbers)
            left_out += len(values) - known
            if known:
                missing = [None] * (len(labels) - len(numbers))
                series.append(BarSeries(caption(name), (*numbers, *missing)))
        names = tuple("" if label is None else name_of(label) for label in labels)
        drawing = Bars(names, tuple(series)) if series else None
        if len(series) > 1 and str(item.get("y_axis_label")) in given:
            # The axis is for all series, and the legend names each.
            return captioned({**item, "y_axis_label": ""}, drawing, _rows(item, labels, given), left_out)
        return captioned(item, drawing, _rows(item, labels, given), left_out)

    # Qt overrides
    @property
    @override
    def title(self) -> str:
        metadata = self.metadata
        named = metadata.get("collection_name") or metadata.get("title") or metadata.get("chart_title")
        titles = (item["title"] for item in self.objects if isinstance(item.get("title"), str))
        return str(named or next(titles, "") or self.tr("Chart"))

    @override
    def rows(self) -> list[dict[str, Any]]:
        return self.list.rows()

    @override
    def select_ref(self, ref_id: str) -> bool:
        panel = self.list.select_ref(ref_id)
        if panel is not None:
            reveal(panel)
        return panel is not None

    @override
    def _count(self) -> str:
        return self.list.count


def _rows(
    item: Mapping[str, Any], labels: Sequence[Any], given: Mapping[str, Sequence[Any]]
) -> list[dict[str, Any]]:
    first = distinct(str(item.get("x_axis_label") or "label"), ())
    columns = [first]
    for name in given:
        columns.append(distinct(name, columns))
    return [
        dict(zip(columns, (label, *(_at(values, place) for values in given.values())), strict=True))
        for place, label in enumerate(labels)
    ]


def _at(values: Sequence[Any], place: int) -> Any:
    return values[place] if place < len(values) else None
