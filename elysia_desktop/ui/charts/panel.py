"""A chart with its title, description and legend."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.charts.bar_plot import BarPlot
from elysia_desktop.ui.charts.bars import Bars
from elysia_desktop.ui.charts.chart import Chart
from elysia_desktop.ui.charts.legend import Key, KeyKind, Legend
from elysia_desktop.ui.charts.plot import Plot
from elysia_desktop.ui.charts.point_plot import PointPlot
from elysia_desktop.ui.charts.points import Points
from elysia_desktop.ui.charts.words import summary
from elysia_desktop.ui.tables.formats import number_text
from elysia_desktop.ui.theme import tokens_of

# A caption keeps clear of the card as far as the card's title does; a plot has room for its focus ring.
_PADDING, _INSET = 7, 4


class ChartPanel(QWidget):
    """One chart, or a sentence where there is nothing to draw.

    `chosen` carries the place of the point that was clicked.
    """

    chosen = Signal(int)

    def __init__(self, chart: Chart, parent: QWidget | None = None, *, is_titled: bool = True) -> None:
        super().__init__(parent)
        self.chart = chart
        self.plot: Plot | None = None
        self._is_selected = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(_PADDING, 10, _PADDING, 6)
        self._column.setSpacing(4)
        if chart.title and is_titled:
            self._say(chart.title, "strong")
        if chart.description:
            self._say(chart.description, "mute")
        if chart.drawing is None:
            self._say(self.tr("There is nothing in this chart that can be drawn."), "")
        else:
            self._add_plot(chart.drawing)
        if chart.left_out:
            self._say(self._left_out(chart.left_out), "small")

    def set_selected(self, selected: bool) -> None:
        """Highlight the chart, or no longer."""
        self._is_selected = selected
        self.update()

    def _add_plot(self, drawing: Bars | Points) -> None:
        keys = _keys(drawing)
        if len(keys) > 1:
            self._column.addSpacing(4)
            self._column.addWidget(Legend(keys, self))
        if self._column.count():
            self._column.addSpacing(4)
        chart = self.chart
        match drawing:
            case Bars():
                self.plot = BarPlot(drawing, chart.x_label, chart.y_label, summary(drawing), self)
            case Points():
                label = chart.y_label
                if drawing.is_normalised:
                    label = self.tr("{label} (each series scaled to 0–1)").format(label=label).strip()
                self.plot = PointPlot(drawing, chart.x_label, label, summary(drawing), self)
        self.plot.setAccessibleName(chart.title or self.tr("Chart"))
        self.plot.chosen.connect(self.chosen)
        self._column.addWidget(self.plot)

    def _left_out(self, count: int) -> str:
        if count == 1:
            return self.tr("1 value could not be drawn.")
        return self.tr("{count} values could not be drawn.").format(count=number_text(count))

    def _say(self, text: str, look: str) -> None:
        label = _Caption(text, self)
        if look:
            label.setProperty("look", look)
        self._column.addWidget(label)

    # Qt overrides
    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._is_selected:
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(tokens_of(self).selection))
            painter.end()


class _Caption(QLabel):
    """Plain text in as many lines as it takes."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setContentsMargins(_INSET, 0, _INSET, 0)

    # Qt overrides
    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Cards are no higher than their size hint, which knows nothing of how narrow they are.
        self.setFixedHeight(self.heightForWidth(self.width()))


def _keys(drawing: Bars | Points) -> list[Key]:
    match drawing:
        case Bars():
            return [Key(series.name, KeyKind.BAR) for series in drawing.series]
        case Points():
            return [
                Key(series.name, KeyKind.LINE if series.is_line else KeyKind.POINT)
                for series in drawing.series
            ]
