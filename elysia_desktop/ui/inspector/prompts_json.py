"""JSON with line breaks and indentation, otherwise to the letter."""

from __future__ import annotations

import json
import re

LONGEST = 200_000
_INDENT = "  "
_ESCAPED = re.compile(r'"(?:[^"\\]|\\.)*"')
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


def in_plain_letters(text: str) -> str:
    """The same with letters in place of their escapes, for reading; the numbers stay as they were written."""
    return _ESCAPED.sub(_unescaped, shown) if (shown := indented(text)) != text else text


def _unescaped(token: re.Match[str]) -> str:
    if "\\u" not in token[0]:
        return token[0]
    plain = json.dumps(json.loads(token[0]), ensure_ascii=False)
    # What cannot be seen, such as half of a pair, stays an escape.
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in plain)


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
