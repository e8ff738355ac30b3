"""Texts: comparing them term by term, so that most rows are decided without leaving SQLite."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.stores.terms import (
    BLANKS,
    pattern_expression,
    pattern_terms,
    sort_key,
    terms,
    trimmed,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from elysia_desktop.core.schema import Tokenization
    from elysia_desktop.stores.comparisons import Comparison

# With more values every text is looked at in Python.
_MOST_VALUES = 16
# SQLite nests conditions 1,000 deep at most.
_MOST_TERMS = 64
_MOST_LETTERS = 100

# A term of so many letters is found in few texts, even where others are left open.
_TELLING_LETTERS = 4

# Letters that are small ASCII letters once made small, which SQLite's LIKE does not know.
_SMALL_IN_ASCII = {"k": "\u212a", "i": "\u0130"}


@dataclass(frozen=True)
class Condition:
    """What stands after WHERE, and its parameters; `is_costly` where it reads texts to the end."""

    sql: str
    parameters: tuple[Any, ...] = ()
    is_costly: bool = False


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the conditions and orders use."""
    connection.create_function("has_terms", 4, _has_terms, deterministic=True)
    connection.create_function("fits_pattern", 3, _fits_pattern, deterministic=True)
    connection.create_function("sort_key", 1, sort_key, deterministic=True)


def trimmed_sql(name: str) -> str:
    """The SQL of a text without white space around it; built in, so that an index can be made of it."""
    return f"trim({name}, '{BLANKS}')"


def ordered_sql(name: str) -> str:
    """The SQL of what a text is ordered by."""
    # Most texts hold nothing but these signs, and SQLite alone can tell and make them small.
    plain = "] !#-%''-;=?-[^-~"
    return f"CASE WHEN {name} GLOB '*[^{plain}]*' THEN sort_key({name}) ELSE lower({name}) END"


def equal(name: str, compared: Comparison) -> Condition:
    """Texts that hold every term of the value; under `field`, that are the value."""
    value = cast("str", compared.value)
    if compared.tokenization == "field":
        return Condition(f"{trimmed_sql(name)} = ?", (trimmed(value),))
    return _holding_one(name, compared, [terms(value, compared.tokenization)])


def contains(name: str, compared: Comparison) -> Condition:
    """Lists of text that hold, in all their elements together, every term of any or all of the values."""
    values = cast("tuple[str, ...]", compared.value)
    wanted = [terms(value, compared.tokenization) for value in values]
    if compared.operator == "CONTAINS_ALL":
        wanted = [[term for one in wanted for term in one]]
    return _holding_one(name, compared, wanted)


def like(name: str, compared: Comparison) -> Condition:
    """Texts that hold a fitting term for every term of the pattern; under `field`, that fit the pattern."""
    pattern, cut = cast("str", compared.value), compared.tokenization
    fits = Condition(f"fits_pattern({name}, ?, ?)", (pattern, cut))
    return _decided(name, compared, [pattern_terms(pattern, cut)], fits)


def _holding_one(name: str, compared: Comparison, wanted: Sequence[Sequence[str]]) -> Condition:
    parameters = (json.dumps(wanted), compared.tokenization, int(compared.type.is_list))
    return _decided(name, compared, wanted, Condition(f"has_terms({name}, ?, ?, ?)", parameters))


def _decided(name: str, compared: Comparison, wanted: Sequence[Sequence[str]], exact: Condition) -> Condition:
    """The condition `exact`, decided for most texts by what SQLite can tell of them."""
    is_long = len(wanted) > _MOST_VALUES or sum(map(len, wanted)) > _MOST_TERMS
    if compared.tokenization == "trigram" or is_long:
        return replace(exact, is_costly=True)
    possible = _any(wanted, lambda term: _possible(name, compared, term))
    sure = _any(wanted, lambda term: _sure(name, compared, term))
    parameters = (*possible.parameters, *sure.parameters, *exact.parameters)
    return Condition(f"({possible.sql} AND ({sure.sql} OR {exact.sql}))", parameters, is_costly=True)


def _any(wanted: Sequence[Sequence[str]], condition: Callable[[str], Condition]) -> Condition:
    """True where the condition holds for all the terms of one of `wanted`."""
    values: list[str] = []
    parameters: list[Any] = []
    for one in wanted:
        parts = [condition(term) for term in dict.fromkeys(one)]
        values.append(" AND ".join(part.sql for part in parts) or "0")
        parameters.extend(value for part in parts for value in part.parameters)
    return Condition(f"({' OR '.join(values)})", tuple(parameters))


def _possible(name: str, compared: Comparison, term: str) -> Condition:
    """True for every text that can hold the term, and for few others."""
    letters = json.dumps(term, ensure_ascii=False)[1:-1] if compared.type.is_list else term
    signs = _LIKE_PATTERN if compared.operator == "LIKE" else _LIKE
    opened = "".join(signs.get(letter) or _open(letter) for letter in letters[:_MOST_LETTERS])
    found = f"{name} LIKE ? ESCAPE '\\'"
    others = [big for small, big in _SMALL_IN_ASCII.items() if small in term]
    if not others or compared.tokenization == "whitespace":
        return Condition(found, (f"%{opened}%",))
    closed = "".join("_" if letter in _SMALL_IN_ASCII else letter for letter in opened)
    if sum(letter.isalnum() for letter in closed) >= _TELLING_LETTERS:
        return Condition(found, (f"%{closed}%",))
    found = f"({found}{''.join(f' OR instr({name}, ?)' for _ in others)})"
    return Condition(found, (f"%{opened}%", *others))


def _sure(name: str, compared: Comparison, term: str) -> Condition:
    """True only for texts that hold the term: between two ASCII signs that part terms, in small letters."""
    kind = _PARTED.get(compared.tokenization)
    is_pattern = compared.operator == "LIKE"
    # An asterisk alone stands for a term, too, which has a letter at least.
    core = (term.strip("*") or "?") if is_pattern else term
    if kind is None or (is_pattern and "*" in core) or len(core) > _MOST_LETTERS:
        return Condition("0")
    before = "*" if is_pattern and term.startswith("*") else f"*{kind.parting}"
    after = "*" if is_pattern and term.endswith("*") else f"{kind.parting}*"
    signs = {**_GLOB, "?": kind.any_letter} if is_pattern else _GLOB
    glob = before + "".join(signs.get(letter, letter) for letter in core) + after
    text = f"' ' || {f'lower({name})' if kind.is_lowered else name} || ' '"
    found = f"({text}) GLOB ?"
    if compared.type.is_list:
        # An escape in the JSON text would look like a letter.
        return Condition(f"({found} AND NOT instr({name}, '\\'))", (glob,))
    if kind.is_lowered and "?" not in core:
        # Most terms stand between blanks, which LIKE finds a few times faster.
        first, last = "" if before == "*" else " ", "" if after == "*" else " "
        spaced = f"%{first}{''.join(_LIKE.get(letter, letter) for letter in core)}{last}%"
        return Condition(f"({name} LIKE ? ESCAPE '\\' OR {found})", (spaced, glob))
    return Condition(found, (glob,))


@dataclass(frozen=True)
class _Parted:
    """How terms are parted, as far as ASCII goes: the signs between them and those they are made of."""

    parting: str
    any_letter: str
    is_lowered: bool


_PARTED: dict[Tokenization, _Parted] = {
    "word": _Parted("[\x01-/:-@[-`{-\x7f]", "[a-z0-9]", is_lowered=True),
    "lowercase": _Parted("[\t-\r ]", "[!-~]", is_lowered=True),
    "whitespace": _Parted("[\t-\r ]", "[!-~]", is_lowered=False),
}

_GLOB = {"*": "[*]", "?": "[?]", "[": "[[]"}
_LIKE = {"%": "\\%", "_": "\\_", "\\": "\\\\"}
_LIKE_PATTERN = {**_LIKE, "*": "%", "?": "_"}


def _open(letter: str) -> str:
    """The letter itself, or any where SQLite's LIKE would tell the small from the capital one."""
    return letter if letter.isascii() or letter.upper() == letter.lower() else "_"


def _has_terms(text: str | None, wanted: str, tokenization: Tokenization, is_list: int) -> bool | None:
    if text is None:
        return None
    elements = cast("list[str]", json.loads(text)) if is_list else [text]
    bag = {term for element in elements for term in terms(element, tokenization)}
    return any(one <= bag for one in _wanted(wanted))


@lru_cache(maxsize=64)
def _wanted(text: str) -> list[frozenset[str]]:
    return [frozenset(one) for one in cast("list[list[str]]", json.loads(text))]


def _fits_pattern(text: str | None, pattern: str, tokenization: Tokenization) -> bool | None:
    if text is None:
        return None
    found = terms(text, tokenization)
    return all(any(map(expression.fullmatch, found)) for expression in _expressions(pattern, tokenization))


@lru_cache(maxsize=64)
def _expressions(pattern: str, tokenization: Tokenization) -> list[re.Pattern[str]]:
    return [pattern_expression(term) for term in pattern_terms(pattern, tokenization)]
