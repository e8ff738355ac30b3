"""Connects what the conversation shows to the same thing in the inspector, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from elysia_desktop.ui.chat.chat_page import ChatPage
    from elysia_desktop.ui.inspector.inspector import Inspector


class Links(QObject):
    """A citation, an object or a step that is chosen in one of them is shown in the other, with its run."""

    def __init__(self, page: ChatPage, inspector: Inspector, is_running: Callable[[str], bool]) -> None:
        super().__init__(page)
        self._page = page
        self._inspector = inspector
        self._is_running = is_running
        page.citation_selected.connect(self._show_object)
        page.object_selected.connect(self._show_object)
        page.step_selected.connect(self._show_step)
        page.table_wanted.connect(self._show_table)
        inspector.object_selected.connect(self._show_in_cards)

    def _show_object(self, query_id: str, ref_id: str) -> None:
        self._show_run_of(query_id)
        self._inspector.select_ref(ref_id)

    def _show_step(self, query_id: str, index: int) -> None:
        self._show_run_of(query_id)
        self._inspector.set_current_tab("run")
        self._inspector.select_step(index)

    def _show_run_of(self, query_id: str) -> None:
        turns = self._page.timeline.turns
        place = next((place for place, turn in enumerate(turns) if turn.query_id == query_id), None)
        if place is not None and not self._is_running(query_id):
            next_one = turns[place + 1].asked_at if place + 1 < len(turns) else None
            self._inspector.show_turn(turns[place].payloads, turns[place].asked_at, next_one)

    def _show_table(self, _query_id: str, content: dict[str, object]) -> None:
        objects = content.get("objects")
        if isinstance(objects, list) and objects:
            self._inspector.set_current_tab("objects")
            self._inspector.select_ref(str(objects[0].get("_REF_ID", "")))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]

    def _show_in_cards(self, ref_id: str) -> None:
        for turn in self._page.timeline.turns:
            view = self._page.timeline.view_of(turn.query_id)
            if view is not None and view.select_ref(ref_id):
                return
