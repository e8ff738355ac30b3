"""A result in the chat: what it is, what can be done with it, its display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.ui.displays import display_for
from elysia_desktop.ui.displays.base import Payload
from elysia_desktop.ui.displays.query_panel import QueryPanel
from elysia_desktop.ui.icons import icon
from elysia_desktop.ui.tables.columns import Column
from elysia_desktop.ui.tables.copying import Objects, as_csv, as_json, as_markdown, as_tsv
from elysia_desktop.ui.widgets.chip import Chip
from elysia_desktop.ui.widgets.elided_label import ElidedLabel

Form = Callable[[Sequence[Column], Objects], str]

# The display keeps clear of the rounded corners.
_BOTTOM = 6
_ARROW = 14
_ROOMY = 460
"""The width below which the title and the commands leave no room for the chips."""
_NARROWEST = 240


class ResultCard(QFrame):
    """A result with its name, its chips and its commands above its display.

    `object_selected` carries a `_REF_ID`, `passage_wanted` that of a passage of a file; `opened` asks for the result
    in a table of its own.
    """

    object_selected = Signal(str)
    passage_wanted = Signal(str)
    opened = Signal()
    query_wanted = Signal()

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.payload = payload
        self.setProperty("look", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumWidth(_NARROWEST)
        # Made first, so that Tab reaches the commands before the display beneath them.
        self.query_button = self._button(self.tr("View query"))
        self.copy_button = self._button(self.tr("Copy"))
        self.open_button = self._button(self.tr("Open in table"))
        self.query_panel = QueryPanel(payload, self)
        self.display = display_for(payload, self)
        self.display.object_selected.connect(self.object_selected)
        self.display.passage_wanted.connect(self.passage_wanted)
        self.display.opened.connect(self.opened)
        self.display.query_wanted.connect(self.show_query)
        self.query_panel.hide()
        self.query_button.clicked.connect(self.toggle_query)
        self.query_button.setVisible(not self.query_panel.is_empty)
        self.copy_button.setMenu(self._copy_menu())
        self.open_button.clicked.connect(self._open)
        self._lay_out()
        self._colour_icons()

    @property
    def title(self) -> str:
        """The name of the result."""
        return self.display.title

    def select_ref(self, ref_id: str) -> bool:
        """Highlight the object with this `_REF_ID` and scroll to it; False when it is not here."""
        return self.display.select_ref(ref_id)

    def show_summaries(self, payload: Payload) -> None:
        """Show the same result with the summaries of its objects, and leave everything else as it stands."""
        self.payload = payload
        self.display.show_summaries(payload)

    def toggle_query(self) -> None:
        """Show the request behind the result, or hide it again."""
        if self.query_panel.isHidden():
            self.show_query()
        else:
            self.query_panel.hide()
            self._name_query_button(self.tr("View query"))

    def show_query(self) -> None:
        """Show the request behind the result."""
        self.query_panel.setHidden(self.query_panel.is_empty)
        self._name_query_button(self.tr("Hide query"))
        self.query_wanted.emit()

    def _name_query_button(self, text: str) -> None:
        self.query_button.setText(text)
        self.query_button.setAccessibleName(f"{text}: {self.title}")

    def _open(self) -> None:
        self.opened.emit()

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(11, 5, 7, 5)
        header.setSpacing(8)
        title = ElidedLabel(self.title, self, "strong")
        title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        header.addWidget(title)
        self._badges = [Chip(badge, self) for badge in self.display.badges]
        for badge in self._badges:
            header.addWidget(badge)
        header.addStretch(1)
        commands = QHBoxLayout()
        commands.setSpacing(2)
        for button in (self.query_button, self.copy_button, self.open_button):
            button.setAccessibleName(f"{button.text()}: {self.title}")
            commands.addWidget(button)
        header.addLayout(commands)
        rule = QFrame(self)
        rule.setProperty("look", "rule")
        rule.setFixedHeight(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, _BOTTOM)
        layout.setSpacing(0)
        layout.addLayout(header)
        layout.addWidget(rule)
        layout.addWidget(self.query_panel)
        if self.display.note:
            note = self._label(self.display.note, "mute")
            note.setContentsMargins(11, 8, 11, 2)
            layout.addWidget(note)
            self.display.hide()
        layout.addWidget(self.display)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("look", "flat")
        return button

    def _label(self, text: str, look: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("look", look)
        return label

    def _copy_menu(self) -> QMenu:
        menu = QMenu(self)
        forms = (
            (self.tr("For a spreadsheet (TSV)"), as_tsv),
            (self.tr("CSV"), as_csv),
            (self.tr("Markdown"), as_markdown),
            (self.tr("JSON"), as_json),
        )
        for label, form in forms:
            menu.addAction(label).triggered.connect(partial(self._copy, form))
        return menu

    def _copy(self, form: Form, _checked: bool = False) -> None:
        QGuiApplication.clipboard().setText(form(self.display.columns(), self.display.rows()))

    def _colour_icons(self) -> None:
        self.open_button.setIcon(icon("open", self, size=_ARROW))
        self.open_button.setIconSize(QSize(_ARROW, _ARROW))
        mirrored = Qt.LayoutDirection.LeftToRight if self.isRightToLeft() else Qt.LayoutDirection.RightToLeft
        self.open_button.setLayoutDirection(mirrored)  # the arrow stands behind the words

    # Qt overrides
    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for badge in self._badges:
            badge.setHidden(self.width() < _ROOMY)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "open_button"):
            self._colour_icons()
