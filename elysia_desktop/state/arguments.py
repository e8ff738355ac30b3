"""Reads the arguments of a function call, which a model may have written almost as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError

_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_FENCED = re.compile(r"\s*```[\w-]*\s*\n(?P<inside>.*?)\n?\s*```\s*", re.DOTALL)
_TRAILING = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])', re.DOTALL)
_DEEPEST = 60
"""No arguments that a tool asks for are nested further; what is would exhaust the stack somewhere."""
_SHOWN = 80
_MOST = 8
"""So many problems are told; a list with a thousand wrong items says nothing more."""


def read_arguments(written: str) -> dict[str, Any] | None:
    """The arguments, None if they are no JSON object.

    Code fences, trailing commas and an object within a text are seen through. What was cut off is not completed:
    a function must not run on half of what it was meant to be told.
    """
    if not written.strip():
        return {}
    fenced = _FENCED.fullmatch(written)
    read = _json(fenced["inside"] if fenced else written)
    if isinstance(read, str):
        read = _json(read)
    if read is None:
        return {} if written.strip() == "null" else None
    return cast("dict[str, Any]", read) if isinstance(read, dict) else None


def validated(tool: type[BaseModel], written: str) -> BaseModel:
    """The tool with its arguments; pydantic's `ValidationError` where they are no JSON or do not fit."""
    arguments = read_arguments(written)
    if arguments is None:
        refused: ValidationError = ValidationError.from_exception_data(
            tool.__name__,
            [{"type": "json_invalid", "loc": (), "input": written, "ctx": {"error": _why(written)}}],
        )
        raise refused
    return tool.model_validate(arguments)


def told_of(tool: type[BaseModel], error: ValidationError) -> str:
    """What is wrong with the arguments, field by field, for the model to mend."""
    problems = error.errors(include_url=False, include_context=False)
    if problems and problems[0]["type"] == "json_invalid":
        return (
            f"The arguments of {tool.__name__} cannot be read. {problems[0]['msg']}. Write one JSON object."
        )
    lines = [f"- {_place(p['loc'])}: {p['msg']}{_given(p)}" for p in problems[:_MOST]]
    if len(problems) > _MOST:
        lines.append(f"- and {len(problems) - _MOST} more")
    return "\n".join(
        [f"The arguments of {tool.__name__} do not fit:", *lines, "Call it again with these mended."]
    )


def _json(text: str) -> Any:
    """What JSON says, None for what is none."""
    if _depth(text) > _DEEPEST:
        return None
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(_TRAILING.sub(lambda found: found["text"] or "", text))
    except ValueError:
        return None


def _why(written: str) -> str:
    """What a reader of JSON stumbles over."""
    if _depth(written) > _DEEPEST:
        return f"nested more than {_DEEPEST} levels deep"
    try:
        value: object = json.loads(written)
    except ValueError as error:
        return str(error)
    return f"a {_KINDS.get(type(value).__name__, 'value')} stands where an object should"


_KINDS = {"str": "text", "list": "list", "int": "number", "float": "number", "bool": "boolean"}


def _depth(text: str) -> int:
    """How deep brackets are open at most, outside of texts."""
    if max(map(text.count, "[{")) <= _DEEPEST:
        return 0
    depth = deepest = 0
    for sign in re.findall(r"[\[\]{}]", _TEXTS.sub("", text)):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "all of them"


def _given(problem: Mapping[str, Any]) -> str:
    """What was given, where that was anything."""
    if problem["type"] == "missing":
        return ""
    # half of a character, which JSON may spell as an escape, could not be sent back
    shown = json.dumps(problem["input"], ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    return f" (got {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'})"
