"""Reads JSON and JSON Lines as lines of “name: value”, records one a line, paths told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, loads
from typing import Any, cast

from elysia_desktop.stores.files.base import FileRefused
from elysia_desktop.stores.files.draft import Draft
from elysia_desktop.stores.files.readers import text as plain
from elysia_desktop.stores.files.source import Source

_BLANKS = re.compile(r"\s+")
_LOOKED_AT = 5
_TOLD = 5


def read(source: Source, draft: Draft) -> str | None:
    """The values with their paths; what is no JSON at all is read as plain text, and said so."""
    most = draft.limits.characters
    text = source.text(4 * most)
    try:
        whole = _parsed(text, source, draft)
    except JSONDecodeError as error:
        if not _read_lines(text, source, draft):
            draft.note(f"It is not valid JSON (line {error.lineno}: {error.msg}); it was read as plain text.")
            plain.read(source, draft)
            return "text"
    else:
        for line in lines_of(whole):
            draft.add(line, "\n")
    return None


def _read_lines(text: str, source: Source, draft: Draft) -> bool:
    """Whether it is JSON Lines, in which every line is a value; bad lines are taken as they stand."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    values: list[Any] = []
    bad: dict[int, str] = {}
    for number, line in lines:
        draft.check()
        try:
            values.append(_parsed(line, source, draft))
        except JSONDecodeError:
            values.append(line)
            bad[number] = line
        if len(values) == len(bad) == _LOOKED_AT:
            return False
    records = sum(isinstance(value, dict | list) for value in values)
    if len(lines) < 2 or records <= len(bad):
        return False
    for (number, _), value in zip(lines, values, strict=True):
        draft.progress = f"line {number:,}"
        draft.add(bad[number] if number in bad else record(value), "\n")
    if bad:
        told = ", ".join(str(number) for number in list(bad)[:_TOLD]) + (", …" if len(bad) > _TOLD else "")
        draft.note(f"Not valid JSON and taken as it stands: line {told}.")
    return True


def _parsed(text: str, source: Source, draft: Draft) -> Any:
    try:
        value = loads(text.lstrip("\ufeff"))
        too_deep = _depth(value, draft.limits.depth) > draft.limits.depth
    except RecursionError:
        too_deep = True
        value = None
    except JSONDecodeError:
        raise
    except ValueError as error:
        # a number of thousands of digits
        raise JSONDecodeError(str(error).split(";")[0], text, 0) from error
    if too_deep:
        raise FileRefused(
            f"“{source.name}” holds values nested more than {draft.limits.depth} levels deep.",
            "Save it with fewer levels.",
        )
    return value


def _depth(value: Any, most: int) -> int:
    """How deep values are nested, counted up to one more than `most`."""
    depth, level = 0, [value]
    while level and depth <= most:
        depth += 1
        level = [
            each
            for parent in level
            if isinstance(parent, dict | list)
            for each in cast("list[Any]", list(parent.values()) if isinstance(parent, dict) else parent)
        ]
    return depth


def lines_of(value: Any, path: str = "") -> Iterator[str]:
    """The value in lines: each element of a list of records is one, as is each value of an object."""
    match value:
        case dict():
            for name, each in cast("dict[str, Any]", value).items():
                yield from lines_of(each, f"{path}.{name}" if path else name)
        case list() if any(isinstance(each, dict | list) for each in cast("list[Any]", value)):
            for number, each in enumerate(cast("list[Any]", value), 1):
                where = f"{path} {number}: " if path else ""
                yield where + record(each)
        case _:
            yield f"{path}: {_scalar(value)}" if path else _scalar(value)


def record(value: Any) -> str:
    """An element of a list in one line, “name: value; name.part: value”."""
    return "; ".join(_leaves(value, ""))


def _leaves(value: Any, path: str) -> Iterator[str]:
    match value:
        case dict():
            for name, each in cast("dict[str, Any]", value).items():
                yield from _leaves(each, f"{path}.{name}" if path else name)
        case list() if any(isinstance(each, dict | list) for each in cast("list[Any]", value)):
            for number, each in enumerate(cast("list[Any]", value), 1):
                yield from _leaves(each, f"{path}[{number}]")
        case _:
            yield f"{path}: {_scalar(value)}" if path else _scalar(value)


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(_scalar(each) for each in cast("list[Any]", value)) or "none"
        case dict():
            return "none"
        case _:
            return _BLANKS.sub(" ", str(value)).strip()
