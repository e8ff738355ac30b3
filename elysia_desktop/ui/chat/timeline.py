"""The scrolling column of a conversation's turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.core.payloads import Payload
from elysia_desktop.ui.chat.cards import CardMaker, result_card
from elysia_desktop.ui.chat.column import HANG, side_margin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elysia_desktop.core.conversation import Turn
    from elysia_desktop.ui.chat.turn_view import TurnView

_BETWEEN_TURNS = 28
_TOP = 20
_GUESSED_HEIGHT = 320
_IDLE_MS = 12
_NEAR_END = 8
_NEAR = 1.5
"""Heights of the visible part from its middle up to which turns are built."""
_FAR = 5
"""The same, beyond which they are released."""


@dataclass
class _Entry:
    """A turn, all its payloads, and its place in the column: its view, or as much empty room."""

    turn: Turn
    place: QWidget
    payloads: list[Payload] = field(default_factory=list[Payload])
    running: bool = False
    view: TurnView | None = None


class Timeline(QScrollArea):
    """The turns of a conversation, the newest at the bottom, where it stays until the person scrolls up.

    Only turns in and near the visible part have a view: with hundreds of them, every new word would lay out
    thousands of widgets. The room of the others is kept free.
    """

    citation_selected = Signal(str, str)
    object_selected = Signal(str, str)
    step_selected = Signal(str, int)
    run_again = Signal(str)
    rated = Signal(str, int)
    case_wanted = Signal(str, bool)
    table_wanted = Signal(str, dict)
    link_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None, make_card: CardMaker = result_card) -> None:
        super().__init__(parent)
        self._make_card = make_card
        self._entries: dict[str, _Entry] = {}
        self._describe: Callable[[str], str] = lambda _: ""
        self._follows = True
        self._anchor: tuple[QWidget, int] | None = None
        self._moving = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Conversation"))
        self._content = QWidget(self)
        self._content.setProperty("look", "ground")
        self._content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self._content)
        self._column.setSpacing(_BETWEEN_TURNS)
        self._column.addStretch(1)
        self.setWidget(self._content)
        self._idle = QTimer(self, interval=_IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._tend)
        self.verticalScrollBar().rangeChanged.connect(self._keep_place)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().installEventFilter(self)
        self._set_margins()

    @property
    def turns(self) -> list[Turn]:
        """The turns, oldest first."""
        return [entry.turn for entry in self._entries.values()]

    @property
    def follows(self) -> bool:
        """Whether it stays at the bottom as text arrives."""
        return self._follows

    def view_of(self, query_id: str) -> TurnView | None:
        """The view of a turn; None when it is not built yet or not known."""
        entry = self._entries.get(query_id)
        return entry.view if entry else None

    def set_turns(self, turns: Sequence[Turn], running: str = "") -> None:
        """Show these turns and go to the end; `running` is the query id of the one that still runs."""
        for entry in self._entries.values():
            self._column.removeWidget(entry.place)
            entry.place.hide()
            entry.place.deleteLater()
        self._entries.clear()
        self._anchor = None
        self._follows = True
        entries = [self._add(turn, running=turn.query_id == running) for turn in turns]
        if entries:
            self._build(entries[-1])
        self._idle.start()

    def add_turn(self, turn: Turn) -> None:
        """Show a new turn, whose run begins, at the end."""
        self._follows = True
        self._build(self._add(turn, running=True))
        self._keep_place()

    def apply(self, query_id: str, payload: Payload) -> None:
        """Show what a payload brings to its turn; one of an unknown turn is passed over."""
        entry = self._entries.get(query_id)
        if entry is None:
            return
        entry.payloads.append(payload)
        if payload["type"] == "completed":
            entry.running = False
        if entry.view is not None:
            entry.view.apply(payload)

    def finish(self, query_id: str) -> None:
        """Show a turn as over, with the seconds and the stop it now tells of."""
        entry = self._entries.get(query_id)
        if entry is not None:
            entry.running = False
            if entry.view is not None:
                entry.view.finish()

    def show_rating(self, query_id: str) -> None:
        """Show how a turn is rated now; one that is not built yet shows it when it is."""
        view = self.view_of(query_id)
        if view is not None:
            view.show_rating()

    def name_citations(self, describe: Callable[[str], str]) -> None:
        """Have citations described by this: a reference id to what is cited, in words; empty when unknown."""
        self._describe = describe
        for entry in self._entries.values():
            if entry.view is not None:
                entry.view.name_citations(describe)

    def scroll_to_end(self) -> None:
        """Go to the newest text and stay there."""
        self._follows = True
        self._keep_place()

    def _add(self, turn: Turn, *, running: bool) -> _Entry:
        place = self._room(_GUESSED_HEIGHT)
        entry = _Entry(turn, place, list(turn.payloads), running)
        self._entries[turn.query_id] = entry
        self._column.insertWidget(self._column.count() - 1, place)
        return entry

    def _build(self, entry: _Entry) -> None:
        # With all that a turn is made of: not needed for showing the window.
        from elysia_desktop.ui.chat.turn_view import TurnView

        view = TurnView(
            entry.turn,
            self._content,
            payloads=entry.payloads,
            running=entry.running,
            make_card=self._make_card,
            describe=self._describe,
        )
        view.citation_selected.connect(self.citation_selected)
        view.object_selected.connect(self.object_selected)
        view.step_selected.connect(self.step_selected)
        view.run_again.connect(self.run_again)
        view.rated.connect(self.rated)
        view.case_wanted.connect(self.case_wanted)
        view.table_wanted.connect(self.table_wanted)
        view.link_wanted.connect(self.link_wanted)
        entry.view = view
        self._put(entry, view)

    def _release(self, entry: _Entry) -> None:
        room = self._room(entry.place.height())
        entry.view = None
        self._put(entry, room)

    def _room(self, height: int) -> QWidget:
        room = QWidget(self._content)
        room.setFixedHeight(height)
        return room

    def _put(self, entry: _Entry, widget: QWidget) -> None:
        # Not `replaceWidget`: its layout item forgets sizes and asks every turn again for each new word.
        before, entry.place = entry.place, widget
        where = self._column.indexOf(before)
        self._column.removeWidget(before)
        self._column.insertWidget(where, widget)
        if self._anchor is not None and self._anchor[0] is before:
            self._anchor = (widget, self._anchor[1])
        before.hide()
        before.deleteLater()
        widget.show()

    def _tend(self) -> None:
        """Build the turn nearest to what is seen, or else release one far from it; one at a time."""
        if not self._entries:
            return
        seen, height = self.verticalScrollBar().value(), self.viewport().height()
        middle = seen + height // 2

        def distance(entry: _Entry) -> int:
            place = entry.place.geometry()
            return max(place.top() - middle, middle - place.bottom(), 0)

        missing = [entry for entry in self._entries.values() if entry.view is None]
        nearest = min(missing, key=distance, default=None)
        if nearest is not None and distance(nearest) < height * _NEAR:
            self._build(nearest)
            self._idle.start()
            return
        built = [entry for entry in self._entries.values() if entry.view is not None and not entry.running]
        farthest = max(built, key=distance, default=None)
        if farthest is not None and distance(farthest) > height * _FAR and not self._holds_focus(farthest):
            self._release(farthest)
            self._idle.start()

    @staticmethod
    def _holds_focus(entry: _Entry) -> bool:
        focused = cast("QWidget | None", entry.place.window().focusWidget())
        return focused is not None and entry.place.isAncestorOf(focused)

    def _keep_place(self) -> None:
        """Stay at the end, or at what is read: it must not jump when something above it changes height."""
        bar = self.verticalScrollBar()
        self._moving = True
        if self._follows:
            bar.setValue(bar.maximum())
        elif self._anchor is not None:
            place, offset = self._anchor
            bar.setValue(place.y() + offset)
        self._moving = False
        self._idle.start()

    def _scrolled(self, value: int) -> None:
        if not self._moving:
            self._follows = value >= self.verticalScrollBar().maximum() - _NEAR_END
            below = (each.place for each in self._entries.values() if each.place.geometry().bottom() >= value)
            first = next(below, None)
            self._anchor = (first, value - first.y()) if first is not None else None
        self._idle.start()

    def _set_margins(self) -> None:
        side = side_margin(self.width())
        bar = self.verticalScrollBar()
        taken = bar.width() if bar.isVisible() else 0
        self._column.setContentsMargins(side - HANG, _TOP, max(0, side - taken), _TOP)

    # Qt overrides

    @override
    def resizeEvent(self, arg__1: QResizeEvent, /) -> None:
        super().resizeEvent(arg__1)
        self._set_margins()

    @override
    def eventFilter(self, arg__1: QObject, arg__2: QEvent, /) -> bool:
        if arg__1 is self.verticalScrollBar() and arg__2.type() in {QEvent.Type.Show, QEvent.Type.Hide}:
            self._set_margins()
        return super().eventFilter(arg__1, arg__2)
