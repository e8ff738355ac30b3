"""Makes the record of a run from what it sent: bounded texts, no keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from elysia_desktop import __version__
from elysia_desktop.core.conversation import Turn
from elysia_desktop.core.objects import joined_text
from elysia_desktop.core.run_record import DecisionMade, ModelCalls, RunRecord, StepTaken
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.recorder import without

_QUESTION = 2_000
_ANSWER = 6_000
_WORDS = 600
"""Characters of a reason, an error, a tool's inputs or outcome."""
_NAME = 200
_REQUEST = 4_000
_MOST_REQUESTS = 8
_MOST_STEPS = 60
_MOST_OPTIONS = 60
_MOST_ERRORS = 12


def keys_in(settings: Settings) -> tuple[str, ...]:
    """Every key that the settings hold."""
    keys = [*settings.api_keys.values(), settings.wcd_api_key]
    return tuple(key.get_secret_value() for key in keys if key is not None)


def record_of(
    turn: Turn,
    conversation_id: str,
    tasks: Sequence[Mapping[str, Any]] = (),
    secrets: Iterable[str] = (),
    application: str = __version__,
) -> RunRecord:
    """The record of a turn. `tasks` are the steps as the tree noted them, which know inputs and outcomes.

    Every one of `secrets` is blotted out, wherever it stands.
    """
    reader = _Reader(tasks)
    for payload in turn.payloads:
        reader.take(payload)
    record = RunRecord(
        query_id=turn.query_id,
        conversation_id=conversation_id,
        question=_cut(turn.prompt, _QUESTION),
        asked_at=turn.asked_at.isoformat(),
        collections=turn.collections,
        decisions=tuple(reader.decisions[:_MOST_STEPS]),
        steps=tuple(reader.steps[:_MOST_STEPS]),
        errors=tuple(reader.errors[:_MOST_ERRORS]),
        answer=_cut("\n\n".join(reader.answers), _ANSWER),
        models=tuple(reader.models.values()),
        seconds=turn.seconds,
        stopped=turn.stopped,
        application=application,
    )
    return RunRecord.model_validate(cleaned(record.model_dump(), tuple(secrets)))


def tasks_of(
    turn: Turn, turns: Sequence[Turn], noted: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The steps that a tree noted for a turn; a question that was asked again is told apart by its place.

    `noted` are the tree's `tasks_completed`, an entry per question.
    """
    alike = [one for one in turns if one.prompt.strip() == turn.prompt.strip()]
    entries = [entry for entry in noted if str(entry.get("prompt", "")).strip() == turn.prompt.strip()]
    # From the end: a run that could not begin is noted nowhere, and is seldom the last.
    from_end = len(alike) - next(i for i, one in enumerate(alike) if one.query_id == turn.query_id)
    return list(entries[-from_end].get("task") or ()) if from_end <= len(entries) else []


class _Reader:
    """Takes in the payloads of a run one after the other."""

    def __init__(self, tasks: Sequence[Mapping[str, Any]]) -> None:
        self._tasks = list(tasks)
        self._options: tuple[str, ...] = ()
        self._requests: list[dict[str, Any]] = []
        self._calls: dict[str, int] = {}
        """Where among the steps the calls of functions stand that have not returned."""
        self.decisions: list[DecisionMade] = []
        self.steps: list[StepTaken] = []
        self.errors: list[str] = []
        self.answers: list[str] = []
        self.models: dict[tuple[str, str], ModelCalls] = {}

    def take(self, payload: Mapping[str, Any]) -> None:
        """Note what a payload says."""
        body = cast("dict[str, Any]", payload["payload"])
        match payload["type"]:
            case "model_used":
                self._count(body)
            case "tree_update":
                self._decide(body)
            case "result":
                self._note_request(body)
            case "tool_called":
                self._call(body)
            case "tool_returned":
                self._return(body)
            case "step_finished":
                self._finish(body)
            case "self_healing_error":
                self.errors.append(_cut(str(body.get("feedback", "")), _WORDS))
            case "text" if not _metadata(body).get("update"):
                self.answers.append(joined_text(body["objects"]))
            case _:
                pass

    def _count(self, body: Mapping[str, Any]) -> None:
        purpose, model = str(body.get("purpose", "")), str(body.get("model", ""))
        if purpose == "decision":
            self._options = tuple(_cut(str(name), _NAME) for name in (body.get("options") or ()))
        before = self.models.get((purpose, model), ModelCalls(purpose=purpose, model=_cut(model, _NAME)))
        cost = body.get("cost")
        self.models[purpose, model] = ModelCalls(
            purpose=purpose,
            model=before.model,
            calls=before.calls + 1,
            input_tokens=before.input_tokens + int(body.get("input_tokens") or 0),
            output_tokens=before.output_tokens + int(body.get("output_tokens") or 0),
            seconds=round(before.seconds + float(body.get("seconds") or 0), 3),
            cost=None if before.cost is None or cost is None else before.cost + float(cost),
        )

    def _decide(self, body: Mapping[str, Any]) -> None:
        made = DecisionMade(
            node=_cut(str(body.get("node", "")), _NAME),
            option=_cut(str(body.get("decision", "")), _NAME),
            options=self._options[:_MOST_OPTIONS],
            reasoning=_cut(str(body.get("reasoning", "")), _WORDS),
        )
        self._options = ()
        self.decisions.append(made)

    def _note_request(self, body: Mapping[str, Any]) -> None:
        asked = _metadata(body).get("query_output")
        if not isinstance(asked, dict) or len(self._requests) >= _MOST_REQUESTS:
            return
        # Summaries of objects are a second result of the same request.
        if asked not in self._requests and len(json.dumps(asked)) <= _REQUEST:
            self._requests.append(cast("dict[str, Any]", asked))

    def _call(self, body: Mapping[str, Any]) -> None:
        self._calls[str(body.get("call_id", ""))] = len(self.steps)
        tool, inputs = _cut(str(body.get("name", "")), _NAME), _cut(str(body.get("arguments", "")), _WORDS)
        self.steps.append(StepTaken(tool=tool, inputs=inputs))

    def _return(self, body: Mapping[str, Any]) -> None:
        place = self._calls.pop(str(body.get("call_id", "")), None)
        if place is None:
            return
        outcome = {
            "result": _cut(str(body.get("content", "")), _WORDS),
            "failed": body.get("outcome") == "failed",
            "seconds": float(body.get("seconds") or 0),
            "requests": tuple(self._requests),
        }
        self._requests = []
        self.steps[place] = self.steps[place].model_copy(update=outcome)

    def _finish(self, body: Mapping[str, Any]) -> None:
        tool = str(body.get("node", ""))
        places = (place for place in reversed(self._calls.values()) if self.steps[place].tool == tool)
        if (place := next(places, None)) is not None:  # a tool of the tree that was called as a function
            found = _cut(str(body.get("found", "")), _WORDS)
            self.steps[place] = self.steps[place].model_copy(update={"found": found})
            return
        noted = next((task for task in self._tasks if task.get("task") == tool), None)
        if noted is not None:
            self._tasks.remove(noted)
        step = StepTaken(
            tool=_cut(tool, _NAME),
            inputs=_cut(_said(noted, "inputs"), _WORDS),
            result=_cut(_said(noted, "result"), _WORDS),
            found=_cut(str(body.get("found", "")), _WORDS),
            failed=bool(body.get("failed")),
            seconds=float(body.get("seconds") or 0),
            requests=tuple(self._requests),
        )
        self._requests = []
        self.steps.append(step)


def _metadata(body: Mapping[str, Any]) -> dict[str, Any]:
    return body.get("metadata") or {}


def _said(noted: Mapping[str, Any] | None, name: str) -> str:
    value = noted.get(name) if noted is not None else None
    return "" if value is None else str(value)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def cleaned(value: Any, secrets: tuple[str, ...]) -> Any:
    """The value without keys, and without halves of surrogate pairs, which cannot be written to a file."""
    match value:
        case str():
            return without(value, secrets).encode("utf-8", "replace").decode()
        case dict():
            items = cast("dict[Any, Any]", value).items()
            return {cleaned(key, secrets): cleaned(item, secrets) for key, item in items}
        case list() | tuple():
            return [cleaned(item, secrets) for item in cast("Sequence[Any]", value)]
        case _:
            return value
