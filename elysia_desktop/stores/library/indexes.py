"""Indexes: made where they pay, once there are objects enough to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elysia_desktop.core.schema import DataType
from elysia_desktop.stores.library import catalog
from elysia_desktop.stores.library.texts import trimmed_sql

if TYPE_CHECKING:
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Column, Table

_FEWEST_OBJECTS = 2_000  # below, reading everything takes a millisecond or two
_MOST_INDEXES = 12  # each slows down every insert
_LONGEST_TEXT = 64  # on average; an index of long texts would be a second copy of them


def tune(session: Session, table: Table) -> Table:
    """Index numbers, dates and short texts, and tell SQLite's planner how the values are spread.

    Returns the table as it is now; raises `QueryRejected` where the collection was dropped since.
    """
    table = catalog.again(session, table)
    if session.value(f"SELECT count(*) FROM {table.objects}") < _FEWEST_OBJECTS:
        return table
    useful = [column for column in table.columns if column.prop.filterable and _pays(session, table, column)]
    for column in useful[:_MOST_INDEXES]:
        name, values = f"by_{table.id}_{column.compared}", f'"{column.compared}"'
        if column.type is DataType.TEXT and column.prop.tokenization == "field":
            name, values = f"{name}_trimmed", trimmed_sql(values)
        session.run(f'CREATE INDEX IF NOT EXISTS "{name}" ON {table.objects} ({values})')
    session.run(f"ANALYZE {table.objects}")
    return table


def _pays(session: Session, table: Table, column: Column) -> bool:
    if column.type.is_number or column.type is DataType.DATE:
        return True
    if column.type is not DataType.TEXT:
        return False
    length = session.value(
        f'SELECT avg(length("{column.name}")) FROM (SELECT "{column.name}" FROM {table.objects} LIMIT 1000)'
    )
    return length is not None and length <= _LONGEST_TEXT
