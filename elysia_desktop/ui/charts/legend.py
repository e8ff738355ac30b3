"""Which colour and shape stands for which series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from elysia_desktop.ui.charts.colours import series_colour
from elysia_desktop.ui.charts.shapes import draw_dash, draw_shape
from elysia_desktop.ui.theme import tokens_of
from elysia_desktop.ui.widgets.elided_label import ElidedLabel
from elysia_desktop.ui.widgets.flow_layout import FlowLayout

_WIDEST = 220


class KeyKind(StrEnum):
    """What a series is drawn as."""

    BAR = "bar"
    LINE = "line"
    POINT = "point"


@dataclass(frozen=True)
class Key:
    """A series as the legend shows it."""

    name: str
    kind: KeyKind


class Swatch(QWidget):
    """A sample of how a series is drawn."""

    def __init__(self, place: int, kind: KeyKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self._kind = kind
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    # Qt overrides
    @override
    def sizeHint(self) -> QSize:
        return QSize(20 if self._kind is KeyKind.LINE else 10, 12)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = series_colour(self._place, tokens_of(self))
        bounds = QRectF(self.rect())
        match self._kind:
            case KeyKind.BAR:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawRoundedRect(QRectF(0, bounds.center().y() - 5, 10, 10), 2, 2)
            case KeyKind.LINE:
                draw_dash(painter, bounds, colour, self._place)
            case KeyKind.POINT:
                draw_shape(painter, bounds.center(), 9, colour, self._place)
        painter.end()


class Legend(QWidget):
    """All series in a row that breaks where the width ends."""

    def __init__(self, keys: Sequence[Key], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self, gap=16, row_gap=4)
        for place, key in enumerate(keys):
            entry = QWidget(self)
            row = QHBoxLayout(entry)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(6)
            row.addWidget(Swatch(place, key.kind, entry))
            label = ElidedLabel(key.name, entry, "small")
            label.setMaximumWidth(_WIDEST)
            row.addWidget(label)
            self._flow.addWidget(entry)
        self._flow.setContentsMargins(4, 0, 4, 0)

    # Qt overrides
    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Layouts around it ask for the height at the least width, where every entry has a row of its own.
        self.setFixedHeight(self._flow.heightForWidth(self.width()))
