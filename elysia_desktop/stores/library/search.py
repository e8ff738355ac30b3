"""Finding the rows of a request: by filter, order and page, or by keyword with BM25."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from elysia_desktop.stores import checks
from elysia_desktop.stores.comparisons import CREATION_TIME
from elysia_desktop.stores.library.filters import translated
from elysia_desktop.stores.library.hits import Hit
from elysia_desktop.stores.library.meaning import Asked, alpha_of, by_meaning
from elysia_desktop.stores.library.tables import NEW_SIGNS
from elysia_desktop.stores.library.values import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elysia_desktop.core.requests import AggregateRequest, QueryRequest, Sort
    from elysia_desktop.stores.library.columns import Columns
    from elysia_desktop.stores.library.meaning import Meaning
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table
    from elysia_desktop.stores.library.texts import Condition

_MOST_WORDS = 200  # of a pasted page the first words decide; each costs a lookup


def find(
    session: Session,
    table: Table,
    request: QueryRequest,
    meaning: Meaning | None = None,
    columns: Columns | None = None,
) -> tuple[list[Hit], int | None]:
    """The page of rows that a request asks for, and how many match in all.

    A vector or hybrid search needs `meaning`; how many match it is not known, each object does a little.
    """
    checked = checks.query(table.schema, request)
    where = translated(table, checked)
    if request.search in {"vector", "hybrid"}:
        wanted = request.offset + request.limit
        hits = find_by_meaning(session, table, request, where, wanted, meaning)
        return sorted_hits(session, table, hits, request.sort)[request.offset :], None
    if request.search == "none" and columns is not None:
        page = _page_of_columns(session, table, request, columns.page(session, table, request, checked))
        if page is not None:
            return page
    order = _order(table, request.sort)
    source, parameters, score = table.objects, where.parameters, "NULL"
    clause = where.sql
    if request.search == "keyword":
        parameters = (_words(request.text), *where.parameters)
        if request.filters or request.sort:
            source, score = _matches_joined(table), "-nearness"
            order = order or "nearness, row"
        else:
            source, score = table.search, "-rank"
            clause = f"{table.search} MATCH ?"
            order = f"rank, {table.search}.rowid"
    # A filter is faster without an order, and none is promised then.
    unsorted = "row" if request.filters else "uuid"
    row = "row" if table.objects in source else "rowid"
    # Counted on the way where that takes long: an index may give a page, but not the count, without reading all.
    count = "count(*) OVER ()" if where.is_costly else "NULL"
    found = session.rows(
        f"SELECT {row}, {score}, {count} FROM {source} WHERE {clause} "
        f"ORDER BY {order or unsorted} LIMIT ? OFFSET ?",
        (*parameters, request.limit, request.offset),
    )
    total = found[0][2] if found else None
    if total is None:
        is_none = where.is_costly and not found and not request.offset
        counted = f"SELECT count(*) FROM {source} WHERE {clause}"
        total = 0 if is_none else session.value(counted, parameters)
    return [Hit(row, score) for row, score, _ in found], total


def _matches_joined(table: Table) -> str:
    """The SQL of the objects that a keyword search finds."""
    # Both tables have columns of the same names, so of the search only two are let out.
    matches = f"SELECT rowid AS hit, rank AS nearness FROM {table.search} WHERE {table.search} MATCH ?"
    return f"({matches}) JOIN {table.objects} ON row = hit"


def _page_of_columns(
    session: Session, table: Table, request: QueryRequest, near: tuple[Sequence[int], int] | None
) -> tuple[list[Hit], int] | None:
    """The page among rows that columns in memory told, with how many match; None where they could not."""
    if near is None:
        return None
    hits = sorted_hits(session, table, [Hit(row) for row in near[0]], request.sort)
    return hits[request.offset : request.offset + request.limit], near[1]


def find_by_meaning(
    session: Session,
    table: Table,
    request: QueryRequest | AggregateRequest,
    where: Condition,
    wanted: int,
    meaning: Meaning | None,
) -> list[Hit]:
    """The best hits of a vector or hybrid search among the objects that match."""
    asked = Asked(request.search, request.text or "", alpha_of(request), where, wanted)
    return by_meaning(session, table, asked, meaning, lambda most: _worded(session, table, asked, most))


def sorted_hits(session: Session, table: Table, hits: list[Hit], sort: Sequence[Sort]) -> list[Hit]:
    """Hits in the order of a request; without one as they are."""
    if not sort:
        return hits
    by_row = {hit.row: hit for hit in hits}
    found = session.rows(
        f"SELECT row FROM {table.objects} WHERE row IN (SELECT value FROM json_each(?)) "
        f"ORDER BY {_order(table, sort)}",
        (compact(list(by_row)),),
    )
    return [by_row[row] for (row,) in found]


def _worded(session: Session, table: Table, asked: Asked, most: int) -> list[Hit]:
    """So many of the best hits of the keyword search among the objects that match."""
    words = _words(asked.text)
    if not words or not table.searched:
        return []
    matches = f"SELECT rowid AS hit, rank AS nearness FROM {table.search} WHERE {table.search} MATCH ?"
    if asked.where.sql != "1":
        matches = (
            f"SELECT hit, nearness FROM ({matches}) JOIN {table.objects} ON row = hit WHERE {asked.where.sql}"
        )
    found = session.rows(
        f"SELECT hit, -nearness FROM ({matches}) ORDER BY nearness, hit LIMIT ?",
        (words, *asked.where.parameters, most),
    )
    return [Hit(*hit) for hit in found]


def _order(table: Table, sort: Sequence[Sort]) -> str:
    if not sort:
        return ""
    parts = [f"{_sorted_by(table, part.property)} {part.direction.upper()}" for part in sort]
    # Objects without a value come last; in the further columns such a value is the smallest.
    return ", ".join([f"{parts[0]} NULLS LAST", *parts[1:], "uuid"])


def _sorted_by(table: Table, name: str) -> str:
    if name in {CREATION_TIME, "uuid"}:
        return "created" if name == CREATION_TIME else "uuid"
    return table.column(name).ordered


def _words(text: str | None) -> str:
    # Only what FTS5's tokenizer takes for part of a word is left, so nothing can be read as its syntax.
    kept = "".join(letter if _belongs_to_word(letter) else " " for letter in text or "")
    words = list(dict.fromkeys(kept.split()))[:_MOST_WORDS]
    return " OR ".join(f'"{word}"' for word in words)


def _belongs_to_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return letter not in NEW_SIGNS and (category[0] in "LNM" or category in {"Co", "Cn"})
