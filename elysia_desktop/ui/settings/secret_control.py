"""An API key: entered or replaced, never shown."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.ui.settings.controls import Control
from elysia_desktop.ui.settings.keys import Keys
from elysia_desktop.ui.widgets.combo_box import FIELD_HEIGHT

_DOTS = "•" * 16


class SecretControl(Control):
    """A key that is known (with Replace… and Remove) or an empty line to enter one."""

    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._pages = QStackedWidget()
        self._pages.setFixedHeight(FIELD_HEIGHT)
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        super().__init__(self._pages, parent)
        self._name = ""
        self._known = ""
        self._fixed = False
        self._pending: str | None = None
        self._said = QLabel()
        self._replace = self._link(self.tr("Replace…"))
        self._remove = self._link(self.tr("Remove"))
        self._line = _KeyLine()
        self._keep = self._link(self.tr("Keep the old one"))
        self._pages.addWidget(self._page_of_known())
        self._pages.addWidget(self._page_of_entry())
        self._replace.clicked.connect(self._start_entry)
        self._remove.clicked.connect(self._forget)
        self._keep.clicked.connect(self._keep_known)
        self._line.textChanged.connect(self._take)
        self._line.editingFinished.connect(self._finish)
        self._line.left.connect(self._keep_known)

    @property
    def key_name(self) -> str:
        """The name under which the key is kept, such as OPENAI_API_KEY."""
        return self._name

    def show_key(self, name: str, keys: Keys) -> None:
        """Show the key called `name`: where it is kept, if anywhere, and what was entered since."""
        self._name, self._known, self._fixed = name, keys.known(name), keys.is_fixed(name)
        self.set_value(keys.pending.get(name))

    def value(self) -> object:
        """The key entered but not saved; empty to forget it, None when nothing changes."""
        return self._pending

    def set_value(self, value: object) -> None:
        """Show an entered key, as dots."""
        self._pending = value if isinstance(value, str) else None
        with QSignalBlocker(self._line):
            self._line.setText(self._pending or "")
        self._refresh()

    def name(self, title: str, description: str) -> None:
        """Tell what it is for; the tooltip would cover the dots."""
        self._line.setAccessibleName(title)
        self._line.setAccessibleDescription(description)
        for button in (self._replace, self._remove, self._keep):
            button.setAccessibleName(f"{title}: {button.text()}")

    def _page_of_known(self) -> QWidget:
        page = QFrame()
        page.setObjectName("known")
        page.setStyleSheet(
            "#known { background: palette(window); border: 1px solid palette(mid); border-radius: 6px; }"
        )
        row = QHBoxLayout(page)
        row.setContentsMargins(9, 0, 4, 0)
        row.setSpacing(0)
        row.addWidget(self._said, 1)
        row.addWidget(self._replace)
        row.addWidget(self._remove)
        return page

    def _page_of_entry(self) -> QWidget:
        inside = QHBoxLayout(self._line)
        inside.setContentsMargins(0, 0, 4, 0)
        inside.addStretch()
        inside.addWidget(self._keep)
        return self._line

    def _link(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("look", "flat")
        button.setStyleSheet("QPushButton { color: palette(link); }")
        button.setAutoDefault(False)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        return button

    def _refresh(self) -> None:
        forgotten = self._pending == "" and bool(self._known)
        if forgotten:
            self._said.setText(self.tr("will be removed when you save"))
        else:
            self._said.setText(f"{_DOTS}  {self._known}")
        self._said.setProperty("look", "mute" if forgotten else "")
        self._said.style().polish(self._said)
        self._replace.setVisible(not self._fixed)
        self._remove.setVisible(not forgotten and not self._fixed)
        self._pages.setCurrentIndex(0 if self._known and not self._pending else 1)
        self._keep.setVisible(bool(self._known))
        room = self._keep.sizeHint().width() + 4 if self._known else 0
        self._line.setTextMargins(0, 0, room, 0)
        self.setFocusProxy(self._replace if self._pages.currentIndex() == 0 else self._line)

    def _start_entry(self) -> None:
        self._pages.setCurrentIndex(1)
        self.setFocusProxy(self._line)
        self._line.setFocus()

    def _forget(self) -> None:
        self._set_pending("")
        self._replace.setFocus()

    def _keep_known(self) -> None:
        with QSignalBlocker(self._line):
            self._line.clear()
        self._set_pending(None)
        if self._known:
            self._replace.setFocus()

    def _take(self, text: str) -> None:
        self._pending = text.strip() or None
        self.changed.emit()

    def _finish(self) -> None:
        if self._pending:
            self.entered.emit()

    def _set_pending(self, pending: str | None) -> None:
        self._pending = pending
        self._refresh()
        self.changed.emit()


class _KeyLine(QLineEdit):
    """A line that shows dots; Escape leaves it."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "field")
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setPlaceholderText(self.tr("Paste the key"))
        self.setFixedHeight(FIELD_HEIGHT)

    # Qt overrides

    @override
    def keyPressEvent(self, arg__1: QKeyEvent, /) -> None:
        if arg__1.key() == Qt.Key.Key_Escape and self.text():
            self.left.emit()
        else:
            super().keyPressEvent(arg__1)
