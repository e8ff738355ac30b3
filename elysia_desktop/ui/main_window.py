"""The main window: conversations, chat, inspector, menus and status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget
from typing_extensions import override

from elysia_desktop.ui.actions import Actions
from elysia_desktop.ui.chat.chat_page import ChatPage
from elysia_desktop.ui.conversations.conversation_panel import ConversationPanel
from elysia_desktop.ui.dock_grip import DockGrip
from elysia_desktop.ui.status import StatusBar

if TYPE_CHECKING:
    from elysia_desktop.ui.inspector.inspector import Inspector

LAYOUT_VERSION = 1
SIZE = (1440, 900)
SIDE_WIDTH = 232
INSPECTOR_WIDTH = 430
INSPECTOR_NARROWEST = 280


class MainWindow(QMainWindow):
    """Holds the parts and remembers how they are arranged."""

    closed = Signal()

    def __init__(self, layout: QSettings) -> None:
        super().__init__()
        self._layout = layout
        self.is_painted = False
        self.setWindowTitle("Elysia Desktop")
        self.setObjectName("main")
        self.page = ChatPage(self)
        self.setCentralWidget(self.page)
        self.conversations = ConversationPanel()
        self._inspector: Inspector | None = None
        self._inspector_tab = "run"
        self.side_dock = self._dock(
            self.tr("Conversations"),
            "conversations",
            self.conversations,
            Qt.DockWidgetArea.LeftDockWidgetArea,
        )
        self.inspector_dock = self._dock(
            self.tr("Inspector"), "inspector", _empty_panel(), Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.status = StatusBar(self)
        self.setStatusBar(self.status)
        self.actions_ = Actions(self)
        self.conversations.set_nav_visible(data=False, agent=False)
        self.page.header.set_title(self.tr("New conversation"))
        self.page.write()
        self.resize(*SIZE)
        self._default_state = self.saveState(LAYOUT_VERSION)
        self.reset_layout()

    @property
    def inspector(self) -> Inspector:
        """The right dock's content, built when it is first asked for: the window is shown before."""
        if self._inspector is None:
            from elysia_desktop.ui.inspector.inspector import Inspector

            self._inspector = Inspector()
            self._inspector.set_current_tab(self._inspector_tab)
            before = self.inspector_dock.widget()
            self.inspector_dock.setWidget(self._inspector)
            before.deleteLater()
        return self._inspector

    def restore_layout(self) -> None:
        """Arrange everything as it was left."""
        geometry, state = self._layout.value("geometry"), self._layout.value("state")
        if geometry is not None:
            self.restoreGeometry(geometry)  # pyright: ignore[reportArgumentType] - as saved below
        if state is not None:
            self.restoreState(state, LAYOUT_VERSION)  # pyright: ignore[reportArgumentType]
        self._inspector_tab = str(self._layout.value("inspector", "run"))
        if self._inspector is not None:
            self._inspector.set_current_tab(self._inspector_tab)
        self.page.composer.draft = str(self._layout.value("draft", ""))

    def reset_layout(self) -> None:
        """Arrange everything as at the first start."""
        self.restoreState(self._default_state, LAYOUT_VERSION)
        self.side_dock.show()
        self.inspector_dock.show()
        self.inspector_dock.setFloating(False)
        docks = [self.side_dock, self.inspector_dock]
        self.resizeDocks(docks, [SIDE_WIDTH, INSPECTOR_WIDTH], Qt.Orientation.Horizontal)

    def save_layout(self, conversation_id: str) -> None:
        """Remember the arrangement and the open conversation."""
        self._layout.setValue("geometry", self.saveGeometry())
        self._layout.setValue("state", self.saveState(LAYOUT_VERSION))
        self._layout.setValue("inspector", self.inspector.current_tab)
        self._layout.setValue("conversation", conversation_id)
        self._layout.setValue("draft", self.page.composer.draft)
        self._layout.sync()

    @property
    def last_conversation(self) -> str:
        """The conversation that was open when the window was last closed."""
        return str(self._layout.value("conversation", ""))

    def _dock(self, title: str, name: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(content)
        dock.setTitleBarWidget(DockGrip(title, dock))
        self.addDockWidget(area, dock)
        return dock

    # Qt overrides

    @override
    def paintEvent(self, event: QPaintEvent, /) -> None:
        super().paintEvent(event)
        self.is_painted = True

    @override
    def closeEvent(self, event: QCloseEvent, /) -> None:
        event.accept()
        self.closed.emit()


def _empty_panel() -> QWidget:
    panel = QWidget()
    panel.setProperty("look", "panel")
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    panel.setMinimumWidth(INSPECTOR_NARROWEST)
    return panel
