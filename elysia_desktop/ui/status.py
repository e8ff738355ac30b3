"""The status bar: data, models, what is running, what the session has spent."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QStatusBar, QWidget
from typing_extensions import override

from elysia_desktop.ui.theme import tokens_of

_DOT = 8


class StatusBar(QStatusBar):
    """Left: data and models; right: activity and the session's tokens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._dot = Dot(self)
        self._data = QLabel(self.tr("Opening…"), self)
        self._model = QLabel(self)
        self._progress = QProgressBar(self)
        self._progress.setFixedWidth(120)
        self._progress.setAccessibleName(self.tr("Progress"))
        self._progress.hide()
        self._activity = QLabel(self.tr("Idle"), self)
        self._session = QLabel(self)
        for label in (self._data, self._model, self._activity, self._session):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.addWidget(self._dotted())
        self.addWidget(self._model)
        for widget in (self._progress, self._activity, self._session):
            self.addPermanentWidget(widget)
        self._prompts = 0
        self._tokens = 0
        self._show_session()

    @property
    def data_text(self) -> str:
        """What is said of the data."""
        return self._data.text()

    def set_data(self, text: str, *, ready: bool = True) -> None:
        """Say which data is in use."""
        self._dot.show_ready(ready)
        self._data.setText(text)

    def set_model(self, text: str) -> None:
        """Say which model is in use."""
        self._model.setText(text)

    def set_activity(self, text: str) -> None:
        """Say what is going on; empty when nothing is."""
        self._activity.setText(text or self.tr("Idle"))

    def set_progress(self, share: float | None) -> None:
        """Show how far something long has come; None hides it."""
        self._progress.setVisible(share is not None)
        self._progress.setValue(round((share or 0) * 100))

    def count_prompt(self) -> None:
        """Count one more question of this session."""
        self._prompts += 1
        self._show_session()

    def count_tokens(self, read: int, written: int) -> None:
        """Add what a model call has read and written."""
        self._tokens += read + written
        self._show_session()

    def _dotted(self) -> QWidget:
        """The text about the data behind its dot."""
        both = QWidget(self)
        row = QHBoxLayout(both)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._dot)
        self._data.setStyleSheet("QLabel { padding-left: 4px; }")
        row.addWidget(self._data)
        return both

    def _show_session(self) -> None:
        number = QLocale().toString
        prompts = self.tr("1 prompt") if self._prompts == 1 else self.tr("{0} prompts")
        words = self.tr("Session: {0} · {1} tokens")
        self._session.setText(words.format(prompts.format(number(self._prompts)), number(self._tokens)))


class Dot(QWidget):
    """Whether something is ready, by a colour that follows the theme; nothing until it is known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ready: bool | None = None
        self.setFixedSize(_DOT, _DOT)
        self.hide()

    def show_ready(self, ready: bool) -> None:
        """Show whether it is ready."""
        self._ready = ready
        self.show()
        self.update()

    # Qt overrides

    @override
    def paintEvent(self, event: QPaintEvent, /) -> None:
        tokens = tokens_of(self.window())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent if self._ready else tokens.warn))
        painter.drawEllipse(QPointF(_DOT / 2, _DOT / 2), _DOT / 2, _DOT / 2)
        painter.end()
