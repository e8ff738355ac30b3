"""The function calls of a run, nested under the calls within which they were made."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from elysia_desktop.ui.inspector.calls_model import CallsModel
from elysia_desktop.ui.inspector.calls_tree import CallsTree
from elysia_desktop.ui.inspector.calls_words import total_text
from elysia_desktop.ui.inspector.function_calls import CallNode
from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.section_header import HEIGHT, SectionHeader
from elysia_desktop.ui.inspector.value_text import seconds_text


class CallsView(QWidget):
    """Shows the newest call while a run goes on, the first of one that is over, until one is chosen."""

    node_shown = Signal(object)
    """The `CallNode` on view, also when it has changed; None for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: RunRecord | None = None
        self._has_chosen = False
        self._is_told = False
        self._header = SectionHeader(self.tr("Calls"), self)
        self._header.setStyleSheet(
            "SectionHeader { border-top: none; }"
        )  # the tabs bring a line of their own
        self._model = CallsModel(self)
        self._tree = CallsTree(self._model, self)
        self._tree.selectionModel().currentChanged.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._tree, 1)

    @property
    def tree(self) -> CallsTree:
        """The tree itself."""
        return self._tree

    @property
    def header(self) -> SectionHeader:
        """The bar that says how many calls there were and how long they took."""
        return self._header

    @property
    def nodes(self) -> list[CallNode]:
        """The calls and steps on view, those within a call after it."""
        return list(self._record.functions) if self._record is not None else []

    @property
    def shown(self) -> CallNode | None:
        """The call or step that is selected."""
        return self._model.node_of(self._tree.currentIndex())

    @property
    def content_height(self) -> int:
        """What it takes to show all rows, in pixels."""
        return HEIGHT + self._tree.content_height

    def show_run(self, record: RunRecord | None) -> None:
        """Show a run, the latest state of it."""
        if record is not self._record:
            self._record, self._has_chosen = record, False
        calls = record.functions if record is not None else None
        self._is_told = True
        self._model.show_calls(calls)
        nodes = list(calls) if calls is not None else []
        if nodes and record is not None and (not self._has_chosen or self.shown is None):
            self._go_to(nodes[0] if record.is_over else nodes[-1])
        self._is_told = False
        took = sum(node.seconds or 0 for node in calls.root.children) if calls is not None else 0
        parts = (total_text(calls) if calls else "", seconds_text(took) if took else "")
        self._header.show_chip(" · ".join(part for part in parts if part))
        self.node_shown.emit(self.shown)

    def select_step(self, index: int) -> bool:
        """Select a call of the first level, counted from 0; False when there is none."""
        calls = self._record.functions.root.children if self._record is not None else []
        if not 0 <= index < len(calls):
            return False
        self._go_to(calls[index])
        self._has_chosen = True
        return True

    def _go_to(self, node: CallNode) -> None:
        index = self._model.index_of(node)
        self._tree.setCurrentIndex(index)
        self._tree.scrollTo(index)

    def _choose(self, _current: QModelIndex) -> None:
        if not self._is_told:
            self._has_chosen = True
            self.node_shown.emit(self.shown)
