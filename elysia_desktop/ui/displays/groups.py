"""Groups of an aggregation, one row and one bar each."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from elysia_desktop.ui.displays.bar import Bar
from elysia_desktop.ui.displays.figures import Figure
from elysia_desktop.ui.displays.more import MoreButton
from elysia_desktop.ui.tables.columns import Column, infer_columns, title_of
from elysia_desktop.ui.tables.formats import cell_text

FIRST_GROUPS = 10

_NAME_WIDTH = 180


class GroupList(QWidget):
    """The groups of one field: name, a bar for the count or else the first metric, the metrics."""

    def __init__(self, field: str, figures: list[Figure], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: dict[str, dict[str, Figure]] = {}
        for figure in figures:
            self._groups.setdefault(figure.group or "", {})[figure.title] = figure
        self._metrics = list(dict.fromkeys(figure.title for figure in figures))
        self._columns = self._metric_columns()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._add_titles(field)
        self._add_groups(0, FIRST_GROUPS)
        self.more = MoreButton(self.tr("Show all {count}").format(count=len(self._groups)), self)
        self.more.clicked.connect(self.show_all)
        self.more.setVisible(len(self._groups) > FIRST_GROUPS)
        if len(self._groups) > FIRST_GROUPS:
            self._grid.addWidget(
                self.more, self._grid.rowCount(), 0, 1, 2, alignment=Qt.AlignmentFlag.AlignLeft
            )

    def show_all(self) -> None:
        """Show the groups that were left out."""
        self.more.hide()
        self._add_groups(FIRST_GROUPS, len(self._groups))

    def _metric_columns(self) -> dict[str, Column]:
        """The metrics as columns, so that the numbers of one have as many decimals."""
        rows = [{title: figure.value for title, figure in group.items()} for group in self._groups.values()]
        return {column.name: column for column in infer_columns(rows)}

    def _add_titles(self, field: str) -> None:
        self._grid.addWidget(_label(title_of(field), "small"), 0, 0)
        for place, title in enumerate(self._metrics):
            self._grid.addWidget(_label(title, "small", right=True), 0, place + 2)
        self._grid.setRowMinimumHeight(0, 20)

    def _add_groups(self, first: int, end: int) -> None:
        leading = self._leading()
        numbers = [group[leading].number or 0 for group in self._groups.values() if leading in group]
        largest = max(numbers, default=0)
        for name, group in list(self._groups.items())[first:end]:
            row = self._grid.rowCount()
            label = _label(name or self.tr("(empty)"), "")
            label.setMaximumWidth(_NAME_WIDTH)
            label.setToolTip(name)
            self._grid.addWidget(label, row, 0)
            number = group[leading].number if leading in group else None
            share = number / largest if number and largest > 0 and math.isfinite(number) else 0.0
            self._grid.addWidget(Bar(share, self), row, 1, Qt.AlignmentFlag.AlignVCenter)
            for metric, title in enumerate(self._metrics):
                figure = group.get(title)
                if figure is None or figure.is_missing:
                    text, told = "–", self.tr("no value")
                else:
                    text = told = cell_text(figure.value, self._columns[title])
                value = _label(text, "", right=True)
                value.setAccessibleName(f"{name}, {title}: {told}")
                self._grid.addWidget(value, row, metric + 2)
            self._grid.setRowMinimumHeight(row, 24)

    def _leading(self) -> str:
        counts = (title for title in self._metrics if title.lower().startswith("count"))
        return next(counts, self._metrics[0] if self._metrics else "")


def _label(text: str, look: str, *, right: bool = False) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        label.setProperty("look", look)
    if right:
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
    return label
