"""Tickets, what they are about first."""

from __future__ import annotations

from typing import ClassVar

from elysia_desktop.ui.displays.table import TableDisplay


class TicketDisplay(TableDisplay):
    """Tickets, what they are about first."""

    order: ClassVar[tuple[str, ...]] = (
        "title",
        "subtitle",
        "status",
        "author",
        "created_at",
        "updated_at",
        "tags",
    )
