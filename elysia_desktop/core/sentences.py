"""Where the sentences of a text begin and end, in any language, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]
"""The places of the first character and of the one after the last."""

LONGEST = 400
"""Characters; what goes on for longer without an end, such as a table or a transcript, is cut where it can be."""

_CLOSING = "\"'”’»›)\\]}」』）】》〉”’"
_WIDE_CLOSING = "」』）】》〉”’\"'"
_ENDS = re.compile(
    rf"(?P<wide>[。！？｡]+[{_WIDE_CLOSING}]*)"  # no blank follows
    rf"|(?P<sure>[!?؟۔।॥։።။។…‽]+|\.{{2,}})[{_CLOSING}]*(?=\s|$)"
    rf"|(?P<dot>\.)[{_CLOSING}]*(?=\s|$)"
    r"|(?P<line>\n)",
)
_ITEM = re.compile(r"[ \t]*(?:[-*+•‣◦–—·]|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]|#{1,6}|>|\|)[ \t]")
_WORD_AT_END = re.compile(r"[^\s(\[{\"'“‘«„]*$")
_WORD_AFTER = re.compile(r"\s+(\w+)")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]")
"""As in U.S. Army; at the end of a sentence they join two."""
_NUMBER_OF_ITEM = re.compile(r"\(?(?:\d{1,3}|[ivxIVX]{1,5})")
_PAUSES = (
    re.compile(r"\n+"),
    re.compile(r"[;:；：—](?=\s)|[；：]"),
    re.compile(r"[,،、，](?=\s)|[、，،]"),
    re.compile(r"\s+"),
)
_ABBREVIATION = re.compile(
    # those that stand before what they belong to, so that their dot ends no sentence
    "mr|mrs|ms|dr|prof|sr|sra|srta|jr|st|mt|rev|hon|gen|col|maj|capt|cmdr|lt|sgt|gov|supt|messrs|mme|mlle|mgr|cf|vs|"
    r"al|viz|approx|est|e\.g|i\.e|z\.b|d\.h|u\.a|vgl|bzw|ggf|evtl|inkl|hrsg|т\.е|т\.к|проф|dott|ing|avv|uds|núm|pág",
    re.IGNORECASE,
)
_BEFORE_NUMBER = re.compile(
    # those that are words, too
    "no|nos|nr|vol|vols|fig|figs|eq|eqs|sec|ch|chap|pp|art|tab|app|ref|refs|abb|abs|bd|ca|str|tel|"
    "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec",
    re.IGNORECASE,
)
_AFTER_ORDINAL = re.compile(
    "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahrhundert"
)
_WINDOW = 50_000
"""Characters that are looked through at a time: no other thread runs until an expression has found something."""
_SHORT = 60
"""Characters; no abbreviation and no number of an item is as long with what is before it."""


def sentences(text: str) -> list[Span]:
    """The sentences in order, without the white space around them; every other character is in one of them.

    Headings and the items of lists are sentences of their own. What is longer than `LONGEST` is cut at a line,
    a pause or a blank, or anywhere if there is none.
    """
    found: list[Span] = []
    for start, end in _between(text):
        first, last = _visible(text, start, end)
        found += _cut(text, first, last)
    return found


def _visible(text: str, start: int, end: int) -> Span:
    """The span without the white space around it."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _between(text: str) -> Iterator[Span]:
    start = 0
    for mark in _marks(text):
        if _is_end(text, start, mark):
            yield start, mark.end()
            start = mark.end()
    yield start, len(text)


def _marks(text: str) -> Iterator[re.Match[str]]:
    """All that may be ends of sentences."""
    at, length = 0, _WINDOW
    while at < len(text):
        until = at + length
        cut = None
        for mark in _ENDS.finditer(text, at, until):
            if mark.end() >= until < len(text):  # it may go on, or be none for what follows
                cut = mark.start()
                break
            yield mark
        length = _WINDOW if cut != at else 2 * length
        at = until if cut is None else cut


def _is_end(text: str, start: int, mark: re.Match[str]) -> bool:
    """Whether a sentence that began at `start` ends with this mark."""
    match mark.lastgroup:
        case "wide":
            return True
        case "line":
            return _line_ends(text, start, mark)
        case _:
            pass
    following = _next_visible(text, mark.end())
    if following and (text[following - 1].islower() or text[following - 1] in ",;:)"):
        return "\n\n" in text[mark.end() : following]
    return mark.lastgroup == "sure" or not following or _dot_ends(text, start, mark.start("dot"))


def _line_ends(text: str, start: int, mark: re.Match[str]) -> bool:
    """A line break ends a sentence before an empty line or an item of a list, and after a heading or an item's line."""
    rest = text[mark.end() : mark.end() + 200]
    if not rest.strip() or rest.lstrip(" \t\r").startswith("\n"):
        return True
    before = text[max(start, mark.start() - _SHORT) : mark.start()]
    is_heading = text[start : start + _SHORT].lstrip().startswith("#")
    return bool(_ITEM.match(rest)) or is_heading or before.rstrip().endswith(":")


def _dot_ends(text: str, start: int, dot: int) -> bool:
    """Whether a dot is a full stop, not that of an abbreviation, an initial or the number of an item."""
    told = text[max(start, dot - _SHORT) : dot]
    word = _WORD_AT_END.search(told)
    before = word[0] if word else ""
    following = _WORD_AFTER.match(text, dot + 1)
    after = following[1] if following else ""
    if _ABBREVIATION.fullmatch(before) or (len(before) == 1 and before.isalpha()):
        return False
    if after[:1].isdigit() and _BEFORE_NUMBER.fullmatch(before):
        return False
    if _INITIALS.fullmatch(before) or (before.isdecimal() and _AFTER_ORDINAL.fullmatch(after)):
        return False
    return not (dot - start < _SHORT and told.lstrip() == before and _NUMBER_OF_ITEM.fullmatch(before))


def _next_visible(text: str, at: int) -> int:
    """The place after the next character that is no blank and opens nothing; 0 where the text ends before."""
    for place in range(at, min(len(text), at + 200)):
        if not text[place].isspace() and text[place] not in "\"'“‘«„([{*_":
            return place + 1
    return 0 if at + 200 >= len(text) else at + 200


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    """The span itself, or pieces of it that are no longer than `LONGEST`."""
    while end - start > LONGEST:
        at = _pause(text, start, start + LONGEST)
        yield _visible(text, start, at)
        start, _ = _visible(text, at, end)
    if start < end:
        yield start, end


def _pause(text: str, start: int, most: int) -> int:
    """The last good place to cut within the second half of a span, its end where there is none."""
    for pause in _PAUSES:
        places = [found.end() for found in pause.finditer(text, start + LONGEST // 2, most)]
        if places:
            return places[-1]
    return most
