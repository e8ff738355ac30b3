"""What is said of a file: its kind, its pages, its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from elysia_desktop.ui.inspector.value_text import count_text

if TYPE_CHECKING:
    from elysia_desktop.core.files import SourceFile

translate = QCoreApplication.translate

READ_SUFFIXES = (
    ".pdf", ".docx", ".html", ".htm", ".md", ".markdown", ".txt", ".csv", ".tsv", ".json", ".jsonl"
)  # fmt: skip
_TABLES = frozenset({"csv", "json"})


def kind_title(kind: str) -> str:
    """The name of a kind, as a person knows it."""
    titles = {
        "pdf": "PDF",
        "docx": "Word",
        "html": "HTML",
        "markdown": "Markdown",
        "text": translate("Kinds", "Text"),
        "csv": "CSV",
        "json": "JSON",
    }
    return titles.get(kind, kind.upper())


def kind_icon(kind: str) -> str:
    """The icon of a kind."""
    return "table" if kind in _TABLES else "file"


def pages_text(file: SourceFile) -> str:
    """`12 pages`; empty where the format has none."""
    if file.pages is None:
        return ""
    return count_text(file.pages, translate("Kinds", "1 page"), translate("Kinds", "{count} pages"))


def about_text(file: SourceFile) -> str:
    """All that is known of a file but its name, in a line: `PDF · 12 pages · 340 kB`."""
    size = QLocale().formattedDataSize(file.size, 0, QLocale.DataSizeFormat.DataSizeSIFormat)
    state = "" if file.in_use else translate("Kinds", "not in use")
    return " · ".join(part for part in (kind_title(file.kind), pages_text(file), size, state) if part)
