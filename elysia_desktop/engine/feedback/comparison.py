"""Compares two runs of the same question: what was chosen, what was asked of the data, what was answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from elysia_desktop.core.run_record import RunRecord, StepTaken

_WORDS = re.compile(r"(?:(?<!\w)[-−](?=\d))?[^\W_]+(?:[.,]\d+)*")
"""Words and numbers, these with their sign."""


@dataclass(frozen=True)
class Row:
    """One thing that is compared; `is_same` is None where a difference says nothing about the answer."""

    name: str
    before: str
    after: str
    is_same: bool | None = None


@dataclass(frozen=True)
class Comparison:
    """A question, then and now."""

    question: str
    rows: tuple[Row, ...]

    @property
    def is_same(self) -> bool:
        """Whether tools, requests and answer are the same."""
        return all(row.is_same is not False for row in self.rows)


def compare(before: RunRecord, after: RunRecord) -> Comparison:
    """What has changed from one run to the other.

    Answers are the same when they have the same words and numbers; the order of a request's fields does not count.
    """
    rows = (
        _row("tools", " → ".join(before.tools), " → ".join(after.tools)),
        _row("requests", _requests(before), _requests(after)),
        Row("answer", before.answer, after.answer, _words(before.answer) == _words(after.answer)),
        Row("models", _models(before), _models(after)),
        Row("tokens", f"{before.tokens:,}", f"{after.tokens:,}"),
        Row("time", _seconds(before), _seconds(after)),
    )
    return Comparison(before.question, rows)


def _row(name: str, before: str, after: str) -> Row:
    return Row(name, before, after, before == after)


def _requests(record: RunRecord) -> str:
    """Each request on a line; a step that found nothing is told by its outcome, where its request stands."""
    return "\n".join(line for step in record.steps for line in _requests_of(step))


def _requests_of(step: StepTaken) -> Iterator[str]:
    for request in step.requests:
        yield f"{step.tool}: {json.dumps(request, ensure_ascii=False, sort_keys=True)}"
    if not step.requests and "with the query" in step.result:
        yield f"{step.tool}: {step.result}"


def _words(answer: str) -> list[str]:
    return [word.replace("−", "-") for word in _WORDS.findall(answer.casefold())]


def _models(record: RunRecord) -> str:
    return ", ".join(dict.fromkeys(calls.model for calls in record.models))


def _seconds(record: RunRecord) -> str:
    return "" if record.seconds is None else f"{record.seconds:.1f} s"
