"""How an answer came about: the run, the environment, the objects and the prompts, side by side as tabs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.payloads import Payload
from elysia_desktop.ui.documents.document_page import DocumentPage
from elysia_desktop.ui.inspector.decision_view import DecisionView
from elysia_desktop.ui.inspector.environment_model import EnvironmentModel
from elysia_desktop.ui.inspector.environment_view import EnvironmentView
from elysia_desktop.ui.inspector.objects_page import ObjectsPage
from elysia_desktop.ui.inspector.prompts_page import PromptsPage
from elysia_desktop.ui.inspector.run_page import RunPage
from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.tree_canvas import TreeCanvas
from elysia_desktop.ui.inspector.tree_layout import TreeNode

if TYPE_CHECKING:
    from elysia_desktop.engine.recorder import Exchange

TABS = ("run", "environment", "objects", "prompts", "document")
WORDS_ONLY = frozenset({"text_delta", "text_replaced", "status", "warning", "consent_asked"})


class Inspector(QWidget):
    """The right dock's content; shows one run of the conversation and all that the conversation has found."""

    object_selected = Signal(str)
    """The person selected an object in the environment or the table; its reference id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._record: RunRecord | None = None
        self._model = EnvironmentModel(self)
        self._run = RunPage(self._model, self)
        self._environment = EnvironmentView(self._model, self, is_alone=True)
        self._objects = ObjectsPage(self)
        self._prompts = PromptsPage(self)
        self._document = DocumentPage(self)
        self._tabs = QTabWidget(self)
        self._build()
        self._connect()

    @property
    def run(self) -> RunPage:
        """The course of the run."""
        return self._run

    @property
    def canvas(self) -> TreeCanvas:
        """The drawn decision tree."""
        return self._run.canvas

    @property
    def decision(self) -> DecisionView:
        """The decision below it."""
        return self._run.decision

    @property
    def environment(self) -> EnvironmentView:
        """The environment in full height."""
        return self._environment

    @property
    def objects(self) -> ObjectsPage:
        """The table of objects."""
        return self._objects

    @property
    def prompts(self) -> PromptsPage:
        """What was sent to models and came back."""
        return self._prompts

    @property
    def document(self) -> DocumentPage:
        """The text of a file, with the passages that were cited."""
        return self._document

    @property
    def current_tab(self) -> str:
        """The name of the tab in front: `run`, `environment`, `objects`, `prompts` or `document`."""
        return TABS[self._tabs.currentIndex()]

    def set_current_tab(self, name: str) -> None:
        """Bring a tab to the front; an unknown name changes nothing."""
        if name in TABS:
            self._tabs.setCurrentIndex(TABS.index(name))

    def set_tree(self, tree: TreeNode) -> None:
        """Draw another decision tree."""
        self.canvas.set_tree(tree)

    def set_environment(self, environment: Environment, errors: Mapping[str, list[str]]) -> None:
        """Show what another conversation has found; read again after each payload."""
        self._model.set_environment(environment, errors)
        self._objects.set_environment(environment)

    def set_exchanges(self, exchanges: Sequence[Exchange]) -> None:
        """Show from now on what is kept of the conversation's requests to models."""
        self._prompts.set_exchanges(exchanges)

    def begin_run(self, query_id: str, began: datetime | None = None) -> None:
        """Follow a run from its start; `began` is when the question was asked, in UTC."""
        self._set_record(RunRecord(query_id), began)

    def feed(self, payload: Payload) -> None:
        """Take in a payload of the run that is followed."""
        if self._record is not None and self._record.feed(payload):
            self._show_record()
        if payload.get("type") not in WORDS_ONLY:
            self._model.refresh()
            self._objects.refresh()

    def end_run(self) -> None:
        """The run was stopped or cut off: nothing is under way any more."""
        if self._record is not None:
            self._record.end()
            self._show_record()

    def show_turn(
        self, payloads: Iterable[Payload], began: datetime | None = None, ended: datetime | None = None
    ) -> None:
        """Show a run that is over, from its stored payloads; `ended` is None or not before its end, in UTC."""
        self._set_record(RunRecord.of(payloads), began, ended)
        self._model.refresh()
        self._objects.refresh()

    def clear_run(self) -> None:
        """Show no run, as in a new conversation."""
        self._set_record(None)

    def select_ref(self, ref_id: str) -> bool:
        """Select an object in tree and table without changing the tab or announcing it."""
        found = self._run.found.select_ref(ref_id)
        self._environment.select_ref(ref_id)
        return self._objects.select_ref(ref_id) or found

    def select_step(self, index: int) -> bool:
        """Show what is behind a step, counted from 0 in the order of the strip, and light its node."""
        return self._run.select_step(index)

    def _build(self) -> None:
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.addTab(self._run, self.tr("Run"))
        self._tabs.addTab(self._environment, self.tr("Environment"))
        self._tabs.addTab(self._objects, self.tr("Objects"))
        self._tabs.addTab(self._prompts, self.tr("Prompts"))
        self._tabs.addTab(self._document, self.tr("Document"))
        self._tabs.tabBar().setAccessibleName(self.tr("Inspector"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._tabs)

    def _connect(self) -> None:
        self._run.call_selected.connect(self._prompts.select_call)
        for source in (self._run.found, self._environment, self._objects):
            source.object_selected.connect(self._announce)

    def _set_record(
        self, record: RunRecord | None, began: datetime | None = None, ended: datetime | None = None
    ) -> None:
        self._record = record
        self._run.set_record(record)
        self._prompts.set_period(began, ended)
        self._prompts.show_run(record)

    def _show_record(self) -> None:
        self._run.show_record(self._record)
        self._prompts.show_run(self._record)

    def _announce(self, ref_id: str) -> None:
        self.select_ref(ref_id)
        self.object_selected.emit(ref_id)
