"""A passage of a file that an answer cites, and how it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale


@dataclass(frozen=True)
class CitedPassage:
    """What is known of a cited passage: the file, where it stands there, in characters, and its words."""

    ref_id: str
    document_id: str
    name: str
    start: int
    end: int
    page: int | None = None
    text: str = ""

    @property
    def label(self) -> str:
        """The file's name and the page."""
        return passage_label(self.name, self.page)


def cited_passage(ref_id: str, item: Mapping[str, Any] | None) -> CitedPassage | None:
    """The passage that an object of the environment is; None for an object that is none."""
    if item is None:
        return None
    document_id, start, end, page = (item.get(key) for key in ("document_id", "start", "end", "page"))
    if not isinstance(document_id, str) or not isinstance(start, int) or not isinstance(end, int):
        return None
    name = str(item.get("title") or item.get("name") or document_id)
    text = str(item.get("content") or "")
    return CitedPassage(ref_id, document_id, name, start, end, page if isinstance(page, int) else None, text)


def passage_label(name: str, page: object) -> str:
    """`report.pdf, page 3`; the name alone where there are no pages."""
    if not isinstance(page, int):
        return name
    words = QCoreApplication.translate("CitedPassage", "{name}, page {page}")
    return words.format(name=name, page=QLocale().toString(page))
