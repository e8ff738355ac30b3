"""One request to a model: what was sent, what came back, and what it took."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from elysia_desktop.ui.inspector.prompts_json import indented
from elysia_desktop.ui.inspector.prompts_rows import PromptRow
from elysia_desktop.ui.inspector.prompts_text import TextSection
from elysia_desktop.ui.inspector.prompts_words import facts_of, purpose_text, tokens_text
from elysia_desktop.ui.inspector.section_header import SectionHeader
from elysia_desktop.ui.widgets.icon_button import IconMark

if TYPE_CHECKING:
    from elysia_desktop.engine.recorder import Exchange


class PromptDetail(QWidget):
    """Shows a request; which of its texts are folded stays as the person left it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._key = ""
        self._header = SectionHeader(self.tr("Prompt"), self)
        self._facts = _label(self, "mute")
        self._error = QFrame(self)
        self._error_text = _label(self._error, "error")
        self._remark = _label(self, "mute")
        self.system = TextSection(self.tr("System message"), self.tr("Copy the system message"), self)
        self.user = TextSection(self.tr("User message"), self.tr("Copy the user message"), self)
        self.reply = TextSection(self.tr("Reply"), self.tr("Copy the reply"), self)
        self.schema = TextSection(
            self.tr("JSON schema"), self.tr("Copy the JSON schema"), self, is_open=False
        )
        self._area = QScrollArea(self)
        self._build()

    @property
    def header(self) -> SectionHeader:
        """The bar that says which request it is and how many tokens it took."""
        return self._header

    @property
    def remarks(self) -> list[str]:
        """The sentences above the texts, as they are read."""
        labels = (self._facts, self._error_text, self._remark)
        return [label.text() for label in labels if label.text()]

    def show_row(self, row: PromptRow, number: int, count: int) -> None:
        """Show a request, the `number`th of `count`."""
        format_number = QLocale().toString
        title = self.tr("Call {number} of {count}").format(
            number=format_number(number), count=format_number(count)
        )
        self._header.show_title(title)
        self._header.show_chip(tokens_text(row))
        exchange = row.exchange
        sent = f"{exchange.at.astimezone():%H:%M:%S}" if exchange else ""
        facts = [
            purpose_text(row),
            *facts_of(row),
            self.tr("sent at {time}").format(time=sent) if sent else "",
        ]
        self._say(self._facts, " · ".join(fact for fact in facts if fact))
        self._say(self._error_text, exchange.error if exchange else "")
        self._error.setVisible(row.failed)
        self._say(self._remark, self._remark_on(row))
        if row.key != self._key:
            self._key = row.key
            self._show_texts(exchange)
            self._area.verticalScrollBar().setValue(0)

    def _show_texts(self, exchange: Exchange | None) -> None:
        schema = exchange.schema if exchange else None
        self.system.show_text(exchange.system if exchange else "")
        self.user.show_text(exchange.user if exchange else "")
        self.reply.show_text(exchange.reply if exchange else "", indented)
        self.schema.show_text("" if schema is None else json.dumps(schema, ensure_ascii=False, indent=2))

    def _remark_on(self, row: PromptRow) -> str:
        if row.exchange is None:
            return self.tr(
                "This prompt is no longer kept: prompts stay in memory only, the newest ones, until the app ends."
            )
        if not row.exchange.reply and not row.failed:
            return self.tr("The model sent nothing back.")
        if row.was_asked_again:
            return self.tr("This reply could not be used, so the model was asked again.")
        return ""

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _build(self) -> None:
        self._error.setProperty("look", "error")
        row = QHBoxLayout(self._error)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(IconMark("error", "error", self._error), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._error_text, 1)
        content = QWidget()
        content.setProperty("look", "panel")
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        parts = (self._facts, self._error, self._remark, self.system, self.user, self.reply, self.schema)
        for part in parts:
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


def _label(parent: QWidget, look: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("look", look)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
