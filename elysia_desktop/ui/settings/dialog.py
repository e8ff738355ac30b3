"""The settings dialog: groups and search on the left, the form on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from elysia_desktop.core.settings import Settings
from elysia_desktop.ui.settings.form import SettingsForm
from elysia_desktop.ui.settings.found_bar import Found
from elysia_desktop.ui.settings.inputs import SearchLine
from elysia_desktop.ui.settings.model_section import TestResult
from elysia_desktop.ui.settings.words import translated
from elysia_desktop.ui.widgets.icon_button import IconMark
from elysia_desktop.ui.widgets.plain import menu_text

_SIZE = QSize(1000, 680)
_SIDE_WIDTH = 200
_GROUP_SHEET = """
QListWidget::item { padding: 7px 8px; border-radius: 6px; margin-bottom: 1px; }
QListWidget::item:hover { background: palette(base); }
QListWidget::item:selected { background: palette(highlight); }
"""


class SettingsDialog(QDialog):
    """Shows and changes the settings.

    `saved`, `test_wanted` and `models_wanted` carry the changed settings and the entered keys, both by name;
    an empty key is to be forgotten. The role is `base`, `complex` or `data`.
    """

    saved = Signal(object, object)
    test_wanted = Signal(str, object, object)
    models_wanted = Signal(str, object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setProperty("look", "panel")
        self.resize(_SIZE)
        self._busy: set[str] = set()
        # Parents from the start: moving a widget that has children styles all of them anew.
        self._search = SearchLine(self.tr("Search settings…"), self)
        self._search.setAccessibleName(self.tr("Search settings"))
        self._groups = QListWidget(self)
        self._area = QScrollArea(self)
        self._form = SettingsForm(self._area.viewport())
        self._fill_groups()
        self._problem = self._button(self.tr("Show the problem"), "flat")
        self._problem.setStyleSheet("QPushButton { color: palette(bright-text); }")
        self._problem_mark = IconMark("error", "error", size=14)
        self._test = self._button(self.tr("Test connection"))
        self._cancel = self._button(self.tr("Cancel"))
        self._save = self._button(self.tr("Save"), "primary")
        self._lay_out()
        self._connect()
        self._groups.setCurrentRow(0)
        self._search.setFocus()

    def load(
        self,
        settings: Settings,
        saved_keys: Mapping[str, str] | AbstractSet[str] = frozenset(),
        secret_note: str = "",
        from_environment: AbstractSet[str] = frozenset(),
    ) -> None:
        """Show settings as they are kept.

        `saved_keys` are the names of the keys that are known, best with their places (`environment`,
        `keyring`, `session`), `secret_note` says where keys are kept, `from_environment` names the settings
        and keys that come from the environment.
        """
        self._form.load(settings, saved_keys, secret_note, from_environment)
        self._busy.clear()
        self._refresh()

    @property
    def is_changed(self) -> bool:
        """Whether anything was changed since the settings were shown."""
        return bool(self._form.changes() or self._form.keys())

    def show_group(self, name: str) -> None:
        """Show a group of settings."""
        for item in self._groups.findItems("*", Qt.MatchFlag.MatchWildcard):
            if item.data(Qt.ItemDataRole.UserRole) == name:
                self._groups.setCurrentItem(item)

    def set_found(self, servers: Sequence[Found]) -> None:
        """Offer the model servers that were found on this computer."""
        self._form.set_found(servers)

    def set_models(self, role: str, names: Sequence[str]) -> None:
        """Offer these models for a role."""
        self._form.set_models(role, names)

    def set_busy(self, role: str, text: str) -> None:
        """Say what a role is waiting for; an empty text: it waits no more."""
        (self._busy.add if text else self._busy.discard)(role)
        self._form.set_busy(role, text)
        self._refresh()

    def set_test_result(self, role: str, result: TestResult) -> None:
        """Say how the test of a role went, and fill in what it found out."""
        self._busy.discard(role)
        self._form.set_test_result(role, result)
        self._refresh()

    def test(self) -> None:
        """Ask for a test of what is shown."""
        for role in self._form.testable_roles():
            self.test_wanted.emit(role, self._form.changes(), self._form.keys())

    def save(self) -> None:
        """Hand the changes over and close."""
        changes, keys = self._form.changes(), self._form.keys()
        if changes or keys:
            self.saved.emit(changes, keys)
        self.accept()

    def _connect(self) -> None:
        self._groups.currentItemChanged.connect(self._take_group)
        self._groups.itemClicked.connect(self._take_group)
        self._search.textChanged.connect(self._take_search)
        self._form.changed.connect(self._refresh)
        self._form.models_wanted.connect(self._ask_for_models)
        self._problem.clicked.connect(self._go_to_problem)
        self._test.clicked.connect(self.test)
        self._cancel.clicked.connect(self.reject)
        self._save.clicked.connect(self.save)
        QShortcut(QKeySequence.StandardKey.Find, self, self._search.setFocus)
        QShortcut(QKeySequence.StandardKey.Save, self, self._save.click)

    def _ask_for_models(self, role: str) -> None:
        self.models_wanted.emit(role, self._form.changes(), self._form.keys())

    def _take_group(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        self._search.clear()
        self._mark_group(item)
        self._form.show_group(item.data(Qt.ItemDataRole.UserRole))
        self._area.verticalScrollBar().setValue(0)
        self._refresh()

    def _mark_group(self, current: QListWidgetItem | None) -> None:
        """Show a group as the one that is shown; none while searching, which goes through all."""
        for row in range(self._groups.count()):
            item = self._groups.item(row)
            font = self._groups.font()
            font.setBold(item is current)
            item.setFont(font)
            item.setSelected(item is current)

    def _take_search(self, text: str) -> None:
        self._form.search(text)
        self._mark_group(None if text.strip() else self._groups.currentItem())
        self._refresh()
        self._area.verticalScrollBar().setValue(0)

    def _go_to_problem(self) -> None:
        if row := self._form.first_problem():
            self.show_group(row.field.group)
            row.control.setFocus()
            self._area.ensureWidgetVisible(row)

    def _refresh(self) -> None:
        wrong = self._form.first_problem()
        self._save.setEnabled(wrong is None)
        self._problem.setVisible(wrong is not None)
        self._problem_mark.setVisible(wrong is not None)
        if wrong is not None:
            place = f"{translated(wrong.field.group)} → {translated(wrong.field.title)}"
            self._problem.setText(menu_text(self.tr("To be corrected: {0}").format(place)))
        self._test.setEnabled(bool(self._form.testable_roles()) and not self._busy and wrong is None)

    def _fill_groups(self) -> None:
        groups = self._groups
        groups.setProperty("look", "side")
        groups.setStyleSheet(_GROUP_SHEET)
        groups.setAccessibleName(self.tr("Groups of settings"))
        groups.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for name in self._form.groups():
            item = QListWidgetItem(translated(name), groups)
            item.setData(Qt.ItemDataRole.UserRole, name)

    def _button(self, text: str, look: str = "") -> QPushButton:
        button = QPushButton(text)
        button.setProperty("look", look)
        button.setAutoDefault(False)  # Enter in a field must not save
        return button

    def _lay_out(self) -> None:
        side = QWidget()
        side.setProperty("look", "side")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(_SIDE_WIDTH)
        left = QVBoxLayout(side)
        left.setContentsMargins(10, 10, 10, 10)
        left.setSpacing(8)
        left.addWidget(self._search)
        left.addWidget(self._groups, 1)
        rule = QFrame()
        rule.setProperty("look", "rule")
        rule.setFixedWidth(1)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._form)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(side)
        middle.addWidget(rule)
        middle.addWidget(self._area, 1)
        foot = QFrame()
        foot.setProperty("look", "foot")
        bottom = QHBoxLayout(foot)
        bottom.setContentsMargins(18, 10, 18, 10)
        bottom.setSpacing(10)
        bottom.addWidget(self._test)
        bottom.addStretch()
        bottom.addWidget(self._problem_mark)
        bottom.addWidget(self._problem)
        bottom.addWidget(self._cancel)
        bottom.addWidget(self._save)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(middle, 1)
        whole.addWidget(foot)
        # From the search to the groups, the form, the buttons.
        for before, after in pairwise(
            (self._form.last_editor, self._test, self._problem, self._cancel, self._save, self._search)
        ):
            self.setTabOrder(before, after)
        self.setTabOrder(self._search, self._groups)

    # Qt overrides

    @override
    def keyPressEvent(self, arg__1: QKeyEvent, /) -> None:
        if arg__1.key() == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
        else:
            super().keyPressEvent(arg__1)
