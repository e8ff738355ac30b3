"""A file's text in slices as the view takes them, and where its characters stand there."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

SLICE = 24_000
LONGEST_LINE = 6_000
_FULL = 0.75
"""The share of a usual line's length from which a line is taken to be broken by the width of its page."""
_SHORT = 40
"""Characters of a line that breaks for a reason, in any text."""
_ITEM = re.compile(r"\s*(?:[-–—•·*▪◦‣]|\(?\w{1,3}[.)])\s")
_ODD = re.compile("[\r\x0b\x0c\x00\x85\u2028\u2029\ufdd0\ufdd1\ud800-\udfff]")
_WIDE = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Heading:
    """A part of a text that is a heading, from `start` up to `end`; the outermost level is 1."""

    start: int
    end: int
    level: int


@dataclass(frozen=True)
class Run:
    """A piece of text that looks the same throughout; level 0 is no heading."""

    text: str
    level: int = 0


class DocumentText:
    """Gives a text out slice by slice, with line breaks in lines that would take long to lay out.

    `flows` lets paragraphs run on where a page was too narrow for their lines.

    Offsets count characters of the text. Positions count as Qt does, in units of UTF-16 with the added breaks;
    they are known of what was given out.
    """

    def __init__(self, text: str, headings: Sequence[Heading] = (), *, flows: bool = False) -> None:
        self.text = text
        self._flows = flows
        self.given = 0
        """The offset up to which slices were given out."""
        self._headings = sorted(headings, key=lambda heading: heading.start)
        self._next_heading = 0
        self._line = 0
        self._after: list[int] = []  # offsets of the characters that a unit more stands behind
        self._units: list[int] = []  # and the positions of these units
        self._lowered: list[str] = []
        self._searched: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether all of it was given out."""
        return self.given >= len(self.text)

    def next_slice(self) -> list[Run]:
        """The next few thousand characters; empty at the end."""
        start, end = self.given, min(len(self.text), self.given + SLICE)
        piece = _ODD.sub(" ", self.text[start:end])
        if self._flows:
            piece = self._flowing(piece, start)
        self._lowered.append(_lower(piece))
        extras = [start + match.start() for match in _WIDE.finditer(piece)]
        breaks = self._breaks(piece, start)
        # A break stands before its offset, so behind the character before.
        self._note(sorted(extras + [offset - 1 for offset in breaks]))
        self.given = end
        return self._runs(piece, start, breaks)

    def position(self, offset: int) -> int:
        """Where a character stands in the view; `offset` was given out."""
        return offset + bisect_left(self._after, offset)

    def offset(self, position: int) -> int:
        """Which character stands at a place of the view."""
        return max(0, position - bisect_left(self._units, position))

    def matches(self, words: str, most: int) -> list[int]:
        """The offsets at which these words stand in what was given out, whatever their case."""
        wanted = _lower(words)
        if self._searched is None or len(self._searched) < self.given:
            self._searched = "".join(self._lowered)
            self._lowered = [self._searched]
        found: list[int] = []
        at = self._searched.find(wanted) if wanted else -1
        while at >= 0 and len(found) < most:
            found.append(at)
            at = self._searched.find(wanted, at + len(wanted))
        return found

    def _note(self, after: list[int]) -> None:
        count = len(self._after)
        self._after += after
        self._units += [offset + 1 + number for number, offset in enumerate(after, count)]

    def _flowing(self, piece: str, start: int) -> str:
        """The piece with spaces for the breaks that only the width of a page has made."""
        lengths = sorted(len(line) for line in piece.split("\n") if line)
        usual = lengths[len(lengths) * 9 // 10] if lengths else 0
        parts: list[str] = []
        at, begin = 0, self.text.rfind("\n", 0, start) + 1
        while (end := piece.find("\n", at)) >= 0:
            after = start + end + 1
            runs_on = start + end - begin >= max(_SHORT, usual * _FULL)
            follows = self.text[after : after + 1].strip() and not _ITEM.match(self.text, after, after + 8)
            parts += (piece[at:end], " " if runs_on and follows else "\n")
            at, begin = end + 1, after
        return "".join([*parts, piece[at:]])

    def _breaks(self, piece: str, start: int) -> list[int]:
        """The offsets before which a break is added."""
        breaks: list[int] = []
        at = 0
        while at < len(piece):
            end = piece.find("\n", at)
            stop = len(piece) if end < 0 else end
            while self._line + stop - at > LONGEST_LINE:
                limit = at + LONGEST_LINE - self._line
                space = piece.rfind(" ", at + 1, limit)
                at = space + 1 if space > limit - LONGEST_LINE // 4 else max(limit, at)
                breaks.append(start + at)
                self._line = 0
            self._line = 0 if end >= 0 else self._line + stop - at
            at = stop + 1
        return breaks

    def _runs(self, piece: str, start: int, breaks: Sequence[int]) -> list[Run]:
        end = start + len(piece)
        cuts = [(offset, "\n") for offset in breaks]
        runs: list[Run] = []
        at = start

        def add(upto: int, level: int) -> None:
            nonlocal at
            text = ""
            while cuts and cuts[0][0] < upto:
                offset, mark = cuts.pop(0)
                text += piece[at - start : offset - start] + mark
                at = offset
            text += piece[at - start : upto - start]
            at = upto
            if text:
                runs.append(Run(text, level))

        while self._next_heading < len(self._headings):
            heading = self._headings[self._next_heading]
            if heading.start >= end:
                break
            add(max(at, heading.start), 0)
            add(max(at, min(heading.end, end)), heading.level)
            if heading.end > end:
                break
            self._next_heading += 1
        add(end, 0)
        return runs


def _lower(text: str) -> str:
    """The text in lower case, character by character, so that places stay the same."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := each.lower()) == 1 else each for each in text)
