"""A file's text in passages, along its sentences and headings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from elysia_desktop.core.files import Passage
from elysia_desktop.core.sentences import sentences
from elysia_desktop.stores.files.base import HeadingAt, ReadFile

FEWEST = 120
"""Words; a passage that has as many ends with its paragraph."""
MOST = 220
"""Words; a passage has no more."""
_WITH_PARTS = 60
"""Words; a passage that has as many ends before a deeper heading, a shorter one takes in the part below."""
_ALONE = 12
"""Words; a passage that has as many ends before any other heading."""
_REPEATED = 40
"""Words; a last sentence of no more is also the next passage's first."""
_BETWEEN_HEADINGS = " › "
_ROWS = frozenset(("csv", "json"))
"""Kinds in which a line makes sense alone."""
_WIDE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of scripts that put no blanks between words."""


@dataclass(frozen=True)
class _Unit:
    """A sentence or a row: what is not parted."""

    start: int
    end: int
    words: int
    level: int
    """That of the heading it stands under, 0 for none."""
    begins_part: bool
    """Whether a heading begins with it."""
    begins_paragraph: bool


def passages_of(document_id: str, read: ReadFile) -> list[Passage]:
    """The passages in order, with page and headings; all that is no blank is in one, one sentence at most in two."""
    starts = [page.start for page in read.pages]
    headings = [heading.start for heading in read.headings]
    paths = ["", *_paths(read.headings)]
    found: list[Passage] = []
    for start, end in _spans(read):
        page = bisect_right(starts, start)
        found.append(
            Passage(
                document_id=document_id,
                number=len(found),
                start=start,
                end=end,
                text=read.text[start:end],
                page=read.pages[max(page - 1, 0)].page if starts else None,
                heading=paths[bisect_right(headings, start)],
            )
        )
    return found


def words_in(text: str) -> int:
    """About as many words as a text has, also where no blanks part them."""
    words = text.split()
    return max(len(words) + len(_WIDE.findall(text)) // 2, sum(map(len, words)) // 12)


def _spans(read: ReadFile) -> Iterator[tuple[int, int]]:
    repeats = read.kind not in _ROWS
    together: list[_Unit] = []
    words = 0
    for unit in _units(read):
        if together and _ends(together[0], words, unit):
            yield together[0].start, together[-1].end
            last = together[-1]
            repeated = repeats and not unit.begins_part and len(together) > 1 and last.words <= _REPEATED
            together = [last] if repeated else []
            words = last.words if repeated else 0
        together.append(unit)
        words += unit.words
    if together:
        yield together[0].start, together[-1].end


def _ends(first: _Unit, words: int, following: _Unit) -> bool:
    """Whether a passage of so many words, which begins with `first`, ends before this unit."""
    if words + following.words > MOST:
        return True
    if following.begins_part:
        return words >= (_WITH_PARTS if following.level > first.level else _ALONE)
    return words >= FEWEST and following.begins_paragraph


def _units(read: ReadFile) -> Iterator[_Unit]:
    text = read.text
    cuts = sorted({0, len(text), *(heading.start for heading in read.headings)})
    levels = {heading.start: heading.level for heading in read.headings}
    previous = level = 0
    for first, last in pairwise(cuts):
        begins_part = first in levels
        level = levels.get(first, level)
        for start, end in _whole(text, first, last, read.kind in _ROWS):
            begins_paragraph = "\n\n" in text[previous:start] or read.kind in _ROWS
            yield _Unit(start, end, words_in(text[start:end]), level, begins_part, begins_paragraph)
            previous = end
            begins_part = False


def _whole(text: str, first: int, last: int, by_row: bool) -> Iterator[tuple[int, int]]:
    """The sentences from one place to another, or the rows there, those that are too long in sentences."""
    if not by_row:
        for start, end in sentences(text[first:last]):
            yield first + start, first + end
        return
    start = first
    while start < last:
        end = text.find("\n", start, last)
        end = last if end < 0 else end
        row = text[start:end]
        if words_in(row) > MOST:
            yield from _whole(text, start, end, by_row=False)
        elif row.strip():
            yield start + len(row) - len(row.lstrip()), start + len(row.rstrip())
        start = end + 1


def _paths(headings: tuple[HeadingAt, ...]) -> list[str]:
    """Of each heading its own words after those it stands under, outermost first."""
    paths: list[str] = []
    above: list[HeadingAt] = []
    for heading in headings:
        while above and above[-1].level >= heading.level:
            above.pop()
        above.append(heading)
        paths.append(_BETWEEN_HEADINGS.join(each.text for each in above))
    return paths
