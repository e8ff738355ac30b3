"""Aggregations: figures, and groups with a bar each."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.base import Payload, ResultDisplay, reveal
from elysia_desktop.ui.displays.figures import Figure, figures_in
from elysia_desktop.ui.displays.groups import GroupList
from elysia_desktop.ui.tables.columns import Column, infer_columns
from elysia_desktop.ui.tables.formats import cell_text
from elysia_desktop.ui.theme import tokens_of

_PADDING = 12
_PER_LINE = 4
_FIGURE_PX = 18


class AggregationDisplay(ResultDisplay):
    """Plain numbers as labelled figures, groups as rows."""

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(payload, parent)
        self.figures = figures_in(self.objects)
        self._is_selected = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_PADDING, 10, _PADDING, 8)
        layout.setSpacing(_PADDING)
        plain = [figure for figure in self.figures if figure.group is None]
        if plain:
            layout.addLayout(self._plain(plain))
        grouped = [figure for figure in self.figures if figure.group is not None]
        for (_, field), figures in groupby(grouped, key=lambda figure: (figure.collection, figure.field)):
            layout.addWidget(GroupList(field, list(figures), self))
        if not self.figures:
            layout.addWidget(QLabel(self.tr("There is nothing to count."), self))

    def _plain(self, figures: list[Figure]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(8)
        columns = min(_PER_LINE, len(figures))
        for place, figure in enumerate(figures):
            cell = QVBoxLayout()
            cell.setSpacing(0)
            name = QLabel(figure.title, self)
            name.setProperty("look", "small")
            value = QLabel(self.tr("no value") if figure.is_missing else _shown(figure), self)
            value.setTextFormat(Qt.TextFormat.PlainText)
            font = self.font()
            font.setPixelSize(_FIGURE_PX)
            if figure.is_missing:
                value.setProperty("look", "mute")
            else:
                font.setWeight(font.Weight.DemiBold)
            value.setFont(font)
            value.setAccessibleName(f"{figure.title}: {value.text()}")
            cell.addWidget(name)
            cell.addWidget(value)
            grid.addLayout(cell, place // columns, place % columns)
        # What is left of the width stays behind the figures, so that few stand together.
        grid.setColumnStretch(columns, 1)
        return grid

    # Qt overrides
    @property
    @override
    def title(self) -> str:
        if not self.metadata.get("collection_name") and self.figures:
            return self.figures[0].collection
        return super().title

    @override
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "collection": figure.collection,
                "field": figure.field,
                "group": figure.group,
                "figure": figure.title,
                "value": figure.value,
            }
            for figure in self.figures
        ]

    @override
    def columns(self) -> list[Column]:
        rows = self.rows()
        nothing = (("field", ""), ("group", None))
        without = {name for name, none in nothing if all(row[name] == none for row in rows)}
        return [column for column in infer_columns(rows) if column.name not in without]

    @override
    def select_ref(self, ref_id: str) -> bool:
        self._is_selected = any(item.get("_REF_ID") == ref_id for item in self.objects)
        self.update()
        if self._is_selected:
            reveal(self)
        return self._is_selected

    @override
    def _count(self) -> str:
        groups = {(figure.field, figure.group) for figure in self.figures if figure.group is not None}
        if groups:
            count = self.locale().toString(len(groups))
            return self.tr("1 group") if len(groups) == 1 else self.tr("{count} groups").format(count=count)
        figures = self.locale().toString(len(self.figures))
        return (
            self.tr("1 figure")
            if len(self.figures) == 1
            else self.tr("{count} figures").format(count=figures)
        )

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._is_selected:
            painter = QPainter(self)
            painter.fillRect(self.rect(), QColor(tokens_of(self).selection))
            painter.end()


def _shown(figure: Figure) -> str:
    number = figure.number
    column = Column("", "", decimals=2 if number is not None and number != round(number, 1) else 0)
    return cell_text(figure.value, column)
