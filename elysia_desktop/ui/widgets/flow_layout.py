"""A layout that breaks its row of widgets like words in a paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator


class FlowLayout(QLayout):
    """Places widgets side by side and goes on in the next row where the width ends.

    A widget wider than the row gets the row's width. Rows follow the layout direction.
    """

    def __init__(self, parent: QWidget | None = None, gap: int = 8, row_gap: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._row_gap = row_gap
        self.setContentsMargins(QMargins())

    def items(self) -> list[QLayoutItem]:
        """The items in their order."""
        return list(self._items)

    def _places(self, bounds: QRect) -> Iterator[tuple[QLayoutItem, QRect]]:
        x, y, row = bounds.left(), bounds.top(), 0
        for item in self._items:
            if item.isEmpty():
                continue
            hint = item.sizeHint()
            width = min(hint.width(), bounds.width())
            if x > bounds.left() and x + width > bounds.left() + bounds.width():
                x, y, row = bounds.left(), y + row + self._row_gap, 0
            yield item, QRect(QPoint(x, y), QSize(width, hint.height()))
            x += width + self._gap
            row = max(row, hint.height())

    # Qt overrides

    @override
    def addItem(self, item: QLayoutItem, /) -> None:
        self._items.append(item)

    @override
    def count(self, /) -> int:
        return len(self._items)

    @override
    def itemAt(self, index: int, /) -> QLayoutItem | None:  # pyright: ignore[reportIncompatibleMethodOverride] - Qt's own takes None
        return self._items[index] if 0 <= index < len(self._items) else None

    @override
    def takeAt(self, index: int, /) -> QLayoutItem | None:  # pyright: ignore[reportIncompatibleMethodOverride] - Qt's own takes None
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    @override
    def expandingDirections(self, /) -> Qt.Orientation:
        return Qt.Orientation(0)

    @override
    def hasHeightForWidth(self, /) -> bool:
        return True

    @override
    def heightForWidth(self, width: int, /) -> int:
        margins = self.contentsMargins()
        bounds = QRect(0, 0, width, 0).marginsRemoved(QMargins(margins.left(), 0, margins.right(), 0))
        bottom = max((place.bottom() + 1 for _, place in self._places(bounds)), default=0)
        return bottom + margins.top() + margins.bottom()

    @override
    def setGeometry(self, rect: QRect, /) -> None:
        super().setGeometry(rect)
        bounds = rect.marginsRemoved(self.contentsMargins())
        parent = self.parentWidget()
        direction = parent.layoutDirection() if parent else Qt.LayoutDirection.LeftToRight
        for item, place in self._places(bounds):
            item.setGeometry(QStyle.visualRect(direction, bounds, place))

    @override
    def sizeHint(self, /) -> QSize:
        return self.minimumSize()

    @override
    def minimumSize(self, /) -> QSize:
        widest, highest = 0, 0
        for item in self._items:
            size = item.minimumSize()
            widest, highest = max(widest, size.width()), max(highest, size.height())
        margins = self.contentsMargins()
        return QSize(widest + margins.left() + margins.right(), highest + margins.top() + margins.bottom())
