"""Asks one question from the terminal, with the same engine as the window."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.payloads import Payload

SAMPLE_QUESTION = "Which waterproof jackets are light and well rated?"
_SHOWN = 10
_WIDTH = 34


async def ask(
    question: str,
    collections: Sequence[str] = (),
    *,
    as_json: bool = False,
    profile: Path | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Answer a question and print the answer and its objects, or every payload as a JSON line.

    Returns the exit code: 0 when the question was answered, 1 when nothing could be done.
    """
    from elysia_desktop.services.workspace import Workspace

    answers, notes = out or sys.stdout, err or sys.stderr
    workspace = Workspace(profile)
    try:
        await workspace.open(
            lambda share, name: print(f"\rLoading sample data: {name} {share:.0%}   ", end="", file=notes)
        )
        conversation = await workspace.begin(question)
        async for payload in workspace.asking.ask(conversation.id, workspace.new_id(), question, collections):
            if as_json:
                print(json.dumps(payload, ensure_ascii=False), file=answers, flush=True)
            else:
                _show(payload, answers)
    except ElysiaError as error:
        print(error.sentence, file=notes)
        return 1
    finally:
        await workspace.close()
    return 0


def _show(payload: Payload, out: TextIO) -> None:
    body = payload["payload"]
    match payload["type"]:
        case "status":
            print(f"· {body['text']}", file=out)
        case "warning":
            print(f"! {body['text']}", file=out)
        case "self_healing_error":
            print(f"! {body['feedback']}", file=out)
        case "result":
            print(_result(body), file=out)
        case "text":
            print(f"\n{_answer(body)}\n", file=out)
        case _:
            pass


def _answer(body: Mapping[str, Any]) -> str:
    return " ".join(str(item["text"]) for item in body["objects"])


def _result(body: Mapping[str, Any]) -> str:
    """A result as a plain-text table of its first objects."""
    metadata = body["metadata"]
    objects: list[dict[str, Any]] = body["objects"]
    total = metadata.get("total")
    head = f"{metadata.get('collection_name', 'Result')}: {len(objects)}" + (f" of {total}" if total else "")
    if body["type"] == "aggregation":
        return f"{head}\n{json.dumps(objects, ensure_ascii=False, indent=1)}"
    hidden = {"uuid", "_REF_ID", "collection_name", "_score", "ELYSIA_SUMMARY", "description", "content"}
    columns = [name for name in objects[0] if name not in hidden][:5]
    rows = [columns, *([_cell(item.get(name)) for name in columns] for item in objects[:_SHOWN])]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    lines = [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    more = len(objects) - _SHOWN
    return "\n".join([head, *lines, *([f"  … and {more} more"] if more > 0 else [])])


def _cell(value: Any) -> str:
    text = "null" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
