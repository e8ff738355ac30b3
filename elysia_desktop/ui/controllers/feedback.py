"""Connects the thumbs under answers to the service that keeps ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from elysia_desktop.core.conversation import Turn
    from elysia_desktop.services.feedback import Feedback
    from elysia_desktop.ui.chat.chat_page import ChatPage
    from elysia_desktop.ui.controllers.chat import ChatController
    from elysia_desktop.ui.tasks import Tasks


class FeedbackController(QObject):
    """Rates answers of the open conversation, and shows how they were rated when one is opened."""

    def __init__(self, page: ChatPage, chat: ChatController, feedback: Feedback, tasks: Tasks) -> None:
        super().__init__(page)
        self._page = page
        self._chat = chat
        self._feedback = feedback
        self._tasks = tasks
        self._told = ""
        page.rated.connect(self.rate)
        page.case_wanted.connect(self.keep)
        chat.shown.connect(self.show_ratings)

    def rate(self, query_id: str, rating: int) -> None:
        """Keep a rating of an answer; 0 takes it back."""
        turn = self._turn(query_id)
        if turn is not None:
            self._tasks.start(f"rate:{query_id}", self._rate(self._chat.current, turn, rating))

    def keep(self, query_id: str, kept: bool) -> None:
        """Keep a question as a regression case, or no longer."""
        turn = self._turn(query_id)
        if turn is not None:
            self._tasks.start(f"case:{query_id}", self._keep(self._chat.current, turn, kept))

    def show_ratings(self, conversation_id: str) -> None:
        """Show the ratings of the conversation whose turns are shown."""
        self._tasks.start("show ratings", self._mark(conversation_id))

    def copy(self, *, tell: bool = True) -> None:
        """Bring copies in the data store up to date; with `tell`, say what keeps them from it."""
        self._tasks.start("copy ratings", self._copy(tell))

    async def _rate(self, conversation_id: str, turn: Turn, rating: int) -> None:
        try:
            await self._feedback.rate(conversation_id, turn.query_id, rating)
            turn.rating = rating
        finally:
            self._page.timeline.show_rating(turn.query_id)
        self.copy()

    async def _keep(self, conversation_id: str, turn: Turn, kept: bool) -> None:
        try:
            if kept:
                await self._feedback.keep_as_case(conversation_id, turn.query_id)
                hint = self.tr("Ask it again with: elysia-desktop --headless --replay")
                self._page.show_notice("info", self.tr("Kept as a regression case."), hint)
            else:
                await self._feedback.drop_case(turn.query_id)
            turn.kept_as_case = kept
        finally:
            self._page.timeline.show_rating(turn.query_id)

    async def _mark(self, conversation_id: str) -> None:
        turns = self._page.timeline.turns
        await self._feedback.mark(conversation_id, turns)
        for turn in turns:
            self._page.timeline.show_rating(turn.query_id)

    async def _copy(self, tell: bool) -> None:
        problem = await self._feedback.copy()
        if tell and problem and problem != self._told:
            self._page.show_notice("warn", problem)
        self._told = problem if tell else ""

    def _turn(self, query_id: str) -> Turn | None:
        return next((turn for turn in self._page.timeline.turns if turn.query_id == query_id), None)
