"""Makes a regression case of a turn of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.regression_case import Message, RegressionCase
from elysia_desktop.core.run_record import RunRecord
from elysia_desktop.engine.feedback.record import record_of

_MOST_EARLIER = 6
"""Turns before the question that are kept with it."""
_MESSAGE = 2_000


def case_of(run: RunRecord, turns: Sequence[Turn], secrets: Iterable[str] = ()) -> RegressionCase:
    """The case of a run with what was said before it; `turns` are those of its conversation."""
    hidden = tuple(secrets)
    place = next((at for at, turn in enumerate(turns) if turn.query_id == run.query_id), 0)
    earlier: list[Message] = []
    for turn in turns[max(place - _MOST_EARLIER, 0) : place]:
        record = record_of(turn, run.conversation_id, secrets=hidden)
        earlier.append(Message(role="user", content=record.question[:_MESSAGE]))
        if record.answer:
            earlier.append(Message(role="assistant", content=record.answer[:_MESSAGE]))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return RegressionCase(kept_at=now, earlier=tuple(earlier), run=run)
