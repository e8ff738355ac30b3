"""What a row of the environment tree says."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from elysia_desktop.core.environment import Environment
from elysia_desktop.ui.inspector.environment_nodes import Item, Kind, is_repeat
from elysia_desktop.ui.inspector.value_text import (
    count_text,
    metadata_text,
    objects_text,
    title_of,
    value_text,
)

translate = QCoreApplication.translate


def label_of(item: Item) -> str:
    """The name in the first column."""
    if item.kind is Kind.ENTRY:
        return translate("RowText", "result {number}").format(number=item.label)
    return item.label


def summary_of(item: Item, environment: Environment) -> str:
    """The value in the second column: for a container what it holds, for an object what it is called."""
    value = item.value
    match item.kind:
        case Kind.TOOL:
            text = _results_text(sum(len(entries) for entries in value.values()))
        case Kind.NAME:
            text = objects_text(len(value[0].positions)) if len(value) == 1 else _results_text(len(value))
        case Kind.ENTRY:
            text = objects_text(len(value.positions))
        case Kind.OBJECT if is_repeat(value):
            title = title_of(environment.object(item.label) or {}) or item.label
            text = translate("RowText", "again: {title}").format(title=title)
        case Kind.OBJECT:
            text = title_of(value) or value_text(value)
        case Kind.METADATA:
            text = metadata_text(value)
        case Kind.HIDDEN:
            text = QLocale().toString(len(value))
        case Kind.ERRORS:
            text = QLocale().toString(sum(len(messages) for messages in value.values()))
        case _:
            text = value_text(value)
    return text


def _results_text(count: int) -> str:
    return count_text(count, translate("RowText", "1 result"), translate("RowText", "{count} results"))
