"""The list view of conversations: keys, menu and what was chosen."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QWidget
from typing_extensions import override

from elysia_desktop.ui.conversations.delegate import ConversationDelegate
from elysia_desktop.ui.conversations.model import ConversationModel


class ConversationList(QListView):
    """Lists conversations; a click or Enter opens, F2 renames in place, Delete deletes."""

    opened = Signal(str)
    deleted = Signal(str)
    pinned = Signal(str, bool)

    def __init__(self, model: ConversationModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(ConversationDelegate(self))
        self.setProperty("look", "side")
        self.setAccessibleName(self.tr("Conversations"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.clicked.connect(self._open)

    @property
    def editing(self) -> bool:
        """Whether a title is being edited."""
        return self.state() == QAbstractItemView.State.EditingState

    def select(self, conversation_id: str) -> None:
        """Move the selection to a conversation and into view, without opening it."""
        row = self._model.row_of(conversation_id)
        if row >= 0:
            self.setCurrentIndex(self._model.index(row, 0))
        else:
            self.clearSelection()

    def rename(self) -> None:
        """Edit the title of the selected conversation in place."""
        if self._model.summary(self.currentIndex()) is not None:
            self.edit(self.currentIndex())

    def context_menu(self, index: QModelIndex) -> QMenu | None:
        """The menu of a row; None for a heading."""
        conversation = self._model.summary(index)
        if conversation is None:
            return None
        menu = QMenu(self)
        menu.addAction(self.tr("Open"), lambda: self.opened.emit(conversation.id))
        menu.addAction(self.tr("Rename") + "\tF2", self.rename)
        pin = self.tr("Unpin") if conversation.pinned else self.tr("Pin to the top")
        menu.addAction(pin, lambda: self.pinned.emit(conversation.id, not conversation.pinned))
        menu.addSeparator()
        menu.addAction(self.tr("Delete") + "\tDel", lambda: self.deleted.emit(conversation.id))
        return menu

    def _open(self, index: QModelIndex | QPersistentModelIndex) -> None:
        conversation = self._model.summary(index)
        if conversation is not None:
            self.opened.emit(conversation.id)

    # Qt overrides

    @override
    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        conversation = self._model.summary(self.currentIndex())
        if conversation is None or self.editing:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.opened.emit(conversation.id)
            case Qt.Key.Key_F2:
                self.rename()
            case Qt.Key.Key_Delete:
                self.deleted.emit(conversation.id)
            case _:
                super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, arg__1: QContextMenuEvent, /) -> None:
        by_mouse = arg__1.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(arg__1.pos()) if by_mouse else self.currentIndex()
        menu = self.context_menu(index)
        if menu is None:
            return
        self.setCurrentIndex(index)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = arg__1.pos() if by_mouse else self.visualRect(index).center()
        menu.popup(self.viewport().mapToGlobal(QPoint(place)))
