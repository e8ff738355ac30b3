"""Long text cut after a few lines until the rest is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.displays.more import MoreButton
from elysia_desktop.ui.theme import tokens_of

_ELLIPSIS = "…"


class ClampedText(QWidget):
    """Plain text of a few lines, with a button that shows all of it; `marks` are parts to highlight."""

    toggled = Signal(bool)

    def __init__(
        self,
        text: str,
        lines: int = 3,
        parent: QWidget | None = None,
        *,
        marks: Sequence[tuple[int, int]] = (),
    ) -> None:
        super().__init__(parent)
        self._text = text.strip()
        before = len(text) - len(text.lstrip())
        self._marks = [(max(0, start - before), end - before) for start, end in marks]
        self._shown = ""
        self._lines = lines
        self._open = False
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.RichText if marks else Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.button = MoreButton(self.tr("Show all"), self)
        self.button.clicked.connect(self.toggle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._label)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        self._cut()

    @property
    def shown_text(self) -> str:
        """The text as it stands there now, cut or whole."""
        return self._shown

    def set_mute(self, mute: bool) -> None:
        """Let the text stand back, or no longer."""
        self._label.setProperty("look", "mute" if mute else "")
        self._label.style().polish(self._label)

    def toggle(self) -> None:
        """Show all of the text, or only its beginning again."""
        self._open = not self._open
        self.button.setText(self.tr("Show less") if self._open else self.tr("Show all"))
        flags = Qt.TextInteractionFlag
        self._label.setTextInteractionFlags(
            flags.TextSelectableByMouse if self._open else flags.NoTextInteraction
        )
        self._cut()
        self.toggled.emit(self._open)

    def _cut(self) -> None:
        end = self._end_of_last_line()
        too_long = end < len(self._text)
        self.button.setVisible(too_long or self._open)
        if self._open or not too_long:
            self._shown = self._text
        else:
            # A little is given up so that the ellipsis still fits on the line.
            self._shown = self._text[: max(0, end - 2)].rstrip() + _ELLIPSIS
        self._label.setText(self._marked() if self._marks else self._shown)

    def _marked(self) -> str:
        """What is shown, as HTML of which nothing but the marks is markup."""
        tokens = tokens_of(self)
        mark = f'<span style="background-color: {tokens.accent_ground}; color: {tokens.accent}">'
        whole, at = "", 0
        for start, end in self._marks:
            whole += f"{escape(self._shown[at:start])}{mark}{escape(self._shown[start:end])}</span>"
            at = end
        return f'<div style="white-space: pre-wrap">{whole}{escape(self._shown[at:])}</div>'

    def _end_of_last_line(self) -> int:
        """How many characters the lines that are allowed can hold."""
        layout = QTextLayout(self._text.replace("\n", "\u2028"), self._label.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        end = 0
        layout.beginLayout()
        for _ in range(self._lines):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(1, self.width()))
            end = line.textStart() + line.textLength()
        layout.endLayout()
        return end

    # Qt overrides
    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._cut()

    @override
    def changeEvent(self, arg__1: QEvent) -> None:
        super().changeEvent(arg__1)
        if arg__1.type() is QEvent.Type.PaletteChange and hasattr(self, "_shown") and self._marks:
            self._cut()  # marks have colours of their own
