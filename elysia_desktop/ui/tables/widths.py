"""How wide the columns of a table are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from elysia_desktop.ui.tables.columns import Column, Kind
from elysia_desktop.ui.tables.delegate import PADDING, text_width
from elysia_desktop.ui.tables.header import TableHeader
from elysia_desktop.ui.tables.model import ObjectTableModel

NARROWEST = 60
WIDEST = 360
MEASURED_ROWS = 24
MEASURED_LETTERS = 120
"""More than fit into the widest column."""

_TEXT_NARROWEST = 140
_GIVES_WAY = frozenset({Kind.TEXT, Kind.LIST, Kind.OBJECT})


def natural_widths(model: ObjectTableModel, header: TableHeader, font: QFont) -> list[int]:
    """The width of each column's title and first values, in pixels, within limits."""
    rows = range(min(model.rowCount(), MEASURED_ROWS))
    widths: list[int] = []
    for section in range(model.columnCount()):
        texts = (str(model.index(row, section).data(Qt.ItemDataRole.DisplayRole)) for row in rows)
        cells = max((text_width(font, text[:MEASURED_LETTERS]) for text in texts), default=0) + 2 * PADDING
        widths.append(min(WIDEST, max(NARROWEST, cells, header.width_for(section))))
    return widths


def fit_widths(natural: Sequence[int], columns: Sequence[Column], space: int) -> list[int]:
    """The widths for a table so wide: the widest text takes what is left, long texts give way.

    Where that is not enough the table scrolls, with every column as wide as it likes.
    """
    widths = list(natural)
    if not widths:
        return widths
    texts = [i for i, column in enumerate(columns) if column.kind in _GIVES_WAY]
    spare = space - sum(widths)
    if spare >= 0:
        widths[max(texts or range(len(widths)), key=widths.__getitem__)] += spare
        return widths
    while spare < 0:
        wide = [i for i in texts if widths[i] > _TEXT_NARROWEST]
        if not wide:
            return list(natural)  # it has to scroll anyway, so nothing is gained by cutting
        widest = max(wide, key=widths.__getitem__)
        # Down to the next widest, so that several long texts share what is missing.
        floor = max([_TEXT_NARROWEST, *(widths[i] for i in texts if widths[i] < widths[widest])])
        cut = min(-spare, widths[widest] - floor)
        widths[widest] -= cut
        spare += cut
    return widths
