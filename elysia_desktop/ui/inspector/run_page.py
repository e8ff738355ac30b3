"""The course of one run: the drawn tree or the function calls, what was found, and the decision or call in full."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.call_detail import CallDetail
from elysia_desktop.ui.inspector.calls_view import CallsView
from elysia_desktop.ui.inspector.decision_view import DecisionView
from elysia_desktop.ui.inspector.environment_model import EnvironmentModel
from elysia_desktop.ui.inspector.environment_view import EnvironmentView
from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.tree_canvas import TreeCanvas

CANVAS_SHARE = 0.45
DECISION_SHARE = 0.28
CALL_SHARE = 0.4


class RunPage(QSplitter):
    """Shows calls in place of the tree and its decisions for a run that was answered by calling functions."""

    call_selected = Signal(object)
    """The index of the model call behind what the person went to; None without one."""

    def __init__(self, model: EnvironmentModel, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._record: RunRecord | None = None
        self._is_arranged = False
        self.canvas = TreeCanvas(self)
        self.calls = CallsView(self)
        self.found = EnvironmentView(model, self)
        self.decision = DecisionView(self)
        self.call = CallDetail(self)
        self._course = QStackedWidget(self)
        self._detail = QStackedWidget(self)
        self._build()
        self.canvas.height_changed.connect(self._arrange)
        self.canvas.node_selected.connect(self._show_node)
        self.decision.decision_selected.connect(self._light_decision)
        self.calls.node_shown.connect(self.call.show_node)
        self.splitterMoved.connect(self._keep_arrangement)

    @property
    def shows_calls(self) -> bool:
        """Whether function calls are shown instead of the tree."""
        return self._course.currentWidget() is self.calls

    def set_record(self, record: RunRecord | None) -> None:
        """Show another run, with nothing of it selected."""
        self.canvas.select_node("")
        self.show_record(record)

    def show_record(self, record: RunRecord | None) -> None:
        """Show a run, the latest state of it."""
        self._record = record
        has_calls = record is not None and bool(record.functions)
        self.canvas.show_run(None if has_calls else record)
        self.decision.show_run(record)
        self.calls.show_run(record)
        shown = self.shows_calls
        self._course.setCurrentWidget(self.calls if has_calls else self.canvas)
        self._detail.setCurrentWidget(self.call if has_calls else self.decision)
        if has_calls or shown != has_calls:
            self._arrange()

    def select_step(self, index: int) -> bool:
        """Show what is behind a step, counted from 0 in the order of the strip; False when there is none."""
        record = self._record
        if record is not None and record.functions:
            return self.calls.select_step(index)
        if record is None or not 0 <= index < len(record.steps):
            return False
        step = record.steps[index]
        if step.decision is None:
            self.decision.show_node(step.node)
        else:
            self.decision.show_decision(step.decision)
        self.canvas.select_node(step.node)
        self.call_selected.emit(step.call)
        return True

    def _build(self) -> None:
        for stack, pages in (
            (self._course, (self.canvas, self.calls)),
            (self._detail, (self.decision, self.call)),
        ):
            for page in pages:
                stack.addWidget(page)
        self.addWidget(self._course)
        self.addWidget(self.found)
        self.addWidget(self._detail)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(1, 1)
        # The headers bring lines of their own.
        self.setStyleSheet("QSplitter::handle { background: transparent; }")
        self.setHandleWidth(0)

    def _show_node(self, node: str) -> None:
        if node and (decision := self.decision.show_node(node)) is not None:
            self.call_selected.emit(decision.call)

    def _light_decision(self, index: int) -> None:
        if self._record is not None:
            decision = self._record.decisions[index]
            self.canvas.select_node(decision.chosen)
            self.call_selected.emit(decision.call)

    def _keep_arrangement(self) -> None:
        self._is_arranged = True

    def _arrange(self) -> None:
        """Give the course what it needs, unless the person has moved the borders."""
        height = self.height()
        if self._is_arranged or height < 100:
            return
        needed = self.calls.content_height if self.shows_calls else self.canvas.content_height
        course = min(needed, int(height * CANVAS_SHARE))
        detail = int(height * (CALL_SHARE if self.shows_calls else DECISION_SHARE))
        self.setSizes([course, height - course - detail, detail])

    # Qt overrides

    @override
    def resizeEvent(self, arg__1: QResizeEvent, /) -> None:
        super().resizeEvent(arg__1)
        self._arrange()
