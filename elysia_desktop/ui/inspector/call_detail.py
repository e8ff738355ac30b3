"""One function call in full: what it was given, what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from elysia_desktop.ui.inspector.calls_words import outcome_text
from elysia_desktop.ui.inspector.function_calls import STEP, CallNode
from elysia_desktop.ui.inspector.prompts_json import in_plain_letters
from elysia_desktop.ui.inspector.prompts_text import TextSection
from elysia_desktop.ui.inspector.section_header import SectionHeader
from elysia_desktop.ui.inspector.value_text import seconds_text


class CallDetail(QWidget):
    """A header with the call's name and time, then its arguments and its result, each to be folded and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: tuple[CallNode | None, str, str] = (None, "", "")
        self._header = SectionHeader(self.tr("Call"), self)
        self._outcome = QLabel(self)
        self.arguments = TextSection(self.tr("Arguments"), self.tr("Copy the arguments"), self)
        self.reasoning = TextSection(self.tr("Reasoning"), self.tr("Copy the reasoning"), self)
        self.result = TextSection(self.tr("Result"), self.tr("Copy the result"), self)
        self._area = QScrollArea(self)
        self._build()
        self.show_node(None)

    @property
    def header(self) -> SectionHeader:
        """The bar that says which call it is and how long it took."""
        return self._header

    @property
    def outcome(self) -> str:
        """How the call ended, as it is read."""
        return self._outcome.text()

    def show_node(self, node: CallNode | None) -> None:
        """Show a call or step, the latest state of it; None for none."""
        self._header.show_title(node.name if node is not None else self.tr("Call"))
        took = "" if node is None or node.seconds is None else seconds_text(node.seconds)
        self._header.show_chip(took)
        self._outcome.setText(self._words(node))
        self._outcome.setProperty(
            "look", "error" if node is not None and node.outcome == "failed" else "mute"
        )
        self._outcome.style().polish(self._outcome)
        shown = (node, node.arguments if node else "", node.content if node else "")
        if shown != self._shown or node is None:
            self._shown = shown
            self.arguments.show_text(node.arguments if node else "", in_plain_letters)
            self.reasoning.show_text(node.reasoning if node else "")
            self.result.show_text(node.content if node else "", in_plain_letters)

    def _words(self, node: CallNode | None) -> str:
        if node is None:
            return self.tr("Select a call to see its arguments and its result.")
        kind = self.tr("Step of the decision tree") if node.kind == STEP else self.tr("Function call")
        return " · ".join(part for part in (kind, outcome_text(node), node.found) if part)

    def _build(self) -> None:
        self._outcome.setTextFormat(Qt.TextFormat.PlainText)
        self._outcome.setWordWrap(True)
        content = QWidget()
        content.setProperty("look", "panel")
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        for part in (self._outcome, self.arguments, self.reasoning, self.result):
            column.addWidget(part)
        column.addStretch(1)
        self._area.setWidget(content)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the focus
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._header)
        whole.addWidget(self._area, 1)
