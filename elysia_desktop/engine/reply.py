"""Reads what a model wrote as the object it was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError

_DEEPEST = 60
"""No reply that is asked for is nested further; what is would exhaust the stack somewhere."""
_LONGEST_MENDED = 100_000
"""Characters; mending takes longer the longer a reply is."""
_BRACKETS = re.compile(r"[\[\]{}]")
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)

Explain = Callable[[Mapping[str, Any]], str | None]
"""Says what is wrong with an object of another form than asked for, where it knows better than the form does."""


def read_reply(
    outputs: type[BaseModel], text: str, cut_short: bool, explain: Explain | None = None
) -> tuple[BaseModel | None, str]:
    """The reply, or why it cannot be read; of one that was cut off, what had been finished is enough."""
    data = json_in(text)
    if not isinstance(data, dict):
        return None, "It was cut off: write less." if cut_short else "It was not a JSON object."
    try:
        return outputs.model_validate(data), ""
    except ValidationError as error:
        if cut_short and _drop_unfinished(data, error):
            return read_reply(outputs, json.dumps(data), cut_short, explain)
        if explain is not None and (told := explain(cast("dict[str, Any]", data))):
            return None, told
        problems = error.errors(include_url=False, include_context=False)[:4]
        listed = "; ".join(f"{_place(p['loc'])}: {p['msg']} (got {_short(p['input'])})" for p in problems)
        return None, listed + (" It was also cut off: write less." if cut_short else "")


def _drop_unfinished(data: Any, error: ValidationError) -> bool:
    """Take out the item that a list was cut off in, if everything wrong is in there and others are left."""
    places = [problem["loc"] for problem in error.errors(include_url=False, include_context=False)]
    at: Any = data
    for depth, part in enumerate(places[0]):
        if isinstance(at, list) and isinstance(part, int):
            items = cast("list[Any]", at)
            if 0 < part == len(items) - 1 and all(p[: depth + 1] == places[0][: depth + 1] for p in places):
                items.pop()
                return True
            at = items[part]
        elif isinstance(at, dict):
            at = cast("dict[Any, Any]", at).get(part)
        # any other part names a choice among types: it leads no deeper into the data
    return False


def json_in(text: str) -> Any:
    """The JSON object in a reply, also where a small model wrapped it in prose or broke off."""
    if _is_nested_too_deep(text):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return _mended(text.rpartition("</think>")[2])


def _mended(answer: str) -> Any:
    import json_repair

    start = answer.find("{")
    if start < 0:
        return None
    try:
        return json_repair.loads(answer[start : start + _LONGEST_MENDED])
    except (RecursionError, ValueError):
        return None


def _is_nested_too_deep(text: str) -> bool:
    """Whether brackets are open, outside of its texts, beyond what any reply needs."""
    return _depth(text) > _DEEPEST and _depth(_STRINGS.sub("", text)) > _DEEPEST


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the reply"


def _short(value: Any) -> str:
    # half of a character, which a reply may spell as an escape, could not be sent back
    shown = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    return shown if len(shown) <= 80 else shown[:77] + "…"
