"""Searching conversations: which words are looked for, and which words a payload has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from elysia_desktop.core.payloads import Payload

_MOST_SEARCH_WORDS = 32


def search_conditions(search: str) -> Iterator[tuple[str, str]]:
    """For each word of what a person looks for, where it is looked up and the value to look for."""
    words = [word for word in storable(search).replace("\0", " ").split() if any(map(_is_told_apart, word))]
    for word in words[:_MOST_SEARCH_WORDS]:
        if any(map(is_unspaced, word)):
            pattern = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            yield r"texts x WHERE x.text LIKE ? ESCAPE '\'", f"%{pattern}%"
        else:
            quoted = word.replace('"', '""')  # a quoted phrase has no syntax inside
            yield "search s JOIN texts x ON x.number = s.rowid WHERE s.text MATCH ?", f'"{quoted}"*'


def searchable(payload: Payload) -> str:
    """The words of an answer or of retrieved objects."""
    content = payload.get("payload")
    if payload.get("type") not in {"text", "result"} or not isinstance(content, dict):
        return ""
    objects: Any = content.get("objects")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return storable("\n".join(_words(objects)))


def storable(text: str) -> str:
    """The text without halves of surrogate pairs, which SQLite refuses; pasted text may hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_told_apart(character: str) -> bool:
    return character.isalnum() or is_unspaced(character)


def is_unspaced(character: str) -> bool:
    """Whether it is of a script without spaces, whose words the index does not see, or a pictograph."""
    return "\u0e00" <= character <= "\u0eff" or character >= "\u2e80"


def _words(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bool() | None:
            pass
        case int() | float():
            yield str(value)
        case Mapping():
            for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
                if key != "_REF_ID":
                    yield from _words(item)
        case list() | tuple():
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                yield from _words(item)
        case _:
            pass
