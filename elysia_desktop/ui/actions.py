"""Every command of the window, once: menus, shortcuts and buttons share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from elysia_desktop.ui.main_window import MainWindow

Keys = QKeySequence | QKeySequence.StandardKey | str


class Actions(QObject):
    """One `QAction` per command, in the menus of the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        bar = window.menuBar()
        file = bar.addMenu(self.tr("&File"))
        self.new = self._add(file, self.tr("&New conversation"), QKeySequence.StandardKey.New)
        file.addSeparator()
        self.open_folder = self._add(file, self.tr("Open data &folder"))
        file.addSeparator()
        self.quit = self._add(file, self.tr("&Quit"), "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

        edit = bar.addMenu(self.tr("&Edit"))
        self.find = self._add(edit, self.tr("&Search conversations"), "Ctrl+Shift+F")
        edit.addSeparator()
        self.settings = self._add(edit, self.tr("Se&ttings…"), "Ctrl+,")
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)

        view = bar.addMenu(self.tr("&View"))
        self._dock_actions(view)
        view.addSeparator()
        self.themes = self._themes(view.addMenu(self.tr("&Theme")))
        view.addSeparator()
        self.reset_layout = self._add(view, self.tr("&Reset layout"))
        self.reset_layout.triggered.connect(window.reset_layout)

        conversation = bar.addMenu(self.tr("&Conversation"))
        self.write = self._add(conversation, self.tr("&Write a question"), "Ctrl+L")
        self.write.triggered.connect(window.page.write)
        self.attach = self._add(conversation, self.tr("&Attach files…"), "Ctrl+Shift+O")
        window.page.composer.set_attach_action(self.attach)
        self.stop = self._add(conversation, self.tr("&Stop"), "Ctrl+.")
        self.stop.triggered.connect(window.page.composer.stop)

        data = bar.addMenu(self.tr("&Data"))
        self.connection = self._add(data, self.tr("Data &connection…"))
        help_ = bar.addMenu(self.tr("&Help"))
        self.about = self._add(help_, self.tr("&About Elysia Desktop"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

        self.new.triggered.connect(window.conversations.created)
        self.quit.triggered.connect(window.close)
        self.find.triggered.connect(window.conversations.search.setFocus)

    def _add(self, menu: QMenu, text: str, keys: Keys | None = None) -> QAction:
        action = QAction(text, self._window)
        if keys is not None:
            action.setShortcut(keys)
        menu.addAction(action)
        return action

    def _dock_actions(self, menu: QMenu) -> None:
        for dock, keys in ((self._window.side_dock, "Ctrl+B"), (self._window.inspector_dock, "Ctrl+I")):
            action = dock.toggleViewAction()
            action.setShortcut(keys)
            menu.addAction(action)
        tabs = (
            (self.tr("Show &run"), "run", "Ctrl+1"),
            (self.tr("Show &environment"), "environment", "Ctrl+2"),
            (self.tr("Show &objects"), "objects", "Ctrl+3"),
            (self.tr("Show &prompts"), "prompts", "Ctrl+4"),
            (self.tr("Show &document"), "document", "Ctrl+5"),
        )
        for text, name, keys in tabs:
            action = self._add(menu, text, keys)
            action.triggered.connect(lambda _=False, tab=name: self._show_tab(tab))

    def _show_tab(self, name: str) -> None:
        self._window.inspector_dock.show()
        self._window.inspector.set_current_tab(name)

    def _themes(self, menu: QMenu) -> QActionGroup:
        group = QActionGroup(menu)
        for name, text in (
            ("system", self.tr("As the &system")),
            ("light", self.tr("&Light")),
            ("dark", self.tr("&Dark")),
        ):
            action = self._add(menu, text)
            action.setCheckable(True)
            action.setData(name)
            group.addAction(action)
        return group
