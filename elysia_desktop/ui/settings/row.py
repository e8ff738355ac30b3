"""One line of the settings form: a label, a control, and what is to be said about it."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from elysia_desktop.core.setting_fields import SettingField
from elysia_desktop.ui.settings.controls import Control, control_for
from elysia_desktop.ui.settings.remark import Remark
from elysia_desktop.ui.settings.words import section_sentence, shown_value, translated
from elysia_desktop.ui.widgets.combo_box import FIELD_HEIGHT
from elysia_desktop.ui.widgets.icon_button import IconButton
from elysia_desktop.ui.widgets.plain import plain_tip

LABEL_WIDTH = 204
_RESET_WIDTH = 28


class SettingRow(QWidget):
    """Label, control, reset, note and error of one setting."""

    changed = Signal()

    def __init__(
        self,
        field: SettingField,
        control: Control | None = None,
        *,
        parent: QWidget | None = None,
        resettable: bool = True,
    ) -> None:
        super().__init__(parent)
        self.field = field
        self.control = control or control_for(field, self)
        self.is_relevant = True
        self._resettable = resettable
        self._loaded: object = None
        self._told = ""
        title, description = translated(field.title), translated(field.description)
        section = translated(field.section)
        about = (
            title,
            description,
            section,
            section_sentence(field.section),
            translated(field.group),
            field.name,
        )
        self._title = title.casefold()
        self._searched = re.findall(r"[^\W_]+", " ".join(about).casefold())
        self._label = QLabel(title, self)
        self._label.setProperty("look", "mute")
        self._label.setToolTip(plain_tip(description))
        self._label.setBuddy(self.control)
        self._label.setFixedSize(LABEL_WIDTH - _RESET_WIDTH, FIELD_HEIGHT)
        self.control.name(f"{section}: {title}" if section else title, description)
        # Made when they are needed: most rows never are, and together they take most of the time to open.
        self._reset: IconButton | None = None
        self._note: QLabel | None = None
        self._remark: Remark | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self._label, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(self.control, 0, 1)
        self.control.changed.connect(self._take_change)

    @property
    def name(self) -> str:
        """The setting's name."""
        return self.field.name

    @property
    def is_changed(self) -> bool:
        """Whether the person changed it since it was loaded."""
        return self.control.value() != self._loaded

    def load(self, value: object, note: str) -> None:
        """Show a value as it is kept; `note` says where it comes from, if that is worth saying."""
        self.control.set_value(value)
        self._loaded = self.control.value()
        self._told = note
        self.show_problem("")
        self._refresh()

    def put(self, value: object) -> None:
        """Show another value without a word: what follows from a change the person made elsewhere."""
        self.control.set_value(value)
        self._refresh()

    def reset(self) -> None:
        """Put the default back."""
        self.control.set_value(self.field.default)
        self.control.setFocus()
        self._take_change()

    def show_problem(self, text: str) -> None:
        """Say under the control what does not fit; an empty text: it fits."""
        if text == self.problem():
            return
        if self._remark is None:
            self._remark = Remark(self)
            self._grid.addWidget(self._remark, 1, 1)
        self._remark.say(text)
        self.control.mark_invalid(bool(text))
        self.control.editor.setAccessibleDescription(text or translated(self.field.description))

    def problem(self) -> str:
        """What is said to be wrong."""
        return self._remark.text() if self._remark else ""

    def note(self) -> str:
        """What is said about where the value comes from."""
        return self._told

    def matches(self, words: list[str]) -> bool:
        """Whether the setting is about all of these words."""
        return all(
            word in self._title or any(told.startswith(word) for told in self._searched) for word in words
        )

    def _take_change(self) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        noted = bool(self._told) and not self.is_changed
        if noted and self._note is None:
            self._note = QLabel(self)
            self._note.setProperty("look", "small")
            self._grid.addWidget(self._note, 2, 1)
        if self._note is not None:
            self._note.setText(self._told)
            self._note.setVisible(noted)
        differs = self._resettable and self.control.value() != self.field.default
        if differs and self._reset is None:
            self._reset = self._make_reset()
        if self._reset is not None:
            self._reset.setVisible(differs)

    def _make_reset(self) -> IconButton:
        title = translated(self.field.title)
        reset = IconButton("refresh", self.tr("Reset"), self, bare=True, size=14)
        reset.setAccessibleName(self.tr("Reset {0}").format(title))
        reset.setToolTip(
            plain_tip(self.tr("Reset to {0}").format(shown_value(self.field.default, self.field.name)))
        )
        reset.setFixedSize(24, 24)
        reset.setStyleSheet("QToolButton { padding: 0; }")
        reset.clicked.connect(self.reset)
        place = QHBoxLayout()
        place.setContentsMargins(0, 5, 4, 5)
        place.addWidget(reset, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._grid.addLayout(place, 0, 0)
        self.setTabOrder(self.control.editor, reset)
        return reset
