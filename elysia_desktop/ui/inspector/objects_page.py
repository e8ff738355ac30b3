"""The objects of one result as a table, the selected one field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from elysia_desktop.core.environment import Entry, Environment
from elysia_desktop.ui.displays.summaries import summarised_rows
from elysia_desktop.ui.inspector.environment_nodes import is_repeat
from elysia_desktop.ui.inspector.object_fields import ObjectFields
from elysia_desktop.ui.inspector.value_text import objects_text
from elysia_desktop.ui.widgets.combo_box import ComboBox

Place = tuple[str, str, int]
"""Tool, result name and the number of the result in its list, from 0."""


class ObjectsPage(QWidget):
    """Shows the newest result until the person chooses one."""

    object_selected = Signal(str)
    """The person selected an object; its reference id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from elysia_desktop.ui.tables.view import ObjectTable

        self._environment = Environment(self_info=False)
        self._version = -1
        self._places: list[Place] = []
        self._shown: Entry | None = None
        self._follows = True
        self._results = ComboBox(self)
        self._results.setAccessibleName(self.tr("Result"))
        self._results.setMinimumContentsLength(12)
        self._results.view().setAccessibleName(self.tr("Results"))
        self._results.activated.connect(self._choose)
        self._table = ObjectTable(self)
        self._table.setAccessibleName(self.tr("Objects of the result"))
        self._table.object_selected.connect(self._announce)
        self._fields = ObjectFields(self)
        self._pages = QStackedLayout(self)
        self._build()
        self._read()

    def set_environment(self, environment: Environment) -> None:
        """Show the results of another environment, live: `refresh` reads it again."""
        self._environment, self._follows, self._shown = environment, True, None
        self._places = []
        self._version = -1
        self.refresh()

    def refresh(self) -> None:
        """Read the environment again when it has changed."""
        if self._environment.version != self._version:
            self._version = self._environment.version
            self._read()

    def show_entry(self, tool: str, name: str, index: int) -> bool:
        """Show one result; False when there is none such."""
        entries: list[Entry] = self._environment.find(tool, name) or []
        place = (tool, name, index % len(entries) if entries else -1)
        if place not in self._places:
            return False
        self._follows = False
        self._show(place)
        return True

    def select_ref(self, ref_id: str) -> bool:
        """Show the result with this object and select it, unannounced; False when it is not here."""
        for tool, name, index, entry in self._entries():
            for item in entry["objects"]:
                if item.get("_REF_ID") == ref_id and not is_repeat(item):
                    self.show_entry(tool, name, index)
                    self._fields.show_object(summarised_rows([item])[0])
                    return self._table.select_ref(ref_id)
        return False

    @property
    def shown_place(self) -> Place | None:
        """Which result is shown."""
        index = self._results.currentIndex()
        return self._places[index] if 0 <= index < len(self._places) else None

    def _build(self) -> None:
        bar = QFrame(self)
        bar.setProperty("look", "bar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(self._results, 1)
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self._table)
        parts.addWidget(self._fields)
        parts.setSizes([300, 200])
        whole = QWidget(self)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(parts, 1)
        empty = QLabel(self.tr("Objects that the agent finds appear here as a table."), self)
        empty.setProperty("look", "mute")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setWordWrap(True)
        self._pages.addWidget(whole)
        self._pages.addWidget(empty)

    def _entries(self) -> Iterator[tuple[str, str, int, Entry]]:
        for tool, name, entries in self._environment.results():
            for index, entry in enumerate(entries):
                yield tool, name, index, entry

    def _read(self) -> None:
        before, known = self.shown_place, set(self._places)
        self._shown = None  # its objects may have been summarised
        self._places = [(tool, name, index) for tool, name, index, _ in self._entries()]
        self._results.clear()
        for tool, name, index, entry in self._entries():
            number = f" {index + 1}" if len(self._environment.find(tool, name)) > 1 else ""
            self._results.addItem(f"{tool} · {name}{number} · {objects_text(len(entry['objects']))}")
        self._pages.setCurrentIndex(0 if self._places else 1)
        if not self._places:
            self._set_entry(None)
            return
        new = [place for place in self._places if place not in known]
        if self._follows and new:
            self._show(new[-1])
        else:
            self._show(before if before in self._places else self._places[-1])

    def _show(self, place: Place) -> None:
        self._results.setCurrentIndex(self._places.index(place))
        self._set_entry(self._environment.find(*place))

    def _set_entry(self, entry: Entry | None) -> None:
        if entry is not self._shown:
            self._shown = entry
            self._table.set_objects([] if entry is None else summarised_rows(self._whole(entry)))
            self._fields.show_object(None)

    def _whole(self, entry: Entry) -> list[dict[str, Any]]:
        """The objects of an entry, a repeat replaced by what it repeats."""
        return [
            (self._environment.object(str(item["_REF_ID"])) or item) if is_repeat(item) else item
            for item in entry["objects"]
        ]

    def _choose(self, index: int) -> None:
        self._follows = False
        self._show(self._places[index])

    def _announce(self, item: dict[str, Any]) -> None:
        self._fields.show_object(item)
        if ref_id := str(item.get("_REF_ID") or ""):
            self.object_selected.emit(ref_id)
