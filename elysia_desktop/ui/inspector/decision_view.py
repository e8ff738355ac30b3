"""One decision of a run: why, out of what, at what cost."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QLocale, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from elysia_desktop.ui.inspector.chevron_button import ChevronButton
from elysia_desktop.ui.inspector.run_record import Decision, RunRecord
from elysia_desktop.ui.inspector.section_header import SectionHeader
from elysia_desktop.ui.inspector.value_text import seconds_text
from elysia_desktop.ui.theme import tokens_of

LONGEST_REASONING = 4000


class DecisionView(QWidget):
    """Shows the decisions of a run one at a time; Left and Right go to the previous and the next."""

    decision_selected = Signal(int)
    """The person went to another decision; its index."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._record: RunRecord | None = None
        self._shown: int | None = None
        self._node = ""
        self._follows = True
        self._header = SectionHeader(self.tr("Decision"), self)
        self._previous = ChevronButton(self.tr("Previous decision"), self, back=True)
        self._next = ChevronButton(self.tr("Next decision"), self)
        self._previous.clicked.connect(self.show_previous)
        self._next.clicked.connect(self.show_next)
        self._header.add(self._previous, after_title=True)
        self._header.add(self._next, after_title=True)
        self._reasoning = QLabel(self)
        self._facts = QGridLayout()
        self._content = QWidget()
        self._body = _Body(self)
        self._build()
        self._refresh()

    @property
    def shown(self) -> Decision | None:
        """The decision on view."""
        return None if self._record is None or self._shown is None else self._record.decisions[self._shown]

    @property
    def header(self) -> SectionHeader:
        """The bar that says which decision it is and what it cost."""
        return self._header

    def show_run(self, record: RunRecord | None) -> None:
        """Show a run, the latest state of it; the newest decision unless the person chose one."""
        if record is not self._record:
            self._record, self._shown, self._node, self._follows = record, None, "", True
        count = len(record.decisions) if record else 0
        if count and (self._follows or self._shown is None) and not self._node:
            # While a run goes on the newest is of interest; a finished one is read from its beginning.
            self._shown = 0 if self._shown is None and record and record.is_over else count - 1
        self._refresh()

    def show_decision(self, index: int) -> bool:
        """Show the decision of this index; False when there is none."""
        if self._record is None or not 0 <= index < len(self._record.decisions):
            return False
        self._shown, self._node, self._follows = index, "", False
        self._refresh()
        return True

    def show_node(self, node: str) -> Decision | None:
        """Show the decision that chose a node, else one made at it, else that it was not chosen."""
        about = self._record.decisions_about(node) if self._record else []
        if (shown := self.shown) is not None and shown in about:
            self._node, self._follows = "", False
        elif about:
            self._shown, self._node, self._follows = about[0].index, "", False
        else:
            self._node = node
        self._refresh()
        return None if self._node else self.shown

    def show_previous(self) -> None:
        """Go to the decision before."""
        self._go(-1)

    def show_next(self) -> None:
        """Go to the decision after."""
        self._go(1)

    def text(self) -> str:
        """The words below the header, as they are read."""
        items = (self._facts.itemAt(index) for index in range(self._facts.count()))
        labels = [self._reasoning, *(item.widget() for item in items if item is not None)]
        return "\n".join(label.text() for label in labels if isinstance(label, QLabel))

    def _build(self) -> None:
        self._reasoning.setWordWrap(True)
        self._reasoning.setTextFormat(Qt.TextFormat.RichText)
        self._reasoning.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts.setHorizontalSpacing(12)
        self._facts.setVerticalSpacing(4)
        self._facts.setColumnStretch(1, 1)
        self._content.setProperty("look", "panel")
        column = QVBoxLayout(self._content)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._reasoning)
        column.addLayout(self._facts)
        column.addStretch(1)
        self._body.setWidget(self._content)
        self._body.setWidgetResizable(True)
        self._body.setFrameShape(QFrame.Shape.NoFrame)
        self._body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._body.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._body.setAccessibleName(self.tr("Decision"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._header)
        whole.addWidget(self._body, 1)

    def _go(self, step: int) -> None:
        if self._shown is not None and self.show_decision(self._shown + step):
            self.decision_selected.emit(self._shown)

    def _refresh(self) -> None:
        decision = None if self._node else self.shown
        count = len(self._record.decisions) if self._record else 0
        self._previous.setEnabled(decision is not None and decision.index > 0)
        self._next.setEnabled(decision is not None and decision.index < count - 1)
        for button in (self._previous, self._next):
            button.setVisible(count > 1)
        while (item := self._facts.takeAt(0)) is not None:  # pyright: ignore[reportUnnecessaryComparison]
            if (widget := item.widget()) is not None:  # pyright: ignore[reportUnnecessaryComparison]
                widget.hide()
                widget.deleteLater()
        if decision is None:
            self._show_nothing()
        else:
            self._show(decision, count)
        self._body.setAccessibleDescription(self.text())

    def _show_nothing(self) -> None:
        self._header.show_title(self.tr("Decision"))
        self._header.show_chip("")
        if self._node:
            words = self.tr("“{node}” was not chosen in this run.").format(node=self._node)
        elif self._record is not None and not self._record.is_over:
            words = self.tr("Deciding…")
        elif self._record is not None:
            words = self.tr("No decision was made in this run.")
        else:
            words = self.tr("Ask something: the path the agent takes appears here.")
        self._reasoning.setText(self._muted(words))

    def _show(self, decision: Decision, count: int) -> None:
        title = self.tr("Decision {number} of {count}").format(number=decision.index + 1, count=count)
        self._header.show_title(title)
        if decision.is_forced:
            self._header.show_chip(self.tr("no model call"))
        else:
            number = QLocale().toString
            tokens = self.tr("{input} tokens in · {output} out")
            self._header.show_chip(
                tokens.format(input=number(decision.input_tokens), output=number(decision.output_tokens))
            )
        reasoning = decision.reasoning.strip()
        if len(reasoning) > LONGEST_REASONING:
            reasoning = f"{reasoning[:LONGEST_REASONING]}…"
        if reasoning:
            words = self.tr("“{reasoning}”").format(reasoning=reasoning)
        else:
            words = (
                self.tr("There was nothing else to choose.")
                if decision.is_forced
                else self.tr("No reason given.")
            )
        colour = tokens_of(self).text
        arrow = "←" if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else "→"
        chosen = f'<b style="color:{colour}">{escape(decision.chosen)}</b>'
        self._reasoning.setText(f"{self._muted(words)} {self._muted(arrow)} {chosen}")
        for row, (label, value) in enumerate(self._facts_of(decision)):
            self._add_fact(row, label, value)

    def _facts_of(self, decision: Decision) -> list[tuple[str, str]]:
        facts = [(self.tr("At"), decision.node)]
        if decision.options:
            facts.append((self.tr("Offered"), " · ".join(decision.options)))
        step = self._record.step_of(decision) if self._record else None
        if step is not None:
            found = step.found or (self.tr("failed") if step.failed else self.tr("done"))
            facts.append(
                (
                    self.tr("Failed") if step.failed else self.tr("Then"),
                    f"{found} · {seconds_text(step.seconds)}",
                )
            )
        if not decision.is_forced:
            facts.append((self.tr("Time"), seconds_text(decision.seconds)))
            facts.append((self.tr("Model"), decision.model))
        if decision.attempts > 1:
            facts.append((self.tr("Tries"), self.tr("asked {count} times").format(count=decision.attempts)))
        return [(label, value) for label, value in facts if value]

    def _add_fact(self, row: int, label: str, value: str) -> None:
        name = QLabel(label, self)
        name.setProperty("look", "mute")
        text = QLabel(self)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setText(value)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._facts.addWidget(text, row, 1)

    def _muted(self, text: str) -> str:
        shown = escape(text).replace("\n", "<br>")
        return f'<span style="color:{tokens_of(self).mute}">{shown}</span>'

    # Qt overrides

    @override
    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        match event.key():
            case Qt.Key.Key_Left:
                self._go(1 if mirrored else -1)
            case Qt.Key.Key_Right:
                self._go(-1 if mirrored else 1)
            case _:
                super().keyPressEvent(event)

    @override
    def changeEvent(self, event: QEvent, /) -> None:
        super().changeEvent(event)
        # The rich text holds colours of its own.
        if event.type() == QEvent.Type.PaletteChange:
            self._refresh()


class _Body(QScrollArea):
    """Leaves the arrow keys that do not scroll it to the view."""

    # Qt overrides

    @override
    def keyPressEvent(self, arg__1: QKeyEvent, /) -> None:
        if arg__1.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            arg__1.ignore()
        else:
            super().keyPressEvent(arg__1)
