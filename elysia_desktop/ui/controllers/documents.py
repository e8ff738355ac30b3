"""Shows files and the passages of them that answers cite."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from elysia_desktop.core.errors import ElysiaError, QueryRejected
from elysia_desktop.ui.documents.cited_passage import CitedPassage, cited_passage
from elysia_desktop.ui.documents.document_page import OpenFile
from elysia_desktop.ui.documents.document_text import Heading

if TYPE_CHECKING:
    from elysia_desktop.core.conversation import Turn
    from elysia_desktop.services.files import ShownFile
    from elysia_desktop.services.workspace import Workspace
    from elysia_desktop.ui.controllers.chat import ChatController
    from elysia_desktop.ui.main_window import MainWindow
    from elysia_desktop.ui.tasks import Tasks


class DocumentsController(QObject):
    """Opens what a citation stands for, of whichever turn, and files that the person wants to read."""

    def __init__(self, window: MainWindow, chat: ChatController, workspace: Workspace, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._page = window.inspector.document
        self._chat = chat
        self._workspace = workspace
        self._tasks = tasks
        self._conversation = ""
        self._passages: list[CitedPassage] = []
        window.page.citation_selected.connect(self._show_cited)
        window.page.composer.files.opened.connect(self.open_file)
        window.page.composer.files.removed.connect(self._close_file)
        self._page.passage_wanted.connect(self._step)
        self._page.original_wanted.connect(self._open_original)
        chat.opened.connect(self._leave)

    def open_file(self, document_id: str) -> None:
        """Show a file of the open conversation from its beginning."""
        files = self._window.page.composer.files.files
        name = next((file.name for file in files if file.id == document_id), "")
        self._bring_to_front()
        self._tasks.start("document", self._open(document_id, name))

    def _show_cited(self, query_id: str, ref_id: str) -> None:
        self._tasks.start("document", self._cite(query_id, ref_id))

    def _step(self, place: int) -> None:
        if 0 <= place < len(self._passages):
            self._tasks.start("document", self._show_passage(place))

    def _close_file(self, document_id: str) -> None:
        if self._page.file is not None and self._page.file.document_id == document_id:
            self._page.clear()

    def _leave(self, conversation_id: str) -> None:
        """The files of a conversation are not those of another."""
        if conversation_id != self._conversation:
            self._tasks.cancel("document")
            self._conversation, self._passages = conversation_id, []
            self._page.clear()

    async def _cite(self, query_id: str, ref_id: str) -> None:
        environment = await self._workspace.asking.environment(self._chat.current)
        chosen = cited_passage(ref_id, environment.object(ref_id))
        if chosen is None:
            return
        turns = self._window.page.timeline.turns
        turn = next((turn for turn in turns if turn.query_id == query_id), None)
        cited = (cited_passage(each, environment.object(each)) for each in _citations(turn))
        passages = [each for each in cited if each is not None]
        self._passages = passages if chosen in passages else [chosen]
        self._bring_to_front()
        await self._show_passage(self._passages.index(chosen))

    async def _show_passage(self, place: int) -> None:
        passage = self._passages[place]
        try:
            await self._show_file(passage.document_id, passage.name)
        except QueryRejected:
            reason = self.tr("“{0}” was removed from this conversation.").format(passage.name)
            self._page.show_missing(passage, reason)
        except ElysiaError as error:
            self._page.show_missing(passage, f"{error} {error.hint}".strip())
        else:
            self._page.show_passages(self._passages, place)

    async def _open(self, document_id: str, name: str) -> None:
        try:
            await self._show_file(document_id, name)
        except ElysiaError as error:
            self._page.show_failure(name, f"{error} {error.hint}".strip())

    async def _show_file(self, document_id: str, name: str) -> None:
        shown = self._page.file
        if shown is not None and shown.document_id == document_id and await self._is_kept(document_id):
            return
        self._page.show_opening(name)
        self._page.show_file(_open_file(await self._workspace.files.shown(self._chat.current, document_id)))

    async def _is_kept(self, document_id: str) -> bool:
        files = await self._workspace.files.listed(self._chat.current)
        return any(file.id == document_id for file in files)

    def _open_original(self, document_id: str) -> None:
        self._tasks.start("open original", self._hand_over(document_id))

    async def _hand_over(self, document_id: str) -> None:
        shown = await self._workspace.files.shown(self._chat.current, document_id)
        if not await asyncio.to_thread(shown.original.is_file):
            words = self.tr("The original of “{0}” is not there any more.").format(shown.file.name)
            self._window.page.show_notice("warn", words)
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(shown.original)))

    def _bring_to_front(self) -> None:
        self._window.inspector_dock.show()
        self._window.inspector.set_current_tab("document")


def _citations(turn: Turn | None) -> list[str]:
    """The reference ids that a turn's answers cite, in their order."""
    payloads = turn.payloads if turn is not None else []
    texts: list[dict[str, Any]] = [each["payload"] for each in payloads if each["type"] == "text"]
    refs = (
        str(ref) for text in texts for item in text.get("objects") or () for ref in item.get("ref_ids") or ()
    )
    return list(dict.fromkeys(refs))


def _open_file(shown: ShownFile) -> OpenFile:
    file = shown.file
    return OpenFile(
        file.id,
        file.name,
        file.kind,
        shown.text,
        [(page.page, page.start) for page in shown.pages],
        [Heading(at.start, at.start + len(at.text), at.level) for at in shown.headings],
        file.note,
        has_original=True,
    )
