"""Objects of no kind in particular, titles first."""

from __future__ import annotations

from typing import ClassVar

from elysia_desktop.ui.displays.table import TableDisplay


class GenericDisplay(TableDisplay):
    """Objects of no kind in particular, titles first."""

    order: ClassVar[tuple[str, ...]] = (
        "title",
        "subtitle",
        "content",
        "author",
        "timestamp",
        "category",
        "tags",
    )
