"""What stands under a finished run: what can be done with it, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from elysia_desktop.ui.chat.rating import RatingBar
from elysia_desktop.ui.widgets.elided_label import ElidedLabel
from elysia_desktop.ui.widgets.icon_button import IconButton

_COPIED_MS = 1500


@dataclass
class Usage:
    """The tokens and the price of a run's model calls."""

    tokens: int = 0
    cost: float | None = 0.0
    """In USD; None when the price of a call is not known."""
    calls: int = 0

    def add(self, content: dict[str, Any]) -> None:
        """Count the content of a `model_used` payload."""
        self.calls += 1
        self.tokens += int(content.get("input_tokens") or 0) + int(content.get("output_tokens") or 0)
        cost = content.get("cost")
        self.cost = None if self.cost is None or cost is None else self.cost + float(cost)


class Footer(QWidget):
    """Thumbs, copy and run again at the left; tokens, cost and seconds at the right."""

    copy_wanted = Signal()
    run_again = Signal()
    rated = Signal(int)
    case_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rating = RatingBar(self)
        self._rating.rated.connect(self.rated)
        self._rating.case_wanted.connect(self.case_wanted)
        self._copy = IconButton("copy", self.tr("Copy"), self, size=14)
        self._copy.clicked.connect(self._tell_copy)
        self._again = IconButton("refresh", self.tr("Run again"), self, size=14)
        self._again.clicked.connect(self.run_again)
        self._label = ElidedLabel(parent=self, look="mute")
        self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._timer = QTimer(self, interval=_COPIED_MS, singleShot=True)
        self._timer.timeout.connect(self._forget_copy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rating)
        row.addWidget(self._copy)
        row.addWidget(self._again)
        row.addWidget(self._label, 1)

    @property
    def summary(self) -> str:
        """What the run took, as it is shown."""
        return self._label.text()

    @property
    def rating(self) -> int:
        """The rating that is shown; 0 for none."""
        return self._rating.rating

    def show_run(self, usage: Usage, seconds: float | None, *, stopped: bool, copyable: bool) -> None:
        """Show what a run took; without seconds it was cut off. `copyable` says whether there is an answer."""
        parts: list[str] = []
        if stopped:
            parts.append(self.tr("Stopped"))
        elif seconds is None:
            parts.append(self.tr("Cut off"))
        locale = QLocale()
        if usage.calls:
            one = usage.tokens == 1
            count = locale.toString(usage.tokens)
            parts.append(self.tr("1 token") if one else self.tr("{n} tokens").format(n=count))
            if usage.cost is not None:
                parts.append(f"${locale.toString(usage.cost, 'f', 4)}")
        if seconds is not None:
            parts.append(self.tr("{n} s").format(n=locale.toString(float(seconds), "f", 1)))
        self._label.setText(" · ".join(parts))
        self._copy.setVisible(copyable)

    def show_rating(self, rating: int, kept_as_case: bool) -> None:
        """Show how the answer was rated, and whether the question is kept as a regression case."""
        self._rating.show_rating(rating, kept_as_case)

    def _tell_copy(self) -> None:
        self.copy_wanted.emit()
        self._copy.setText(self.tr("Copied"))
        self._copy.show_icon("check")
        self._timer.start()

    def _forget_copy(self) -> None:
        self._copy.setText(self.tr("Copy"))
        self._copy.show_icon("copy")
