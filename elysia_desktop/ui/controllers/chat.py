"""Connects the conversation pane and the inspector to the service that answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from elysia_desktop.core.conversation import Turn, title_of
from elysia_desktop.core.environment import Environment
from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.ui.controllers.links import Links
from elysia_desktop.ui.documents.cited_passage import cited_passage

if TYPE_CHECKING:
    from elysia_desktop.core.payloads import Payload
    from elysia_desktop.services.workspace import Workspace
    from elysia_desktop.ui.chat.chat_page import ChatPage
    from elysia_desktop.ui.inspector.inspector import Inspector
    from elysia_desktop.ui.tasks import Tasks

_NEW = "new:"
"""What the id of a conversation begins with that is not kept yet."""


class ChatController(QObject):
    """Asks, stops and shows the conversation that is open; runs of other conversations go on meanwhile."""

    changed = Signal()
    """A conversation was begun or has a new turn."""
    opened = Signal(str)
    """Another conversation is open; empty for a new one."""
    shown = Signal(str)
    """The turns of a conversation that is kept are shown."""
    asked = Signal()
    """A question was asked."""
    spent = Signal(int, int)
    """Tokens in and out of a model call."""
    consent_asked = Signal(str, str)
    """The run of the open conversation asks whether a setting may be a yes; its name, and why."""
    activity = Signal(str)
    """What is being done; empty when nothing is."""

    def __init__(
        self,
        page: ChatPage,
        inspector: Inspector,
        workspace: Workspace,
        tasks: Tasks,
        new_id: Callable[[], str],
    ) -> None:
        super().__init__(page)
        self._page = page
        self._inspector = inspector
        self._workspace = workspace
        self._tasks = tasks
        self._new_id = new_id
        self.current = ""
        self.ready = asyncio.Event()
        """Set once there is data to ask; questions wait for it."""
        self.until_read: Callable[[str], Awaitable[None]] = _at_once
        """Waits for the files that are being read for a conversation: a question may be about them."""
        self._live: dict[str, Turn] = {}
        self._begun: dict[str, str] = {}
        self._beginning = asyncio.Lock()
        page.asked.connect(self.ask)
        page.stopped.connect(self.stop)
        page.run_again.connect(self.ask_again)
        self._links = Links(page, inspector, self.is_running)

    @property
    def is_kept(self) -> bool:
        """Whether the open conversation is in the store."""
        return bool(self.current) and not self.is_new(self.current)

    @staticmethod
    def is_new(conversation_id: str) -> bool:
        """Whether this id stands for a conversation that was not kept when it was given."""
        return conversation_id.startswith(_NEW)

    def is_running(self, query_id: str) -> bool:
        """Whether a question is being answered, in whichever conversation."""
        return any(turn.query_id == query_id for turn in self._live.values())

    def is_answering(self, conversation_id: str) -> bool:
        """Whether a question is being answered in a conversation."""
        return conversation_id in self._live

    def ask(self, question: str, collections: Sequence[str] = ()) -> None:
        """Start answering in the open conversation, or begin one."""
        if self.current in self._live:
            return
        self._page.close_notice()
        turn = Turn(self._new_id(), question, datetime.now(UTC), collections=tuple(collections))
        self._name_after(question)
        # Live from this moment, so that a second question cannot start beside it; a conversation that is not
        # kept yet goes by its question, so that another new one can be begun meanwhile.
        self.current = self.current or f"{_NEW}{turn.query_id}"
        self._live[self.current] = turn
        self._page.add_turn(turn)
        self._page.set_running(True)
        self._inspector.begin_run(turn.query_id, turn.asked_at)
        self.activity.emit(self.tr("Thinking…"))
        self.asked.emit()
        self._tasks.start(f"ask:{turn.query_id}", self._follow(self.current, turn, list(collections)))

    def stop(self) -> None:
        """Stop the run of the open conversation."""
        self.stop_in(self.current)

    def stop_in(self, conversation_id: str) -> None:
        """Stop the run of a conversation, if one goes on there."""
        turn = self._live.get(conversation_id)
        if turn is not None:
            turn.stopped = True
            self._tasks.cancel(f"ask:{turn.query_id}")

    def ask_again(self, query_id: str) -> None:
        """Ask the question of an earlier turn once more."""
        turn = next((t for t in self._page.timeline.turns if t.query_id == query_id), None)
        if turn is not None:
            self.ask(turn.prompt, self._page.composer.collections)

    def begin(self) -> None:
        """Leave the open conversation for a new one."""
        self.current = ""
        self._page.header.set_title(self.tr("New conversation"))
        self._page.set_turns([])
        self._page.set_running(False)
        self._page.write()
        self._inspector.set_environment(Environment(self_info=False), {})
        self._inspector.set_exchanges([])
        self._inspector.clear_run()
        self._tasks.start("open", self._show_structure())
        self.opened.emit("")

    def id_of(self, conversation_id: str) -> str:
        """The id by which a conversation goes that may have been kept meanwhile."""
        return self._begun.get(conversation_id, conversation_id)

    def claim(self) -> str:
        """The id by which the open conversation goes, also while it is not kept yet."""
        self.current = self.current or f"{_NEW}{self._new_id()}"
        return self.current

    def open(self, conversation_id: str, title: str) -> None:
        """Show a conversation that is kept."""
        self.current = conversation_id
        self._page.header.set_title(title)
        self._tasks.start("open", self._load(conversation_id))
        self.opened.emit(conversation_id)

    async def _follow(self, conversation_id: str, turn: Turn, collections: Sequence[str]) -> None:
        started = time.monotonic()
        asking = self._workspace.asking
        try:
            await self.ready.wait()
            conversation_id = await self.keep(conversation_id, title_of(turn.prompt))
            await self.until_read(conversation_id)
            await self._show_tree_of(conversation_id)
            async for payload in asking.ask(conversation_id, turn.query_id, turn.prompt, collections):
                if not turn.payloads:
                    self.changed.emit()  # the turn is kept by now, and counts
                turn.payloads.append(payload)
                await self._take(conversation_id, turn, payload)
        except ElysiaError as error:
            self._fail(turn, error)
        finally:
            turn.seconds = time.monotonic() - started
            conversation_id = self.id_of(conversation_id)
            self._live.pop(conversation_id, None)
            self._end(conversation_id, turn)
            await self._show_exchanges_of(conversation_id)  # a stopped request is followed by no payload

    async def keep(self, conversation_id: str, title: str) -> str:
        """Keep a new conversation under this title; returns the id by which it goes from now on."""
        async with self._beginning:  # a question and files may come at the same time
            if not self.is_new(conversation_id):
                return conversation_id
            if conversation_id in self._begun:
                return self._begun[conversation_id]
            conversation = await self._workspace.conversations.create(title)
            self._begun[conversation_id] = conversation.id
        if conversation_id in self._live:
            self._live[conversation.id] = self._live.pop(conversation_id)
        if self.current == conversation_id:
            self.current = conversation.id
            self._page.header.set_title(conversation.title)
            self.opened.emit(conversation.id)
        self.changed.emit()
        return conversation.id

    async def give_up(self, conversation_id: str) -> None:
        """Let go of a conversation that was begun for nothing."""
        if conversation_id == self.current:
            self.begin()
        await self._workspace.conversations.delete(conversation_id)
        self.changed.emit()

    def _name_after(self, question: str) -> None:
        """A conversation that was named after its files goes by its first question."""
        names = {title_of(file.name) for file in self._page.composer.files.files}
        if self.current and self._page.header.title in names and not self._page.timeline.turns:
            title = title_of(question)
            self._page.header.set_title(title)
            self._tasks.start("name after question", self._rename(self.current, title))

    async def _rename(self, conversation_id: str, title: str) -> None:
        await self._workspace.conversations.rename(conversation_id, title)
        self.changed.emit()

    async def _take(self, conversation_id: str, turn: Turn, payload: Payload) -> None:
        if payload["type"] == "model_used":
            self.spent.emit(payload["payload"]["input_tokens"], payload["payload"]["output_tokens"])
        if conversation_id != self.current:
            return
        if payload["type"] == "status":
            self.activity.emit(str(payload["payload"]["text"]))
        if payload["type"] == "consent_asked":
            self.consent_asked.emit(payload["payload"]["setting"], payload["payload"]["text"])
        self._page.apply(turn.query_id, payload)
        if payload["type"] == "result":
            # Its card and its table are much work each: what waits in the window comes between.
            await asyncio.sleep(0)
            if conversation_id != self.current:
                return
        if payload["type"] not in {"text_delta", "text_replaced"}:
            await self._show_exchanges_of(conversation_id)
        self._inspector.feed(payload)

    def _fail(self, turn: Turn, error: ElysiaError) -> None:
        """Nothing is lost: the question goes back to where it was written."""
        if not self._page.composer.draft:
            self._page.composer.draft = turn.prompt
        self._page.show_notice("error", str(error), error.hint)

    def _end(self, conversation_id: str, turn: Turn) -> None:
        if conversation_id == self.current:
            self._page.finish(turn.query_id)
            self._page.set_running(False)
            self._inspector.end_run()
        if not self._live:
            self.activity.emit("")
        self.changed.emit()

    async def _load(self, conversation_id: str) -> None:
        turns = await self._workspace.conversations.turns(conversation_id)
        live = self._live.get(conversation_id)
        if live is not None:  # what is kept of it lags behind, or is not there yet
            turns = [*(turn for turn in turns if turn.query_id != live.query_id), live]
        self._page.set_turns(turns, live.query_id if live else "")
        self._page.set_running(live is not None)
        self.shown.emit(conversation_id)
        await self._show_tree_of(conversation_id)
        if live is not None:
            self._inspector.begin_run(live.query_id, live.asked_at)
            for payload in live.payloads:
                self._inspector.feed(payload)
        elif turns:
            self._inspector.show_turn(turns[-1].payloads, turns[-1].asked_at)
        else:
            self._inspector.clear_run()

    async def _show_tree_of(self, conversation_id: str) -> None:
        """Let the inspector follow a conversation, unless the person has gone to another one meanwhile."""
        asking = self._workspace.asking
        environment = await asking.environment(conversation_id)
        errors = await asking.errors(conversation_id)
        structure = await asking.structure(conversation_id)
        if conversation_id == self.current:
            self._page.timeline.name_citations(partial(_described, environment))
            self._inspector.set_environment(environment, errors)
            self._inspector.set_tree(structure)
        await self._show_exchanges_of(conversation_id)

    async def _show_exchanges_of(self, conversation_id: str) -> None:
        exchanges = await self._workspace.asking.exchanges(conversation_id)
        if conversation_id == self.current:
            self._inspector.set_exchanges(exchanges)

    async def _show_structure(self) -> None:
        """Draw the tree that a new conversation would use."""
        tree = await self._workspace.asking.structure_of_new()
        self._inspector.set_tree(tree)  # pyright: ignore[reportArgumentType]


async def _at_once(_conversation_id: str) -> None:
    """There is nothing to wait for."""


def _described(environment: Environment, ref_id: str) -> str:
    """A passage's file and page; empty for any other object."""
    passage = cited_passage(ref_id, environment.object(ref_id))
    return passage.label if passage is not None else ""
