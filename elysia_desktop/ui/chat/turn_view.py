"""One question with everything its run sent: steps, results, answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from elysia_desktop.core.setting_fields import place_of
from elysia_desktop.core.settings import Settings
from elysia_desktop.ui.chat.answer import AnswerView
from elysia_desktop.ui.chat.cards import CardMaker, brings_summaries, object_names, result_card
from elysia_desktop.ui.chat.column import HANG
from elysia_desktop.ui.chat.footer import Footer, Usage
from elysia_desktop.ui.chat.prompt_bubble import PromptBubble
from elysia_desktop.ui.chat.remarks import HealedError, UpdateLine, WarningLine
from elysia_desktop.ui.chat.steps import StepsStrip
from elysia_desktop.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from elysia_desktop.core.conversation import Turn
    from elysia_desktop.core.payloads import Payload
    from elysia_desktop.ui.displays.card import ResultCard

_GAP = 12
_ANNOUNCED = 1000


class TurnView(QWidget):
    """Shows a turn and grows with its payloads.

    `turn` is read, never changed. Its payloads are shown at once, or `payloads` in their place. `describe` says
    what a cited object is, where that is known better than from its result. The first argument of most signals
    is the query id.
    """

    citation_selected = Signal(str, str)
    object_selected = Signal(str, str)
    step_selected = Signal(str, int)
    run_again = Signal(str)
    rated = Signal(str, int)
    case_wanted = Signal(str, bool)
    table_wanted = Signal(str, dict)
    link_wanted = Signal(str)

    def __init__(
        self,
        turn: Turn,
        parent: QWidget | None = None,
        *,
        payloads: Sequence[Payload] | None = None,
        running: bool = False,
        make_card: CardMaker = result_card,
        describe: Callable[[str], str] = lambda _: "",
    ) -> None:
        super().__init__(parent)
        self._turn = turn
        self._described = describe
        self._running = False
        self._make_card = make_card
        self._usage = Usage()
        self._names: dict[str, str] = {}
        self._cards: list[ResultCard] = []
        self._errors: list[HealedError] = []
        self._answers: dict[str, AnswerView] = {}
        self._steps = StepsStrip(self)
        self._steps.step_selected.connect(self._tell_step)
        self._status = ElidedLabel(parent=self, look="mute")
        self._footer = Footer(self)
        self._footer.copy_wanted.connect(self.copy)
        self._footer.run_again.connect(self._tell_again)
        self._footer.rated.connect(self._tell_rating)
        self._footer.case_wanted.connect(self._tell_case)
        self.show_rating()
        self._lay_out()
        self._replay(turn.payloads if payloads is None else payloads)
        self._running = running
        self._status.setText(self._status.text() or self.tr("Thinking…"))
        self._status.setVisible(running)
        if not running:
            self.finish()

    @property
    def answer(self) -> str:
        """All that was answered, as Markdown without citations."""
        return "\n\n".join(view.text for view in self._answers.values())

    def apply(self, payload: Payload) -> None:
        """Show what a payload brings."""
        content: dict[str, Any] = payload["payload"]
        match payload["type"]:
            case "status":
                self._status.setText(str(content.get("text", "")))
            case "tree_update" | "step_finished" | "tool_called" | "tool_returned":
                self._steps.apply(payload)
            case "model_used":
                self._usage.add(content)
            case "text_delta":
                self._answer_of(str(content["message_id"])).append(str(content.get("delta", "")))
            case "text_replaced":
                self._answer_of(str(content["message_id"])).replace(str(content.get("text", "")))
            case "text":
                self._show_text(str(payload["id"]), content)
            case "result":
                self._show_result(content)
            case "warning":
                self._body.addWidget(WarningLine(str(content.get("text", "")), self))
            case "consent_asked":
                self._show_question(content)
            case "self_healing_error":
                feedback, message = str(content.get("feedback", "")), str(content.get("error_message", ""))
                self._errors.append(HealedError(feedback, message, self))
                self._body.addWidget(self._errors[-1])
            case "completed":
                self.finish()
            case _:
                pass

    def finish(self) -> None:
        """Show the run as over; may be called again when the turn's seconds are known."""
        was_running, self._running = self._running, False
        for view in self._answers.values():
            view.end()
        self._steps.end()
        self._status.hide()
        self._footer.show_run(
            self._usage, self._turn.seconds, stopped=self._turn.stopped, copyable=bool(self._answers)
        )
        self._footer.show()
        if was_running:
            self._announce()

    def select_ref(self, ref_id: str) -> bool:
        """Select a cited object in the cards; False when none of them holds it."""
        holders = [card for card in self._cards if card.select_ref(ref_id)]
        return bool(holders)

    def show_rating(self) -> None:
        """Show how the turn is rated now."""
        self._footer.show_rating(self._turn.rating, self._turn.kept_as_case)

    def name_citations(self, describe: Callable[[str], str]) -> None:
        """Take from now on what cited objects are from here."""
        self._described = describe
        for view in self._answers.values():
            view.name_citations()

    def copy(self) -> None:
        """Put the answer on the clipboard, as Markdown."""
        QGuiApplication.clipboard().setText(self.answer)

    def _lay_out(self) -> None:
        inner = QVBoxLayout()
        inner.setContentsMargins(HANG, 0, 0, 0)
        inner.setSpacing(_GAP)
        inner.addWidget(PromptBubble(self._turn.prompt, self))
        inner.addWidget(self._steps)
        self._body = QVBoxLayout()
        self._body.setSpacing(_GAP)
        inner.addLayout(self._body)
        inner.addWidget(self._status)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(inner)
        column.addWidget(self._footer)
        self._footer.hide()

    def _replay(self, payloads: Sequence[Payload]) -> None:
        # The pieces of an answer that came whole at the end say nothing more.
        whole = {payload["id"] for payload in payloads if payload["type"] == "text"}
        for payload in payloads:
            is_piece = payload["type"] in {"text_delta", "text_replaced"}
            if is_piece and payload["payload"].get("message_id") in whole:
                continue
            if payload["type"] != "completed":
                self.apply(payload)

    def _answer_of(self, message_id: str) -> AnswerView:
        if message_id not in self._answers:
            view = AnswerView(self, self._describe)
            view.citation_selected.connect(self._select_citation)
            view.link_wanted.connect(self.link_wanted)
            self._answers[message_id] = view
            self._body.addWidget(view)
        return self._answers[message_id]

    def _show_text(self, message_id: str, content: dict[str, Any]) -> None:
        metadata: dict[str, Any] = content.get("metadata") or {}
        if metadata.get("update"):
            self._body.addWidget(UpdateLine(" ".join(str(item["text"]) for item in content["objects"]), self))
            return
        self._drop_repeated(" ".join(str(item.get("text", "")) for item in content["objects"]))
        view = self._answer_of(message_id)
        if metadata.get("title"):
            label = QLabel(str(metadata["title"]))
            label.setTextFormat(label.textFormat().PlainText)
            label.setProperty("look", "title")
            label.setWordWrap(True)
            self._body.insertWidget(self._body.indexOf(view), label)
        view.show_payload(content)

    def _show_question(self, content: dict[str, Any]) -> None:
        """A question to the person, and where it can be answered at any time."""
        place = place_of(Settings, str(content.get("setting", "")))
        words = self.tr("{text} Allow it, or not, in {place}.").format(
            text=content.get("text", ""), place=place
        )
        self._body.addWidget(WarningLine(words, self))

    def _drop_repeated(self, answer: str) -> None:
        """An error that the answer tells of did not heal, and is not told twice."""
        for error in [error for error in self._errors if error.feedback and error.feedback in answer]:
            self._errors.remove(error)
            self._body.removeWidget(error)
            error.hide()
            error.deleteLater()

    def _show_result(self, content: dict[str, Any]) -> None:
        waiting = [card for card in self._cards if brings_summaries(content, card.payload)]
        if waiting:
            waiting[-1].show_summaries(content)
            return
        self._names |= object_names(content)
        card = self._make_card(content, self)
        card.object_selected.connect(self._tell_object)
        card.passage_wanted.connect(self._select_citation)
        card.opened.connect(partial(self._tell_table, card))
        self._cards.append(card)
        self._body.addWidget(card)

    def _select_citation(self, ref_id: str) -> None:
        self.select_ref(ref_id)
        self.citation_selected.emit(self._turn.query_id, ref_id)

    def _tell_object(self, ref_id: str) -> None:
        self.object_selected.emit(self._turn.query_id, ref_id)

    def _tell_table(self, card: ResultCard) -> None:
        self.table_wanted.emit(self._turn.query_id, dict(card.payload))

    def _tell_step(self, index: int) -> None:
        self.step_selected.emit(self._turn.query_id, index)

    def _tell_again(self) -> None:
        self.run_again.emit(self._turn.query_id)

    def _tell_rating(self, rating: int) -> None:
        self.rated.emit(self._turn.query_id, rating)

    def _tell_case(self, kept: bool) -> None:
        self.case_wanted.emit(self._turn.query_id, kept)

    def _describe(self, ref_id: str) -> str:
        if described := self._described(ref_id):
            return described
        name = self._names.get(ref_id, "")
        return f"{name}\n{ref_id}" if name and name != ref_id else ref_id

    def _announce(self) -> None:
        if self._answers:
            spoken = " ".join(view.document().toPlainText() for view in self._answers.values())
            words = self.tr("Answer: {text}").format(text=spoken[:_ANNOUNCED])
        else:
            words = self.tr("The run is over.")
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))
