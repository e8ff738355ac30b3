"""What reading a file yields: its text, where its pages and headings stand, and why a file is refused."""

from __future__ import annotations

from dataclasses import dataclass

from elysia_desktop.core.errors import MissingExtra, StoreError
from elysia_desktop.core.files import PageStart


@dataclass(frozen=True)
class HeadingAt:
    """A heading and where it stands in the text, in characters; the outermost level is 1."""

    start: int
    level: int
    text: str


@dataclass(frozen=True)
class ReadFile:
    """A file as text; `pages` and `headings` are in the order of the text."""

    kind: str
    title: str
    text: str
    pages: tuple[PageStart, ...] = ()
    headings: tuple[HeadingAt, ...] = ()
    note: str = ""
    """What could not be read of it, in words; empty when all was."""


class FileRefused(StoreError):
    """A file that cannot be read at all."""


def missing_documents(what: str) -> MissingExtra:
    """The error that says which optional part reads files of this kind."""
    return MissingExtra(
        f"To read {what}, the optional part “documents” is needed.",
        'Install it with: pip install "elysia-desktop[documents]".',
    )
