"""Terms: how a text is cut into the words that filters compare, by tokenization."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elysia_desktop.core.schema import Tokenization

# White space as Weaviate knows it: Python's own also takes the separators 0x1C to 0x1F for it.
BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_NOT_BLANK = re.compile(f"[^{BLANKS}]+")
_WORD = re.compile(r"[^\W_]+")
_WORD_OF_PATTERN = re.compile(r"(?:[^\W_]|[*?])+")
_GRAM = 3


def terms(text: str, tokenization: Tokenization = "word") -> list[str]:
    """The terms of a text; those of languages that need a dictionary are told apart as `word` does."""
    match tokenization:
        case "field":
            return [trimmed(text)]
        case "whitespace":
            return _NOT_BLANK.findall(text)
        case "lowercase":
            return _NOT_BLANK.findall(lowered(text))
        case "trigram":
            return _grams("".join(_WORD.findall(text)))
        case _:
            return _WORD.findall(lowered(text))


def pattern_terms(pattern: str, tokenization: Tokenization = "word") -> list[str]:
    """The terms of a LIKE pattern; `*` and `?` belong to them."""
    match tokenization:
        case "field" | "whitespace" | "lowercase":
            return terms(pattern, tokenization)
        case "trigram":
            return _grams("".join(_WORD_OF_PATTERN.findall(pattern)))
        case _:
            return _WORD_OF_PATTERN.findall(lowered(pattern))


def trimmed(text: str) -> str:
    """The text without white space around it."""
    return text.strip(BLANKS)


def lowered(text: str) -> str:
    """The text in small letters, one for one: Python's own rules make two of “İ” and look at a word's end."""
    if text.isascii():
        return text.lower()
    if "İ" not in text and "Σ" not in text:
        return text.lower()
    return "".join("i" if letter == "İ" else letter.lower() for letter in text)


@lru_cache(maxsize=256)
def pattern_expression(term: str) -> re.Pattern[str]:
    """What a term of a pattern fits, to be used with `fullmatch`; no wildcard stands for a line break."""
    first, *others = ("".join(map(_sign, part)) for part in re.split(r"\*+", term))
    if not others:
        return re.compile(first)
    # Atomic: the leftmost place is always right, and trying others would take ages with many asterisks.
    middle = "".join(f"(?>.*?{part})" for part in others[:-1])
    return re.compile(f"{first}{middle}.*{others[-1]}")


def _sign(letter: str) -> str:
    return "." if letter == "?" else re.escape(letter)


def sort_key(text: str) -> str:
    """What text is ordered by, letter for letter: small, and with some signs between “[” and “]”.

    Weaviate compares the JSON text, in which these are escaped: quotes, backslashes, line breaks and other
    control characters, <, > and &.
    """
    if not _ESCAPED.search(text):
        return lowered(text)
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return lowered(escaped.translate(_ESCAPES))


_ESCAPED = re.compile('["\\\\<>&\\x00-\\x1f\u2028\u2029]')
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def _grams(letters: str) -> list[str]:
    small = lowered(letters)
    return [small[start : start + _GRAM] for start in range(len(small) - _GRAM + 1)]
