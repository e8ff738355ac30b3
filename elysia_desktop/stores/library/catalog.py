"""The catalogue: which collections there are, their schemas and what analysis wrote about them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.errors import NotSupported, QueryRejected
from elysia_desktop.core.schema import CollectionInfo
from elysia_desktop.stores import checks
from elysia_desktop.stores.library.tables import Table, table_of
from elysia_desktop.stores.library.values import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elysia_desktop.core.schema import CollectionSchema, VectorConfig
    from elysia_desktop.stores.library.session import Session

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = frozenset({"uuid", "id"})
_LONGEST_NAME = 200
_MOST_PROPERTIES = 900  # SQLite stops at 2,000 columns, and a date takes two


def infos(session: Session) -> list[CollectionInfo]:
    """All collections with their number of objects, by name."""
    found = session.rows("SELECT name, id FROM collections ORDER BY name")
    return [
        CollectionInfo(name=name, count=session.value(f"SELECT count(*) FROM objects_{identifier}"))
        for name, identifier in found
    ]


def names(session: Session) -> list[str]:
    """The names of all collections."""
    return [name for (name,) in session.rows("SELECT name FROM collections ORDER BY name")]


def find(session: Session, name: str) -> Table:
    """The table of a collection; raises `QueryRejected` naming those there are."""
    try:
        found = session.rows("SELECT id, schema FROM collections WHERE name = ?", (name,))
    except UnicodeEncodeError:  # half a surrogate pair, which is in no name
        found = []
    if not found:
        raise QueryRejected.unknown("collection", name, names(session))
    return table_of(*found[0])


def again(session: Session, table: Table) -> Table:
    """The table of the same collection in a later transaction; raises `QueryRejected` where it was dropped."""
    found = session.rows("SELECT schema FROM collections WHERE id = ?", (table.id,))
    if not found:
        raise QueryRejected(
            f"The collection “{table.schema.name}” was dropped meanwhile.",
            "Begin anew, also where there is a new one of that name by now.",
        )
    return table_of(table.id, *found[0])


def create(session: Session, schema: CollectionSchema) -> None:
    """Make an empty collection; raises `QueryRejected` when a name is taken or not allowed."""
    _check(schema)
    if session.value("SELECT 1 FROM collections WHERE name = ?", (schema.name,)):
        raise QueryRejected(
            f"There is a collection “{schema.name}” already.",
            "Choose another name or drop the old one first.",
        )
    try:
        text = schema.model_dump_json()
    except ValueError:  # all that a schema can hold and JSON cannot
        raise QueryRejected(
            f"What describes “{schema.name}” contains half a surrogate pair, which is not valid Unicode.",
            "Leave that character out of the descriptions.",
        ) from None
    session.run("INSERT INTO collections (name, schema) VALUES (?, ?)", (schema.name, text))
    for statement in find(session, schema.name).creation():
        session.run(statement)


def drop(session: Session, name: str) -> tuple[int, list[str]]:
    """Remove a collection with all that belongs to it; returns its number and the files made of its vectors."""
    table = find(session, name)
    files = session.rows("SELECT token FROM vector_files WHERE collection = ?", (table.id,))
    for statement in table.removal():
        session.run(statement)
    session.run("DELETE FROM collections WHERE id = ?", (table.id,))
    return table.id, [token for (token,) in files]


def give_back_space(session: Session) -> None:
    """Shorten the file by the pages that nothing uses any more."""
    # One by one: sqlite3 takes only the first step of the statement.
    for _ in range(session.value("PRAGMA freelist_count")):
        session.run("PRAGMA incremental_vacuum")


def keep_vectors(session: Session, table: Table, vectors: tuple[VectorConfig, ...]) -> Table:
    """Write the collection's vectors into its schema; returns its table with them."""
    if vectors == table.schema.vectors:
        return table
    schema = table.schema.model_copy(update={"vectors": vectors})
    session.run("UPDATE collections SET schema = ? WHERE id = ?", (schema.model_dump_json(), table.id))
    # What is not made by an embedder any more waits for none.
    made = compact([vector.name for vector in vectors if vector.vectorizer != "none"])
    session.run(f"DELETE FROM {table.pending} WHERE name NOT IN (SELECT value FROM json_each(?))", (made,))
    return find(session, schema.name)


def count_change(session: Session, table: Table) -> None:
    """Note that objects changed, for every process that keeps columns of them in memory."""
    session.run("UPDATE collections SET revision = revision + 1 WHERE id = ?", (table.id,))


def revision(session: Session, name: str) -> str:
    """What is another after every change of the collection's objects, in whichever process."""
    number, count = session.rows(
        "SELECT id, revision FROM collections WHERE id = ?", (find(session, name).id,)
    )[0]
    return f"{number}.{count}"


def metadata(session: Session, name: str) -> dict[str, Any] | None:
    """What analysis wrote about the collection."""
    found = session.value("SELECT value FROM metadata WHERE collection = ?", (find(session, name).id,))
    return None if found is None else json.loads(found)


def put_metadata(session: Session, name: str, value: Mapping[str, Any]) -> None:
    """Keep what analysis wrote about the collection."""
    session.run(
        "INSERT OR REPLACE INTO metadata (collection, value) VALUES (?, ?)",
        (find(session, name).id, compact(value)),
    )


def delete_metadata(session: Session, name: str) -> bool:
    """Forget what analysis wrote; whether there was anything."""
    return session.run("DELETE FROM metadata WHERE collection = ?", (find(session, name).id,)) > 0


def _check(schema: CollectionSchema) -> None:
    if schema.multi_tenant:
        raise NotSupported(
            "The library has no tenants.", "Create the collection without them, or use a Weaviate connection."
        )
    _check_name("collection", schema.name)
    checks.new_vectors(schema)
    if len(schema.properties) > _MOST_PROPERTIES:
        raise QueryRejected(
            f"{len(schema.properties)} properties are more than a collection can have.",
            f"Leave some out; the limit is {_MOST_PROPERTIES}.",
        )
    seen: set[str] = set()
    for prop in (*schema.properties, *schema.references):
        _check_name("property", prop.name)
        if prop.name in _RESERVED:
            raise QueryRejected(
                f"“{prop.name}” cannot be a property: every object has a uuid of its own.",
                f"Call it something else, such as “{schema.name.lower()}_{prop.name}”.",
            )
        if prop.name in seen:
            raise QueryRejected(
                f"There are two properties called “{prop.name}”.", "Give each a name of its own."
            )
        seen.add(prop.name)


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise QueryRejected(
            f"“{name}” cannot be the name of a {kind}.",
            f"Use the letters A to Z, digits and _, a letter first, at most {_LONGEST_NAME} in all.",
        )
