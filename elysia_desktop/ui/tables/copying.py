"""Rows as text for the clipboard."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from elysia_desktop.ui.tables.columns import Column
from elysia_desktop.ui.tables.formats import cell_text, compact

Objects = Sequence[Mapping[str, Any]]


def as_tsv(columns: Sequence[Column], objects: Objects, *, header: bool = True) -> str:
    """Rows divided by tabs, as spreadsheets paste them; nulls are empty."""
    return _separated(columns, objects, "\t", header=header)


def as_csv(columns: Sequence[Column], objects: Objects, *, header: bool = True) -> str:
    """Rows divided by commas; nulls are empty."""
    return _separated(columns, objects, ",", header=header)


def as_markdown(columns: Sequence[Column], objects: Objects) -> str:
    """A Markdown table with the values as they are shown."""
    ruler = ["---:" if column.kind == "number" else "---" for column in columns]
    lines = [[_cell(column.title) for column in columns], ruler]
    lines += [[_cell(cell_text(item.get(column.name), column)) for column in columns] for item in objects]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(columns: Sequence[Column], objects: Objects) -> str:
    """A JSON array of the objects with the fields that are shown."""
    shown = [{c.name: item[c.name] for c in columns if c.name in item} for item in objects]
    return json.dumps(shown, ensure_ascii=False, indent=2, default=str)


def _separated(columns: Sequence[Column], objects: Objects, delimiter: str, *, header: bool) -> str:
    text = io.StringIO()
    rows = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    if header:
        rows.writerow([column.title for column in columns])
    rows.writerows([_plain(item.get(column.name)) for column in columns] for item in objects)
    return text.getvalue()


def _plain(value: Any) -> Any:
    """A value as another program reads it: no separators in numbers, nested ones as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return compact(value) if isinstance(value, list | dict | tuple) else value


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
