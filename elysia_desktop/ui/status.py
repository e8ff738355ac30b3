"""The status bar: data, models, what is running, what the session has spent."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QWidget
from typing_extensions import override

from elysia_desktop.ui.theme import tokens_of

_DOT_PX = 10


class StatusBar(QStatusBar):
    """Left: data and models; right: activity and the session's tokens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._data = QLabel(self.tr("Opening…"), self)
        self._model = QLabel(self)
        self._progress = QProgressBar(self)
        self._progress.setFixedWidth(120)
        self._progress.setAccessibleName(self.tr("Progress"))
        self._progress.hide()
        self._activity = QLabel(self.tr("Idle"), self)
        self._session = QLabel(self)
        for label in (self._model, self._activity, self._session):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self._data, self._model):
            self.addWidget(label)
        for widget in (self._progress, self._activity, self._session):
            self.addPermanentWidget(widget)
        self._said_of_data: tuple[str, bool] | None = None
        self._prompts = 0
        self._tokens = 0
        self._show_session()

    @property
    def data_text(self) -> str:
        """What is said of the data."""
        return self._said_of_data[0] if self._said_of_data else self._data.text()

    def set_data(self, text: str, *, ready: bool = True) -> None:
        """Say which data is in use."""
        self._said_of_data = (text, ready)
        self._show_data()

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

    def _show_data(self) -> None:
        if self._said_of_data is None:
            return
        text, ready = self._said_of_data
        tokens = tokens_of(self)
        colour = tokens.accent if ready else tokens.warn
        self._data.setText(f'<span style="color: {colour}; font-size: {_DOT_PX}px">●</span> {escape(text)}')
        self._data.setAccessibleName(text)

    def _show_session(self) -> None:
        number = QLocale().toString
        prompts = self.tr("1 prompt") if self._prompts == 1 else self.tr("{0} prompts")
        words = self.tr("Session: {0} · {1} tokens")
        self._session.setText(words.format(prompts.format(number(self._prompts)), number(self._tokens)))

    # Qt overrides

    @override
    def changeEvent(self, arg__1: QEvent, /) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() == QEvent.Type.PaletteChange and hasattr(self, "_said_of_data"):
            self._show_data()  # its dot has a colour of its own
