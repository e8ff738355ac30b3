"""Readers of files, one per kind: each puts a file's text into a draft."""

from __future__ import annotations

from collections.abc import Callable

from elysia_desktop.stores.files.draft import Draft
from elysia_desktop.stores.files.readers import csv, docx, html, json, markdown, pdf, text
from elysia_desktop.stores.files.source import Source

Reader = Callable[[Source, Draft], str | None]
"""Returns the kind that the file turned out to be, None where it is what it seemed."""

READERS: dict[str, Reader] = {
    "pdf": pdf.read,
    "docx": docx.read,
    "html": html.read,
    "markdown": markdown.read,
    "text": text.read,
    "csv": csv.read,
    "json": json.read,
}
