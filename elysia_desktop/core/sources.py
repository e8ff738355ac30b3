"""Sources: the numbers under which a model is shown passages and objects, and the `[sourceN]` marks it cites them by."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any, cast
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.core.files import FoundPassage, Passage

logger = logging.getLogger(__name__)

PASSAGES = "search_documents"
"""The tool whose results passages of files are, whichever way they were found."""
_KEPT_AS = "sources"
_MOST_OF_A_RANGE = 20
_LONGEST_MARK = 800
"""Characters; no mark that `_MARK` finds is longer."""

_OPEN, _CLOSE = r"[\[(<【]", r"[\])>】]"
# what has matched once is never matched otherwise (`?>`, `}+`), or hostile digits would take for ever
_NUMBER = r"#?[0-9]{1,6}+(?![0-9])"
_ITEM = rf"(?>(?:sources?[\s_:-]{{0,2}}+)?{_NUMBER}(?:\s{{0,2}}+[-–]\s{{0,2}}+(?:source\s?)?{_NUMBER})?)"
_NEXT = rf"(?>\s{{0,2}}(?:[,;&]|and)?\s{{0,2}}){_ITEM}"
_MARK_ITSELF = rf"{_OPEN}\s{{0,2}}/?(?P<items>(?=source){_ITEM}(?:{_NEXT}){{0,11}}+)\s{{0,2}}{_CLOSE}"
_MARK = re.compile(rf"[ \t]{{0,4}}{_MARK_ITSELF}", re.IGNORECASE)
"""`[source1]`, and what models make of it: `[Source 1, source 2]`, `[source1-3]`, `(source1)`, `<source1>`.

A bare `[1]` stays text: quoted papers and code are full of them.
"""
_BEGUN = re.compile(
    rf"[ \t]{{0,4}}(?:{_OPEN}\s{{0,2}}/?"
    rf"(?:s(?:o(?:u(?:r(?:c)?)?)?)?|source[sourcend0-9#\s_:,;&and–-]{{0,{_LONGEST_MARK}}})?)?\Z",
    re.IGNORECASE,
)
"""The end of a text that may turn out to be the beginning of a mark, or the space before it."""
_RANGE = re.compile(r"([0-9]+)(?:\s*[-–]\s*(?:source)?[\s#]*([0-9]+))?", re.IGNORECASE)
_BARE_MARK = re.compile(_MARK_ITSELF, re.IGNORECASE)
_TAG = re.compile(rf"<\s{{0,2}}/?\s{{0,2}}source[^<>]{{0,{_LONGEST_MARK}}}>", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[.,;:!?…]+")


@dataclass(frozen=True)
class Source:
    """A number that a model was told of, and the reference id of the object that it stands for."""

    number: int
    ref_id: str


class Sources:
    """The numbers of a conversation's objects, kept in its environment: from 1, never changed, never reused."""

    _writing = RLock()

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def number(self, ref_id: str) -> int:
        """The number of an object, given when it is first asked for; on any thread."""
        with self._writing:
            known = self._known()
            if ref_id not in known:
                known.append(ref_id)
            return known.index(ref_id) + 1

    def passage(self, found: FoundPassage) -> int:
        """The number of a passage, which becomes an object of the environment where it is none yet."""
        item = passage_object(found.passage, found.name)
        with self._writing:
            for entry in self._environment.find(PASSAGES, found.name) or ():
                for known in entry["objects"]:
                    if known.get("uuid") == item["uuid"]:
                        return self.number(known["_REF_ID"])
            (added,) = self._environment.add_objects(PASSAGES, found.name, [item])
            return self.number(added["_REF_ID"])

    def ref_id(self, number: int) -> str | None:
        """The reference id that a number stands for, None for a number of nothing, or of what is there no more."""
        known = self._known()
        ref_id = known[number - 1] if 0 < number <= len(known) else None
        return ref_id if ref_id is not None and self._environment.object(ref_id) is not None else None

    def cited(self, text: str) -> tuple[Source, ...]:
        """The sources that a text cites, each once, in the order of their first mark."""
        found = dict.fromkeys(number for mark in _MARK.finditer(text) for number in _numbers(mark))
        known = ((number, self.ref_id(number)) for number in found)
        return tuple(Source(number, ref_id) for number, ref_id in known if ref_id is not None)

    def segments(self, text: str) -> list[dict[str, Any]]:
        """The text as `{"text", "ref_ids"}`, a segment ending with its marks; these are taken out.

        The texts together are what `SourceMarks` shows. Numbers of nothing are dropped, and logged.
        """
        segments: list[dict[str, Any]] = []
        for part, numbers in _parts(text):
            found = [self.ref_id(number) for number in numbers]
            if None in found:
                logger.info("Dropped citations of sources that do not exist")
            ref_ids = [ref_id for ref_id in found if ref_id is not None]
            _append(segments, part, ref_ids)
        return [{**segment, "ref_ids": list(dict.fromkeys(segment["ref_ids"]))} for segment in segments]

    def _known(self) -> list[str]:
        """The reference ids in the order of their numbers; the environment's own list."""
        hidden = self._environment.hidden_environment
        known: Any = hidden.get(_KEPT_AS)
        if not isinstance(known, list):  # a file may hold anything
            known = hidden[_KEPT_AS] = []
        return cast("list[str]", known)


class SourceMarks:
    """Takes the marks out of a text that comes in pieces, showing no half of one.

    What is shown in all does not depend on how the text was cut.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, delta: str) -> str:
        """What can be shown now: all that is surely no part of a mark."""
        text = self._held + delta
        ends = [mark.end() for mark in _MARK.finditer(text)]
        # what stands before a mark makes no mark with what follows it
        begun = _BEGUN.search(text, max(len(text) - _LONGEST_MARK, *ends[-1:], 0))
        at = begun.start() if begun else len(text)
        self._held = text[at:]
        return _MARK.sub("", text[:at])

    def end(self) -> str:
        """The rest: what looked like the beginning of a mark and is none."""
        rest, self._held = self._held, ""
        return rest


def without_marks(text: str) -> str:
    """The text as a reader sees it."""
    return _MARK.sub("", text)


def inert(text: str) -> str:
    """A source's own text with whatever looks like a mark, or like the end of the source, made to be neither."""
    return _TAG.sub(_as_quotation, _BARE_MARK.sub(_as_quotation, text))


def shown_source(number: int, text: str, about: str = "") -> str:
    """A source as a model is shown it, between `<sourceN>` and `</sourceN>`."""
    head = f"{' '.join(about.split())}\n" if about else ""
    return f"<source{number}>\n{inert(head + text)}\n</source{number}>"


def passage_object(passage: Passage, name: str) -> dict[str, Any]:
    """A passage of the file of this name as an object of the environment; the same passage is the same object."""
    place = f"{passage.document_id}/{passage.start}-{passage.end}"
    return {
        "title": name,
        "content": passage.text,
        "document_id": passage.document_id,
        "page": passage.page,
        "heading": passage.heading,
        "start": passage.start,
        "end": passage.end,
        "uuid": str(uuid5(NAMESPACE_URL, place)),
    }


def _as_quotation(found: re.Match[str]) -> str:
    """What stands within brackets, in others that mean nothing."""
    return f"‹{found[0][1:-1].strip()}›"


def _append(segments: list[dict[str, Any]], text: str, ref_ids: Sequence[str]) -> None:
    """Add a piece: to the last segment where that cites nothing yet, or where the piece has no words of its own."""
    if segments and not (segments[-1]["ref_ids"] and any(map(str.isalnum, text))):
        segments[-1]["text"] += text
        segments[-1]["ref_ids"] += ref_ids
    elif text or ref_ids:
        segments.append({"text": text, "ref_ids": list(ref_ids)})


def _parts(text: str) -> Iterator[tuple[str, list[int]]]:
    """Each piece of text with the numbers of the marks after it; what ends a sentence after a mark goes before it."""
    at = 0
    for mark in _MARK.finditer(text):
        yield text[at : mark.start()], []
        ending = _PUNCTUATION.match(text, mark.end())
        at = ending.end() if ending else mark.end()
        yield text[mark.end() : at], _numbers(mark)
    yield text[at:], []


def _numbers(mark: re.Match[str]) -> list[int]:
    """The numbers in a mark, those of a range one by one."""
    numbers: list[int] = []
    for first, last in _RANGE.findall(mark["items"]):
        start, stop = int(first), int(last or first)
        numbers += range(start, stop + 1) if 0 <= stop - start < _MOST_OF_A_RANGE else [start, stop]
    return numbers
