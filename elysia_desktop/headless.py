"""Asks one question from the terminal, with the same engine as the window."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.payloads import Payload
from elysia_desktop.core.setting_fields import place_of
from elysia_desktop.core.settings import Settings

if TYPE_CHECKING:
    from elysia_desktop.core.environment import Environment
    from elysia_desktop.services.workspace import Workspace

SAMPLE_QUESTION = "Which waterproof jackets are light and well rated?"
ANSWERED, NOTHING_DONE = 0, 1
_SHOWN = 10
_SHOWN_GROUPS = 40
_WIDTH = 34
_PASSAGE = 200
"""Characters of a passage of a file."""


async def ask(
    question: str,
    collections: Sequence[str] = (),
    *,
    files: Sequence[Path] = (),
    as_json: bool = False,
    profile: Path | None = None,
    log_level: str | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Answer a question and print the answer and its objects, or every payload as a JSON line.

    `files` are read into the conversation first; where none of them can be read, nothing is asked. Answers go to
    `out`, notes to `err`, and what is being done as well when that is a terminal. Returns the exit code: 0 when the
    question was answered, 1 when nothing could be done.
    """
    from elysia_desktop.services.workspace import Workspace

    notes = _Notes(err or sys.stderr)
    printer = _JsonLines(out or sys.stdout) if as_json else _Plain(out or sys.stdout, notes)
    outcome = _Outcome()
    workspace = Workspace(profile)
    try:
        await workspace.open(notes.loading, log_level)
        if workspace.notice:
            notes.say(workspace.notice)
        conversation = await workspace.begin(question)
        if files:
            if not await _add(files, conversation.id, workspace, notes):
                return NOTHING_DONE
            if isinstance(printer, _Plain):
                printer.found = await workspace.asking.environment(conversation.id)
        run = workspace.asking.ask(conversation.id, workspace.new_id(), question, collections)
        async with aclosing(run):
            async for payload in run:
                outcome.note(payload)
                if not as_json and outcome.is_failure(payload):
                    notes.say(_answer(payload["payload"]))
                else:
                    printer.show(payload)
        if workspace.conversations.notice:
            notes.say(workspace.conversations.notice)
    except ElysiaError as error:
        notes.say(error.sentence)
        return ANSWERED if outcome.is_answered else NOTHING_DONE
    finally:
        notes.end_progress()
        await workspace.close()
    return ANSWERED if outcome.is_answered else NOTHING_DONE


async def _add(files: Sequence[Path], conversation_id: str, workspace: Workspace, notes: _Notes) -> bool:
    """Read files into the conversation and say which could not be; whether any could."""
    report = await workspace.files.add(
        conversation_id, files, lambda done, of, name: notes.progress(f"· Reading {name} ({done} of {of})")
    )
    for refused in report.refused:
        name = "" if f"“{refused.name}”" in refused.reason else f"{refused.name}: "
        notes.say(f"{name}{refused.reason} {refused.hint}".strip(), "! ")
    for added in report.added:
        if added.note:
            notes.say(f"{added.name}: {added.note}", "! ")
    return bool(report.added)


class _Outcome:
    """Whether a question was answered, from what its run sent: an error told in words is no answer."""

    def __init__(self) -> None:
        self.is_answered = False
        self._used_model = False
        self._failures: set[str] = set()

    def note(self, payload: Payload) -> None:
        """Take in the next payload."""
        body = payload["payload"]
        match payload["type"]:
            case "step_finished":
                self.is_answered = self.is_answered or not body["failed"]
            case "model_used":
                self._used_model = True
            case "self_healing_error":
                self._failures.add(body["feedback"])
            case "text" if not body["metadata"].get("update"):
                written = self._used_model and _answer(body) not in self._failures
                self.is_answered = self.is_answered or written
            case _:
                pass

    def is_failure(self, payload: Payload) -> bool:
        """Whether this payload, taken in already, is a text that only tells what went wrong."""
        if payload["type"] != "text" or payload["payload"]["metadata"].get("update"):
            return False
        return not self.is_answered or _answer(payload["payload"]) in self._failures


class _Notes:
    """What is not an answer: warnings, errors, and on a terminal what is being done."""

    def __init__(self, err: TextIO | None) -> None:
        self._err = err  # None where the process was started without one, and `print` is silent then
        self._is_terminal = err is not None and err.isatty()
        self._on_line = 0
        self._said: set[str] = set()

    def say(self, text: str, mark: str = "") -> None:
        """A line that the person should read, once."""
        if text not in self._said:
            self._said.add(text)
            self.end_progress()
            print(f"{mark}{text}", file=self._err, flush=True)

    def progress(self, text: str) -> None:
        """What is being done, in place of what was before; only on a terminal."""
        if self._is_terminal:
            print(f"\r{text.ljust(self._on_line)}", end="", file=self._err, flush=True)
            self._on_line = len(text)

    def loading(self, share: float, name: str) -> None:
        """How far the sample data is."""
        self.progress(f"Loading sample data: {name} {share:.0%}")

    def end_progress(self) -> None:
        """Wipe the line that tells of progress."""
        if self._on_line:
            print(f"\r{' ' * self._on_line}\r", end="", file=self._err, flush=True)
            self._on_line = 0


class _JsonLines:
    """Every payload as a line of JSON."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("_", "-")
        self._only_ascii = encoding not in {"utf-8", "utf8"}

    def show(self, payload: Payload) -> None:
        """Print a payload."""
        print(json.dumps(payload, ensure_ascii=self._only_ascii), file=self._out, flush=True)


class _Plain:
    """Answers and objects as a person reads them."""

    def __init__(self, out: TextIO, notes: _Notes) -> None:
        self._out = out
        self._notes = notes
        self.found: Environment | None = None
        """Where the passages of files that an answer cites are looked up."""

    def show(self, payload: Payload) -> None:
        """Print what a person wants to see of a payload."""
        body = payload["payload"]
        match payload["type"]:
            case "status":
                self._notes.progress(f"· {body['text']}")
            case "warning":
                self._notes.say(body["text"], "! ")
            case "consent_asked":
                name = body["setting"]
                where = f"{place_of(Settings, name)}, or with {name.upper()}=true or false"
                self._notes.say(f"{body['text']} Allow it, or not, in {where}.", "! ")
            case "self_healing_error":
                self._notes.say(body["feedback"], "! ")
            case "text" if body["metadata"].get("update"):
                self._notes.progress(f"· {_answer(body)}")
            case "text":
                self._print(f"{_answer(body)}\n")
                if sources := _sources(body, self.found):
                    self._print("\n".join(["Sources:", *(f"  {source}" for source in sources), ""]))
            case "result":
                self._print(f"{_result(body)}\n")
            case _:
                pass

    def _print(self, text: str) -> None:
        self._notes.end_progress()
        print(text, file=self._out, flush=True)


def _answer(body: Mapping[str, Any]) -> str:
    return " ".join(str(item["text"]) for item in body["objects"])


def _sources(body: Mapping[str, Any], found: Environment | None) -> list[str]:
    """The files that an answer cites, each with its pages."""
    pages: dict[str, list[int]] = {}
    for ref_id in (ref_id for item in body["objects"] for ref_id in item.get("ref_ids") or ()):
        passage = found.object(ref_id) if found is not None else None
        if passage is not None and "document_id" in passage:
            cited = pages.setdefault(str(passage["title"]), [])
            if passage["page"] and passage["page"] not in cited:
                cited.append(passage["page"])
    return [", ".join([name, *(f"page {page}" for page in sorted(cited))]) for name, cited in pages.items()]


def _result(body: Mapping[str, Any]) -> str:
    """A result as a plain-text table of its first objects, or the numbers of an aggregation."""
    metadata = body["metadata"]
    objects: list[dict[str, Any]] = body["objects"]
    name = metadata.get("collection_name") or "Result"
    if body["type"] == "aggregation":
        return "\n\n".join(_numbers(str(name), item) for item in objects)
    if "x_axis_label" in objects[0]:
        return "\n\n".join(_chart(item) for item in objects)
    if any(item.get("chunk_spans") and "document_id" in item for item in objects):
        return "\n".join(line for item in objects for line in _passages(item))
    if summaries := [str(item["ELYSIA_SUMMARY"]) for item in objects if item.get("ELYSIA_SUMMARY")]:
        return "\n".join([f"{name}, in short:", *(f"  {summary}" for summary in summaries)])
    total = metadata.get("total")
    head = f"{name}: {len(objects)}" + (f" of {total}" if total else "")
    hidden = {"uuid", "_REF_ID", "collection_name", "_score", "ELYSIA_SUMMARY", "description", "content"}
    columns = [column for column in objects[0] if column not in hidden][:5]
    rows = [columns, *([_cell(item.get(column)) for column in columns] for item in objects[:_SHOWN])]
    more = len(objects) - _SHOWN
    return "\n".join([head, *_aligned(rows), *([f"  … and {more} more"] if more > 0 else [])])


def _passages(file: Mapping[str, Any]) -> Iterator[str]:
    """What was found in a file, each passage in short."""
    yield f"{file['title']}:"
    for span in file["chunk_spans"][:_SHOWN]:
        text = " ".join(str(file["content"])[span["start"] : span["end"]].split())
        yield f"  {text if len(text) <= _PASSAGE else text[: _PASSAGE - 1] + '…'}"


def _chart(chart: Mapping[str, Any]) -> str:
    """A chart in words; bars also as a table."""
    lines = [str(part) for part in (chart["title"], chart.get("description")) if part]
    data: Mapping[str, Any] = chart["data"]
    if series := data.get("y_values"):
        rows = [["", *map(str, series)]]
        rows += [
            [_cell(label), *(_cell(values[place]) for values in series.values())]
            for place, label in enumerate(data["x_labels"])
        ]
        lines += _aligned(rows)
    return "\n".join(lines)


def _numbers(name: str, item: Mapping[str, Any]) -> str:
    """An aggregation: how many objects, each metric on a line, then a table of the groups."""
    lines = [f"{name}: {_number(item.get('num_items'))} objects"]
    for fields in item.get("collections") or ():
        for properties in fields.values():
            for prop, found in properties.items():
                lines += [f"  {_label(value)}: {_number(value['value'])}" for value in found["values"]]
                lines += _groups(prop, found.get("groups") or {})
    return "\n".join(lines)


def _groups(prop: str, groups: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """One line per group: its value, how many objects, its metrics."""
    if not groups:
        return
    rows = [
        [_cell(name), *(_number(value["value"]) for value in found["values"])]
        for name, found in list(groups.items())[:_SHOWN_GROUPS]
    ]
    _, *metrics = next(iter(groups.values()))["values"]
    yield from _aligned([[prop, "count", *(_label(value) for value in metrics)], *rows])
    if len(groups) > _SHOWN_GROUPS:
        yield f"  … and {len(groups) - _SHOWN_GROUPS} more groups"


def _label(value: Mapping[str, Any]) -> str:
    """A metric in words, such as `mean price`."""
    return f"{str(value['aggregation']).lower().replace('_', ' ')} {value['field']}"


def _number(value: Any) -> str:
    """A metric's value: numbers with separators, the commonest values with their counts."""
    match value:
        case None:
            return "none"
        case bool() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case float():
            return (
                f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) >= 1e-3 or not value else f"{value:.4g}"
            )
        case list():
            return ", ".join(_number(part) for part in value) or "none"  # pyright: ignore[reportUnknownVariableType]
        case {"value": common, "count": count}:
            return f"{common} ({_number(count)})"
        case _:
            return str(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cell(value: Any) -> str:
    text = "null" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
