"""JSON with line breaks and indentation, otherwise to the letter."""

from __future__ import annotations

import json
import re

LONGEST = 200_000
_INDENT = "  "
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def indented(text: str) -> str:
    """The text with its JSON indented; as it is when it is no JSON object or list, or very long.

    Only white space between values changes: numbers, escapes and repeated keys stay as they were written.
    """
    if len(text) > LONGEST or not text.lstrip().startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return "".join(_parts(_TOKEN.findall(text)))


def _parts(tokens: list[str]) -> list[str]:
    parts: list[str] = []
    depth = 0
    for before, token in zip(["", *tokens], tokens, strict=False):
        if token in "}]":
            depth -= 1
            if before not in ("{", "["):
                parts.append("\n" + _INDENT * depth)
        elif before in ("{", "[", ","):
            parts.append("\n" + _INDENT * depth)
        parts.append(": " if token == ":" else token)
        if token in "{[":
            depth += 1
    return parts
