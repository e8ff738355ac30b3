"""Single messages, by whom first."""

from __future__ import annotations

from typing import ClassVar

from elysia_desktop.ui.displays.table import TableDisplay


class MessageDisplay(TableDisplay):
    """Single messages, by whom first."""

    order: ClassVar[tuple[str, ...]] = ("author", "content", "timestamp")
