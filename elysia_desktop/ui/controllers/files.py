"""Connects the files beside the question to the service that keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFileDialog

from elysia_desktop.core.conversation import title_of
from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.ui.files.adding import Words, sorted_out
from elysia_desktop.ui.files.kinds import READ_SUFFIXES

if TYPE_CHECKING:
    from elysia_desktop.core.files import SourceFile
    from elysia_desktop.services.workspace import Workspace
    from elysia_desktop.ui.controllers.chat import ChatController
    from elysia_desktop.ui.main_window import MainWindow
    from elysia_desktop.ui.tasks import Tasks

MOST_PASTED = 200_000
"""Characters that a question may be given at most; the field would take too long with more."""


@dataclass
class _Reading:
    """What is being read, and for which conversation."""

    conversation_id: str
    done: int
    of: int
    name: str
    is_first: bool = False
    """Whether the conversation may have been begun for it."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class _Removed:
    """A file that is gone from sight and can be put back as long as the notice says so."""

    conversation_id: str
    file: SourceFile


class FilesController(QObject):
    """Adds, uses and removes files of the open conversation; what is read for another goes on meanwhile."""

    def __init__(self, window: MainWindow, chat: ChatController, workspace: Workspace, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._page = window.page
        self._row = window.page.composer.files
        self._chat = chat
        self._workspace = workspace
        self._tasks = tasks
        self._words = Words()
        self._numbers = count(1)
        self._reading: dict[str, _Reading] = {}
        self._removed: _Removed | None = None
        self._going: set[str] = set()
        self._text = ""
        window.actions_.attach.triggered.connect(self.choose)
        self._page.files_given.connect(self.add)
        self._page.long_text_given.connect(self._offer_text)
        self._page.notice_acted.connect(self._act)
        self._page.notice_closed.connect(self._forget)
        self._row.used.connect(self._use)
        self._row.removed.connect(self._remove)
        self._row.cancelled.connect(self._cancel)
        chat.opened.connect(self._show)
        chat.until_read = self.until_read

    def choose(self) -> QFileDialog:
        """Let the person choose files."""
        dialog = QFileDialog(self._window, self.tr("Attach files"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*{suffix}" for suffix in READ_SUFFIXES)
        dialog.setNameFilters([self.tr("Documents ({0})").format(patterns), self.tr("All files (*)")])
        dialog.filesSelected.connect(self._add_chosen)
        dialog.open()
        return dialog

    def add(self, paths: Sequence[Path]) -> None:
        """Read files into the open conversation, or begin one with them."""
        task = f"add files {next(self._numbers)}"
        self._reading[task] = _Reading(self._chat.claim(), 0, len(paths), paths[0].name)
        self._tasks.start(task, self._add(task, list(paths)))

    def add_text(self, text: str) -> None:
        """Keep a text as a file of the open conversation, or begin one with it."""
        task = f"add files {next(self._numbers)}"
        self._reading[task] = _Reading(self._chat.claim(), 0, 1, self._words.pasted)
        self._tasks.start(task, self._add_text(task, text))

    async def until_read(self, conversation_id: str) -> None:
        """Wait for the files that are being read for a conversation."""
        for reading in list(self._reading.values()):
            if self._chat.id_of(reading.conversation_id) == conversation_id:
                await reading.ended.wait()

    async def close(self) -> None:
        """Remove for good what was taken out of sight last."""
        removed, self._removed = self._removed, None
        if removed is not None:
            with suppress(ElysiaError):  # it is out of use already, and can be removed another time
                await self._remove_for_good(removed)

    async def _add(self, task: str, paths: list[Path]) -> None:
        try:
            self._tell_progress()
            given = await asyncio.to_thread(sorted_out, paths)
            if given.refusals or not given.files:
                self._page.show_notice("warn", *self._words.refused(given.refusals, []))
            if not given.files:
                return
            conversation_id = await self._keep(task, given.files[0].name)
            report = await self._workspace.files.add(
                conversation_id, given.files, partial(self._note_progress, task)
            )
            refused = [*given.refusals, *((each.name, each.reason, each.hint) for each in report.refused)]
            if refused or any(file.note for file in report.added):
                self._page.show_notice("warn", *self._words.refused(refused, report.added))
            self._announce(report.added)
        finally:
            await self._end(task)

    async def _add_text(self, task: str, text: str) -> None:
        try:
            self._tell_progress()
            conversation_id = await self._keep(task, self._words.pasted)
            self._announce([await self._workspace.files.add_text(conversation_id, self._words.pasted, text)])
        finally:
            await self._end(task)

    async def _keep(self, task: str, name: str) -> str:
        """The conversation that the files are for, once there is one and data can be written."""
        reading = self._reading[task]
        reading.is_first = self._chat.is_new(reading.conversation_id)
        reading.conversation_id = conversation_id = await self._chat.keep(
            reading.conversation_id, title_of(name)
        )
        self._tell_progress()
        await self._chat.ready.wait()
        return conversation_id

    async def _end(self, task: str) -> None:
        reading = self._reading.pop(task)
        reading.ended.set()
        self._tell_progress()
        if reading.is_first:
            with suppress(ElysiaError):  # it stays, empty, and can be deleted
                await self._give_up(reading.conversation_id)
        # Nothing new is begun while the window closes.
        if reading.conversation_id == self._chat.current and self._window.isVisible():
            self._refresh()

    async def _give_up(self, conversation_id: str) -> None:
        """A conversation that was begun for files, and got none, is not wanted."""
        files = await self._workspace.files.listed(conversation_id)
        turns = await self._workspace.conversations.turns(conversation_id)
        others = (self._chat.id_of(each.conversation_id) for each in self._reading.values())
        if not (files or turns or conversation_id in others or self._chat.is_answering(conversation_id)):
            await self._chat.give_up(conversation_id)

    def _note_progress(self, task: str, done: int, of: int, name: str) -> None:
        reading = self._reading.get(task)
        if reading is not None:
            reading.done, reading.of, reading.name = done, of, name
            self._tell_progress()

    def _tell_progress(self) -> None:
        reading = next((each for _, each in self._here()), None)
        if reading is None:
            self._row.end_progress()
        else:
            self._row.show_progress(reading.done, reading.of, reading.name)

    def _cancel(self) -> None:
        for task, _ in self._here():
            self._tasks.cancel(task)

    def _here(self) -> list[tuple[str, _Reading]]:
        """What is being read for the open conversation, with the names of the tasks."""
        current, id_of = self._chat.current, self._chat.id_of
        return [each for each in self._reading.items() if id_of(each[1].conversation_id) == current]

    def _show(self, _conversation_id: str) -> None:
        """Another conversation is open."""
        self._row.show_files([])
        self._tell_progress()
        self._refresh()

    def _refresh(self) -> None:
        if self._chat.is_kept:
            self._tasks.start("list files", self._list(self._chat.current))

    async def _list(self, conversation_id: str) -> None:
        files = await self._workspace.files.listed(conversation_id)
        if conversation_id == self._chat.current:
            self._row.show_files([file for file in files if file.id not in self._going])

    def _use(self, document_id: str, in_use: bool) -> None:
        self._tasks.start(
            f"use {document_id}", self._then_list(self._chat.current, document_id, in_use=in_use)
        )

    async def _then_list(self, conversation_id: str, document_id: str, *, in_use: bool) -> None:
        await self._workspace.files.use(conversation_id, document_id, in_use)
        await self._list(conversation_id)

    def _remove(self, document_id: str) -> None:
        """Take a file out of sight and out of use; it is removed when that cannot be undone any more."""
        self._page.close_notice()
        file = next(each for each in self._row.files if each.id == document_id)
        self._use(document_id, in_use=False)
        words = self.tr("“{0}” was removed from this conversation.").format(file.name)
        self._page.show_notice("info", words, action=self.tr("Put it back"))
        self._removed = _Removed(self._chat.current, file)
        self._going.add(document_id)
        self._row.show_files([each for each in self._row.files if each.id != document_id])

    def _forget(self) -> None:
        """The notice is gone, and with it what it offered."""
        self._text = ""
        removed, self._removed = self._removed, None
        if removed is not None:
            self._tasks.start(f"remove {removed.file.id}", self._remove_for_good(removed))

    async def _remove_for_good(self, removed: _Removed) -> None:
        try:
            await self._workspace.files.remove(removed.conversation_id, removed.file.id)
        finally:
            self._going.discard(removed.file.id)

    def _act(self, action: str) -> None:
        if action == self.tr("Put it back") and self._removed is not None:
            removed, self._removed = self._removed, None
            self._going.discard(removed.file.id)
            self._page.close_notice()
            again = self._then_list(removed.conversation_id, removed.file.id, in_use=removed.file.in_use)
            self._tasks.start(f"use {removed.file.id}", again)
        elif action in {self._words.attach, self._words.paste} and self._text:
            text = self._text
            self._page.close_notice()
            if action == self._words.attach:
                self.add_text(text)
            else:
                self._page.composer.insert(text)

    def _offer_text(self, text: str) -> None:
        said, hint = self._words.long_text(len(text))
        other = self._words.paste if len(text) <= MOST_PASTED else ""
        self._page.show_notice("info", said, hint, self._words.attach, other)
        self._text = text

    def _add_chosen(self, names: list[str]) -> None:
        if names:
            self.add([Path(name) for name in names])

    def _announce(self, added: Sequence[SourceFile]) -> None:
        if added:
            words = self._words.added([file.name for file in added])
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._page, words))
