"""A file's text as it is put together, within limits."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence

from elysia_desktop.core.files import PageStart
from elysia_desktop.stores.files.base import HeadingAt, ReadFile
from elysia_desktop.stores.files.limits import Limits

PARAGRAPH = "\n\n"
_LONGEST_TITLE = 200
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\ufeff\ufffe\uffff\ud800-\udfff]")
"""Control characters, soft hyphens, byte order marks, and halves of characters that no store takes."""
_LONG_GAPS = re.compile(r"[^\S\n]{41,}")
_GAP = 40 * " "
_EMPTY_LINES = re.compile(r"\n{3,}")
_WITHIN_WORD = re.compile(r"(?<=\w)(?=\w)")
_PIECE = 100_000
"""Characters that one expression goes through at a time: until it is done no other thread runs."""


class ReadingStopped(Exception):
    """A limit is reached: what is read so far must do."""


def pieces(text: str, length: int = _PIECE) -> Iterator[str]:
    """The text in pieces of about that length; each but the last ends within a word."""
    start = 0
    while len(text) - start > length and (cut := _WITHIN_WORD.search(text, start + length)):
        yield text[start : cut.start()]
        start = cut.start()
    yield text[start:]


def clean(text: str) -> str:
    """The text without what cannot be seen, its lines ended by line feeds, at most one of them empty at a time."""
    return "".join(map(_cleaned, pieces(text)))


def _cleaned(text: str) -> str:
    ended = _LONG_GAPS.sub(_GAP, _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)))
    return _EMPTY_LINES.sub(PARAGRAPH, "\n".join(line.rstrip() for line in ended.split("\n")))


class Draft:
    """Takes a file's text piece by piece; the places of pages and headings are kept with it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.title = ""
        self.progress = ""
        """How far the reader is, in words, told where reading stops early."""
        self._until = time.monotonic() + limits.seconds
        self._pieces: list[str] = []
        self._length = 0
        self._pages: list[int] = []
        self._headings: list[HeadingAt] = []
        self._notes: list[str] = []

    @property
    def is_empty(self) -> bool:
        """Whether there is no text yet."""
        return not self._length

    @property
    def room(self) -> int:
        """Characters that still fit."""
        return self.limits.characters - self._length

    def check(self) -> None:
        """Stop the reading where its time is over."""
        if time.monotonic() > self._until:
            raise self.stopped(f"Reading stopped after {self.limits.seconds:.0f} seconds")

    def stopped(self, reason: str) -> ReadingStopped:
        """Note why the rest is left out; the error is to be raised."""
        where = f" ({self.progress})" if self.progress else ""
        self.note(f"{reason}{where}; the rest was left out.")
        return ReadingStopped(reason)

    def note(self, sentence: str) -> None:
        """Tell the person what could not be read; the same is told once."""
        if sentence not in self._notes:
            self._notes.append(sentence)

    def add(self, text: str, between: str = PARAGRAPH) -> int:
        """Append a text, parted from the one before, and return where it begins; nothing is added of blank ones."""
        self.check()
        piece = clean(text).strip("\n").rstrip()
        if not piece.strip():
            return self._length
        before = between if self._length else ""
        start = self._length + len(before)
        kept = piece[: max(self.limits.characters - start, 0)]
        if kept:
            self._pieces += (before, kept)
            self._length = start + len(kept)
        if len(kept) < len(piece):
            raise self.stopped(f"The first {self.limits.characters:,} characters were read")
        return start

    def add_heading(self, level: int, text: str) -> None:
        """Append a heading as a paragraph of its own."""
        words = " ".join(clean(text).split())
        if words:
            self._headings.append(HeadingAt(self.add(words), max(level, 1), words))

    def add_lines(self, lines: Iterable[str]) -> None:
        """Append lines that belong together, such as those of a table."""
        between = PARAGRAPH
        for line in lines:
            before = self._length
            self.add(line, between)
            if self._length > before:
                between = "\n"

    def begin_page(self) -> None:
        """What is added from here on stands on the next page."""
        if len(self._pages) >= self.limits.pages:
            raise self.stopped(f"The first {self.limits.pages:,} pages were read")
        self._pages.append(self._length + len(PARAGRAPH) if self._length else 0)

    def place_headings(self, headings: Sequence[HeadingAt]) -> None:
        """Take over headings whose places in the text are known already."""
        self._headings += headings

    def finished(self, kind: str) -> ReadFile:
        """All that was taken."""
        text = "".join(self._pieces)
        return ReadFile(
            kind=kind,
            title=" ".join(clean(self.title).split())[:_LONGEST_TITLE],
            text=text,
            pages=tuple(
                PageStart(number, min(start, len(text))) for number, start in enumerate(self._pages, 1)
            ),
            headings=tuple(
                sorted((each for each in self._headings if each.start < len(text)), key=lambda at: at.start)
            ),
            note=" ".join(self._notes),
        )
