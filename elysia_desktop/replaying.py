"""Replays regression cases in the terminal: then and now side by side."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import aclosing
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, TextIO

from elysia_desktop.core.errors import ElysiaError

if TYPE_CHECKING:
    from elysia_desktop.engine.feedback.comparison import Comparison, Row

ALL = "all"
SAME, NOT_REPLAYED, CHANGED = 0, 1, 3
_NAMES = 10
_WORDS = 11
_NARROWEST = 16
_MOST_LINES = 12


async def replay(
    which: str,
    *,
    model: str = "",
    as_json: bool = False,
    profile: Path | None = None,
    log_level: str | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Ask the question of a case's file, or of `all` that are kept, and print what has changed.

    With `as_json` each case is a line of JSON. Returns the exit code: 0 when nothing has changed, 3 when something
    has, 1 when a case could not be replayed.
    """
    from elysia_desktop.services.workspace import Workspace

    out, err = out or sys.stdout, err or sys.stderr
    files = None if which == ALL else [Path(which)]
    workspace = Workspace(profile)
    done = changed = failed = 0
    try:
        await workspace.open(log_level=log_level)
        if workspace.notice:
            print(workspace.notice, file=err, flush=True)
        settings = workspace.configuration.settings
        async with aclosing(workspace.replaying.replay(settings, files, model)) as replayed:
            async for file, found in replayed:
                done += 1
                if isinstance(found, ElysiaError):
                    failed += 1
                    print(f"{file.name}: {found.sentence}", file=err, flush=True)
                    continue
                changed += not found.is_same
                print(_as_json(file, found) if as_json else _as_text(file, found), file=out, flush=True)
        if not as_json:
            print(_verdict(done, changed, failed), file=out, flush=True)
    except ElysiaError as error:
        print(error.sentence, file=err, flush=True)
        return NOT_REPLAYED
    finally:
        await workspace.close()
    return NOT_REPLAYED if failed else CHANGED if changed else SAME


def _as_json(file: Path, found: Comparison) -> str:
    rows = {
        row.name: {"before": row.before, "after": row.after}
        | ({} if row.is_same is None else {"same": row.is_same})
        for row in found.rows
    }
    told = {"case": str(file), "question": found.question, "same": found.is_same, **rows}
    return json.dumps(told, ensure_ascii=True)


def _as_text(file: Path, found: Comparison) -> str:
    """The case as a small table: what is compared, then, now, and whether it is the same."""
    width = shutil.get_terminal_size((100, 24)).columns
    column = max((width - _NAMES - _WORDS - 4) // 2, _NARROWEST)
    lines = [" ".join(found.question.split()), f"({file.name})"]
    lines += _line("", "then", "now", "", column)
    for row in found.rows:
        lines += _cells(row, column)
    return "\n".join(line.rstrip() for line in [*lines, ""])


def _cells(row: Row, column: int) -> Iterator[str]:
    word = "" if row.is_same is None else "same" if row.is_same else "different"
    before, after = _wrapped(row.before, column), _wrapped(row.after, column)
    pairs = list(zip_longest(before, after, fillvalue="")) or [("", "")]
    for number, (then, now) in enumerate(pairs):
        yield from _line("" if number else row.name, then, now, "" if number else word, column)


def _line(name: str, then: str, now: str, word: str, column: int) -> Iterator[str]:
    yield f"  {name:<{_NAMES}}{then:<{column}}  {now:<{column}}  {word}"


def _wrapped(text: str, column: int) -> list[str]:
    lines = [line for part in text.splitlines() for line in wrap(part, column - 1)]
    return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "…"]


def _verdict(done: int, changed: int, failed: int) -> str:
    cases = "1 case" if done == 1 else f"{done} cases"
    parts = [f"{changed} changed", f"{done - changed - failed} the same"]
    if failed:
        parts.append(f"{failed} could not be replayed")
    return f"{cases}: {', '.join(parts)}."
