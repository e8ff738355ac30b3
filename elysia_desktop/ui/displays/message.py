"""Single messages, by whom first."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from elysia_desktop.ui.displays.table import TableDisplay


class MessageDisplay(TableDisplay):
    """Single messages, by whom first."""

    order: ClassVar[tuple[str, ...]] = ("author", "content", "timestamp")

    # Qt overrides
    @override
    def rows(self) -> list[dict[str, Any]]:
        # all of them were found: that is no news
        return [{name: value for name, value in row.items() if name != "relevant"} for row in super().rows()]
