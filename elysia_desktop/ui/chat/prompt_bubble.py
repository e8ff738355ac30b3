"""What the person asked, at the right of the column."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget
from typing_extensions import override

_SHARE = 0.82
_AIR = 12


class PromptBubble(QWidget):
    """A prompt on its own ground, as wide as its text asks and at most four fifths of the column."""

    def __init__(self, prompt: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(prompt)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setAccessibleName(self.tr("You asked: {prompt}").format(prompt=prompt))
        frame = QFrame(self)
        frame.setProperty("look", "prompt")
        inner = QHBoxLayout(frame)
        inner.setContentsMargins(_AIR, 8, _AIR, 8)
        inner.addWidget(self._label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(frame)

    def _fit(self) -> None:
        room = int(self.width() * _SHARE) - 2 * _AIR
        metrics = self._label.fontMetrics()
        lines = self._label.text().split("\n")
        wanted = max(metrics.horizontalAdvance(line.expandtabs(8)[:400]) for line in lines) + 2
        # A word-wrapped label prefers a square; its width is set so that it prefers a line.
        self._label.setFixedWidth(max(24, min(room, wanted)))
        self._label.setFixedHeight(self._label.heightForWidth(self._label.maximumWidth()))

    # Qt overrides

    @override
    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._fit()
