"""Messages of conversations, by conversation first."""

from __future__ import annotations

from typing import ClassVar

from elysia_desktop.ui.displays.table import TableDisplay


class ConversationDisplay(TableDisplay):
    """Messages of conversations, by conversation first."""

    order: ClassVar[tuple[str, ...]] = ("conversation_id", "author", "content", "timestamp")
