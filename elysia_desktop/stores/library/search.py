"""Finding the rows of a request: by filter, order and page, or by keyword with BM25."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.requests import MAX_LIMIT
from elysia_desktop.stores.library.filters import CREATION_TIME, condition
from elysia_desktop.stores.library.tables import NEW_SIGNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elysia_desktop.core.requests import QueryRequest, Search, Sort
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table

_MOST_WORDS = 200  # of a pasted page the first words decide; each costs a lookup


@dataclass(frozen=True)
class Hit:
    """A row that matches, with its score (higher is nearer) where a search gave one."""

    row: int
    score: float | None = None


def find(session: Session, table: Table, request: QueryRequest) -> tuple[list[Hit], int]:
    """The page of rows that a request asks for, and how many match in all."""
    if request.offset + request.limit > MAX_LIMIT:
        raise QueryRejected(
            f"offset + limit is {request.offset + request.limit}, the most is {MAX_LIMIT}.",
            "Narrow the question with filters, or export the collection to read everything.",
        )
    refuse_vectors(table, request.search)
    order = _order(table, request.sort)
    where = condition(table, request.filters)
    source, parameters, score = table.objects, where.parameters, "NULL"
    clause = where.sql
    if request.search == "keyword":
        parameters = (_words(table, request.text), *where.parameters)
        if request.filters or request.sort:
            # Both tables have columns of the same names, so of the search only two are let out.
            matches = (
                f"SELECT rowid AS hit, rank AS nearness FROM {table.search} WHERE {table.search} MATCH ?"
            )
            source, score = f"({matches}) JOIN {table.objects} ON row = hit", "-nearness"
            order = order or "nearness, row"
        else:
            source, score = table.search, "-rank"
            clause = f"{table.search} MATCH ?"
            order = f"rank, {table.search}.rowid"
    total = session.value(f"SELECT count(*) FROM {source} WHERE {clause}", parameters)
    row = "row" if table.objects in source else "rowid"
    found = session.rows(
        f"SELECT {row}, {score} FROM {source} WHERE {clause} ORDER BY {order or 'row'} LIMIT ? OFFSET ?",
        (*parameters, request.limit, request.offset),
    )
    return [Hit(*hit) for hit in found], total


def refuse_vectors(table: Table, search: Search) -> None:
    """Raise `NotSupported`, saying why, for a search that needs vectors."""
    if search not in {"vector", "hybrid"}:
        return
    name = table.schema.name
    if not any(vector.dimensions for vector in table.schema.vectors):
        raise NotSupported(
            f"“{name}” has no vectors to search by: no embedder was chosen for it.",
            'Use search="keyword", or choose an embedder for the collection in the settings.',
        )
    raise NotSupported(
        f"“{name}” has vectors, but no embedder that turns the question into one.",
        'Use search="keyword", or choose the embedder that made the vectors in the settings.',
    )


def _order(table: Table, sort: Sequence[Sort]) -> str:
    if not sort:
        return ""
    parts = [f"{_sorted_by(table, part.property)} {part.direction.upper()} NULLS LAST" for part in sort]
    return ", ".join([*parts, "uuid"])


def _sorted_by(table: Table, name: str) -> str:
    if name in {CREATION_TIME, "uuid"}:
        return "created" if name == CREATION_TIME else "uuid"
    column = table.column(name)
    if not column.is_scalar:
        sortable = [c.prop.name for c in table.columns if c.is_scalar]
        kind = "lists" if column.type.is_list else "objects"
        raise QueryRejected(
            f"“{name}” holds {kind}, which have no order to sort by.",
            f"Sort by one of: {', '.join(sortable)}." if sortable else "Leave out the sort.",
        )
    return f'"{column.compared}"'


def _words(table: Table, text: str | None) -> str:
    if not table.searched:
        raise QueryRejected(
            f"“{table.schema.name}” has no text that can be searched.", "Use filters instead of a search."
        )
    # Only what FTS5's tokenizer takes for part of a word is left, so nothing can be read as its syntax.
    kept = "".join(letter if _belongs_to_word(letter) else " " for letter in text or "")
    words = list(dict.fromkeys(kept.split()))[:_MOST_WORDS]
    if not words:
        raise QueryRejected(
            "The search has no words to look for.", 'Give a text, or use search="none" with filters.'
        )
    return " OR ".join(f'"{word}"' for word in words)


def _belongs_to_word(letter: str) -> bool:
    category = unicodedata.category(letter)
    return letter not in NEW_SIGNS and (category[0] in "LNM" or category in {"Co", "Cn"})
