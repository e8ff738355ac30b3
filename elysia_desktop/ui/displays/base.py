"""What every display of a result has in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from elysia_desktop.ui.displays.summaries import summarised_rows
from elysia_desktop.ui.tables.columns import Column, infer_columns

Payload = Mapping[str, Any]


class ResultDisplay(QFrame):
    """Shows the objects of one `result` payload; subclasses say how.

    `object_selected` carries the `_REF_ID` of what the person selected, `passage_wanted` that of a passage whose
    file is to be opened.
    """

    object_selected = Signal(str)
    passage_wanted = Signal(str)
    opened = Signal()
    query_wanted = Signal()

    def __init__(self, payload: Payload, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.payload = payload
        self.setFrameShape(QFrame.Shape.NoFrame)

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects as they were sent."""
        return list(self.payload.get("objects") or [])

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What is known of the result as a whole."""
        return self.payload.get("metadata") or {}

    @property
    def title(self) -> str:
        """What the result is called: its collection, or else the tool's title."""
        named = self.metadata.get("collection_name") or self.metadata.get("title")
        if not named:
            named = next(
                (item["collection_name"] for item in self.objects if item.get("collection_name")), ""
            )
        return str(named or self.tr("Result"))

    @property
    def badges(self) -> list[str]:
        """What stands in the chips behind the title: the kind of display and how many of how many."""
        return [str(self.payload.get("type") or "table").replace("_", " "), self._count()]

    @property
    def note(self) -> str:
        """Why there is nothing to show, empty when there is something."""
        return "" if self.objects else self.tr("Nothing was found.")

    def rows(self) -> list[dict[str, Any]]:
        """The result as rows of a table, for copying and for the large table."""
        return summarised_rows(self.objects)

    def columns(self) -> list[Column]:
        """The columns of these rows."""
        return infer_columns(self.rows())

    def show_summaries(self, payload: Payload) -> None:
        """Show the same objects with their summaries; what was selected, sorted or opened stays so."""
        self.payload = payload

    def select_ref(self, ref_id: str) -> bool:
        """Highlight the object with this `_REF_ID` and scroll to it; False when it is not here."""
        raise NotImplementedError

    def _count(self) -> str:
        shown, total = len(self.objects), self.metadata.get("total")
        spoken = self.locale()
        if isinstance(total, int) and total > shown:
            return self.tr("{shown} of {total}").format(
                shown=spoken.toString(shown), total=spoken.toString(total)
            )
        return spoken.toString(shown)


def reveal(widget: QWidget) -> None:
    """Scroll all areas around a widget so that it can be seen."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget, 0, 24)
        around = around.parentWidget()


def field_of(item: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that has a value, None when none has."""
    return next((item[name] for name in names if item.get(name) not in (None, "", [])), None)
