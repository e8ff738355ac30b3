"""Makes a regression case of a turn of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.regression_case import Message, RegressionCase
from elysia_desktop.core.run_record import RunRecord
from elysia_desktop.engine.documents import DocumentTool
from elysia_desktop.engine.feedback.record import cleaned, record_of
from elysia_desktop.engine.passage_text import is_passage
from elysia_desktop.engine.tools import BUILTIN_TOOLS

if TYPE_CHECKING:
    from elysia_desktop.core.environment import Environment

_MOST_EARLIER = 6
"""Turns before the question that are kept with it."""
_MESSAGE = 2_000
_OF_FILES = frozenset(tool.name for tool in BUILTIN_TOOLS if issubclass(tool, DocumentTool))


def case_of(run: RunRecord, turns: Sequence[Turn], secrets: Iterable[str] = ()) -> RegressionCase:
    """The case of a run with its whole question and what was said before it; `turns` are those of its conversation."""
    hidden = tuple(secrets)
    place = [turn.query_id for turn in turns].index(run.query_id)
    earlier: list[Message] = []
    for turn in turns[max(place - _MOST_EARLIER, 0) : place]:
        record = record_of(turn, run.conversation_id, secrets=hidden)
        earlier.append(Message(role="user", content=record.question[:_MESSAGE]))
        if record.answer:
            earlier.append(Message(role="assistant", content=record.answer[:_MESSAGE]))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    asked = run.model_copy(update={"question": cleaned(turns[place].prompt, hidden)})
    return RegressionCase(kept_at=now, earlier=tuple(earlier), run=asked)


def is_from_files(run: RunRecord, turn: Turn, environment: Environment) -> bool:
    """Whether a run used the files of its conversation: a tool looked into them, or the answer cites them."""
    said = (payload["payload"] for payload in turn.payloads if payload["type"] == "text")
    cited = {ref_id for body in said for item in body["objects"] for ref_id in item.get("ref_ids") or ()}
    objects = (environment.object(ref_id) for ref_id in cited)
    return not _OF_FILES.isdisjoint(run.tools) or any(
        item is not None and is_passage(item) for item in objects
    )
