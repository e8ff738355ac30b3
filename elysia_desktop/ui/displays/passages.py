"""The parts of a document's text that were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast


@dataclass
class Passage:
    """A part of a text that holds at least one part that was found, and the references to those in it."""

    start: int
    end: int
    ref_ids: list[str] = field(default_factory=list[str])


def passages_of(item: Mapping[str, Any], length: int) -> list[Passage]:
    """The parts found of a text so long, in its order; those that overlap or meet are one."""
    merged: list[Passage] = []
    for part in sorted(_parts(item.get("chunk_spans"), length), key=lambda part: part.start):
        if merged and part.start <= merged[-1].end:
            merged[-1].end = max(merged[-1].end, part.end)
            merged[-1].ref_ids += part.ref_ids
        else:
            merged.append(part)
    return merged


def _parts(spans: Any, length: int) -> list[Passage]:
    """The spans that lie within the text; what is sent may come from a file of another program."""
    parts: list[Passage] = []
    for span in cast("list[Any]", spans if isinstance(spans, list) else []):
        if not isinstance(span, Mapping):
            continue
        told = cast("Mapping[str, Any]", span)
        start, end = told.get("start"), told.get("end")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length:
            parts.append(Passage(start, end, [str(told["_REF_ID"])] if told.get("_REF_ID") else []))
    return parts
