"""The strip of a run's steps: which tool, what it found, how long it took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from elysia_desktop.ui.chat.step_box import StepBox
from elysia_desktop.ui.theme import tokens_of
from elysia_desktop.ui.widgets.flow_layout import FlowLayout

if TYPE_CHECKING:
    from elysia_desktop.core.payloads import Payload


@dataclass(frozen=True)
class Step:
    """One step of a run; `index` counts from 0 the run's decisions, or its calls of functions."""

    index: int
    node: str
    found: str = ""
    seconds: float | None = None
    state: str = "running"
    """`running`, `done`, `failed`, or `stopped` when the run ended before it."""


class StepsModel:
    """The steps of one run, read from its payloads.

    A decision that is followed by another from its own node led to a branch, not to a tool: it is no step.
    Where functions are called, the calls that were not made within another are the steps, and what a tree does
    meanwhile belongs to them.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._decisions = 0
        self._calls: dict[str, int] = {}

    def apply(self, payload: Payload) -> None:
        """Take in a decision, a finished step, or the begin or end of a call."""
        content: dict[str, Any] = payload["payload"]
        match payload["type"]:
            case "tool_called":
                self._call(content)
            case "tool_returned":
                self._return(content)
            case "step_finished" if self._calls:
                self._note_found(content)
            case "step_finished":
                self._finish(content)
            case "tree_update" if not self._calls:
                self._decide(str(content.get("node", "")), str(content.get("decision", "")))
            case _:
                pass

    def end(self) -> None:
        """The run is over: what still runs was stopped."""
        self.steps = [
            replace(step, state="stopped") if step.state == "running" else step for step in self.steps
        ]

    def _call(self, content: dict[str, Any]) -> None:
        if not content.get("parent_id"):
            self._calls[str(content.get("call_id", ""))] = len(self.steps)
            self.steps.append(Step(len(self._calls) - 1, str(content.get("name", ""))))

    def _return(self, content: dict[str, Any]) -> None:
        place = self._calls.get(str(content.get("call_id", "")))
        if place is not None:
            outcome = str(content.get("outcome") or "done")
            self.steps[place] = replace(
                self.steps[place],
                seconds=content.get("seconds"),
                state="stopped" if outcome == "skipped" else outcome,
            )

    def _note_found(self, content: dict[str, Any]) -> None:
        """What a tool of the tree has found that was called as a function."""
        for place in reversed(self._calls.values()):
            if self.steps[place].node == content.get("node") and self.steps[place].state == "running":
                self.steps[place] = replace(self.steps[place], found=str(content.get("found") or ""))
                return

    def _decide(self, node: str, decision: str) -> None:
        if self.steps and self.steps[-1].state == "running" and self.steps[-1].node == node:
            self.steps.pop()
        self.steps.append(Step(self._decisions, decision))
        self._decisions += 1

    def _finish(self, content: dict[str, Any]) -> None:
        node = str(content.get("node", ""))
        running = (
            place
            for place in reversed(range(len(self.steps)))
            if self.steps[place].node == node and self.steps[place].state == "running"
        )
        place = next(running, -1)
        if place < 0:
            self.steps.append(Step(max(0, self._decisions - 1), node))
        self.steps[place] = replace(
            self.steps[place],
            found=str(content.get("found") or ""),
            seconds=content.get("seconds"),
            state="failed" if content.get("failed") else "done",
        )


class StepsStrip(QWidget):
    """Boxes joined by lines, one per step; clicking one tells its decision's index."""

    step_selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = StepsModel()
        self._boxes: list[StepBox] = []
        self._flow = FlowLayout(self, gap=18, row_gap=8)
        self.hide()

    @property
    def steps(self) -> list[Step]:
        """The steps so far."""
        return list(self._model.steps)

    def apply(self, payload: Payload) -> None:
        """Take a payload in and show what it changes."""
        self._model.apply(payload)
        self._show_steps()

    def end(self) -> None:
        """Show that the run is over."""
        self._model.end()
        self._show_steps()

    def _show_steps(self) -> None:
        for step, box in zip(self._model.steps, self._boxes, strict=False):
            box.show_step(step)
        for step in self._model.steps[len(self._boxes) :]:
            box = StepBox(step, self)
            box.selected.connect(self.step_selected)
            self._boxes.append(box)
            self._flow.addWidget(box)
        self.setVisible(bool(self._boxes))
        self.updateGeometry()
        self.update()

    # Qt overrides

    @override
    def event(self, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.update()
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(QColor(tokens_of(self.window()).line), 1))
        for one, next_one in zip(self._boxes, self._boxes[1:], strict=False):
            if one.y() != next_one.y():
                continue
            left, right = sorted((one.geometry(), next_one.geometry()), key=lambda place: place.x())
            middle = one.geometry().center().y()
            painter.drawLine(left.right() + 1, middle, right.left() - 1, middle)
