"""Objects: checked and written in batches, read by row, id or page."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from elysia_desktop.core.errors import QueryRejected
from elysia_desktop.stores.base import NO_PROPERTIES, Rejected
from elysia_desktop.stores.fitting import Unfit, cursor, described, fitted_uuid
from elysia_desktop.stores.library import catalog, embedding, vectors
from elysia_desktop.stores.library.filters import condition
from elysia_desktop.stores.library.hits import Hit
from elysia_desktop.stores.library.moments import micros
from elysia_desktop.stores.library.tables import stored_object
from elysia_desktop.stores.library.values import compact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from elysia_desktop.core.requests import Filter
    from elysia_desktop.stores.base import StoredObject
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Table
    from elysia_desktop.stores.library.vectors import Vector


@dataclass(frozen=True)
class Prepared:
    """An object as its columns hold it."""

    index: int
    uuid: str
    values: tuple[Any, ...]
    vectors: dict[str, Vector]


@dataclass
class Batch:
    """The next objects of a stream: those to write and those that do not fit."""

    objects: list[Prepared] = field(default_factory=list[Prepared])
    rejected: list[Rejected] = field(default_factory=list[Rejected])
    taken: int = 0


def next_batch(table: Table, source: Iterator[tuple[int, Any]], size: int) -> Batch:
    """Take at most `size` objects from the stream and check them."""
    batch = Batch()
    for index, given in islice(source, size):
        batch.taken += 1
        try:
            batch.objects.append(_prepared(table, index, given))
        except Unfit as error:
            uuid: Any = cast("Mapping[str, Any]", given).get("uuid") if isinstance(given, Mapping) else None
            batch.rejected.append(Rejected(index, None if uuid is None else str(uuid), str(error)))
    return batch


def _prepared(table: Table, index: int, given: Any) -> Prepared:
    if not isinstance(given, Mapping):
        raise Unfit(f"It is {described(given)}, not an object with properties.")
    values = cast("Mapping[str, Any]", given)
    _check_names(table, values)
    columns: list[Any] = []
    for column in table.columns:
        columns.extend(column.encode(values.get(column.prop.name)))
    uuid = values.get("uuid")
    vector = values.get("_vector")
    return Prepared(
        index,
        str(uuid4()) if uuid is None else fitted_uuid(uuid),
        tuple(columns),
        {} if vector is None else vectors.given(table.schema, vector),
    )


def _check_names(table: Table, values: Mapping[str, Any]) -> None:
    for name in values.keys() - table.names - NO_PROPERTIES:
        error = QueryRejected.unknown("property", str(name), table.names_in_order, table.schema.name)
        raise Unfit(error.sentence)


def write(session: Session, table: Table, batch: Batch) -> None:
    """Store a batch that was checked for this table; objects whose vectors do not fit are moved to the rejected ones.

    Raises `QueryRejected` where the collection was dropped since.
    """
    table = catalog.again(session, table)
    configs = table.schema.vectors
    kept: list[Prepared] = []
    for prepared in batch.objects:
        if problem := vectors.misfit(configs, prepared.vectors):
            batch.rejected.append(Rejected(prepared.index, prepared.uuid, problem))
            continue
        configs = vectors.widened(configs, prepared.vectors)
        kept.append(prepared)
    batch.objects = kept
    uuids = [prepared.uuid for prepared in kept]
    old = _rows_of(session, table, uuids).values()
    _index(session, table, old, remove=True)
    if configs != table.schema.vectors:
        table = catalog.keep_vectors(session, table, configs)
    before = embedding.texts_of(session, table, embedding.embedded(table.schema), old)
    created = micros(datetime.now(UTC))
    session.run_many(table.upsert, ((p.uuid, created, *p.values) for p in kept))
    rows = _rows_of(session, table, uuids)
    _index(session, table, rows.values())
    catalog.count_change(session, table)
    if configs:
        given = {rows[p.uuid]: p.vectors for p in kept}
        embedding.follow(session, table, before, given, old)


def update(session: Session, name: str, uuid: str, properties: Mapping[str, Any]) -> Table:
    """Change some properties of one object and return its table; raises `QueryRejected` where they do not fit."""
    table = catalog.find(session, name)
    identifier = _canonical(uuid)
    row = _rows_of(session, table, [identifier]).get(identifier)
    if row is None:
        raise QueryRejected(
            f"There is no object {uuid} in {name}.", "Ask for the objects again; it was deleted."
        )
    try:
        changed, named = _change(table, identifier, properties)
    except Unfit as error:
        raise QueryRejected(str(error), "Mend the value and try again.") from None
    if named:
        table = catalog.keep_vectors(session, table, vectors.widened(table.schema.vectors, named))
    before = embedding.texts_of(session, table, embedding.embedded(table.schema), [row])
    if changed:
        assignments = ", ".join(f'"{column}" = ?' for column in changed)
        _index(session, table, [row], remove=True)
        session.run(f"UPDATE {table.objects} SET {assignments} WHERE row = ?", (*changed.values(), row))
        _index(session, table, [row])
        catalog.count_change(session, table)
    # Vectors that came along replace all that the owner brought before; without any those stay.
    embedding.follow(session, table, before, {row: named or {}}, [row], replaced=named is not None)
    return table


def _change(
    table: Table, uuid: str, properties: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Vector] | None]:
    """The column values and vectors to write; raises `Unfit`."""
    _check_names(table, properties)
    if fitted_uuid(properties.get("uuid", uuid)) != uuid:
        raise Unfit("An object keeps its uuid.")
    vector = properties.get("_vector")
    named = None if vector is None else vectors.given(table.schema, vector)
    if problem := vectors.misfit(table.schema.vectors, named or {}):
        raise Unfit(problem)
    changed: dict[str, Any] = {}
    for column in table.columns:
        name = column.prop.name
        if name in properties:
            changed.update(zip(column.names, column.encode(properties[name]), strict=True))
    return changed, named


def delete(session: Session, name: str, uuids: Sequence[str]) -> int:
    """Remove objects; returns how many there were."""
    table = catalog.find(session, name)
    rows = list(_rows_of(session, table, [_canonical(uuid) for uuid in uuids]).values())
    _index(session, table, rows, remove=True)
    session.run(
        f"DELETE FROM {table.objects} WHERE row IN (SELECT value FROM json_each(?))", (compact(rows),)
    )
    catalog.count_change(session, table)
    return len(rows)


def load(
    session: Session, table: Table, hits: Sequence[Hit], properties: Iterable[str] | None = None
) -> list[StoredObject]:
    """The objects of these rows, in this order."""
    columns = table.selected(properties)
    names = "".join(f', "{column.name}"' for column in columns)
    found = session.rows(
        f"SELECT row, uuid{names} FROM {table.objects} WHERE row IN (SELECT value FROM json_each(?))",
        (compact([hit.row for hit in hits]),),
    )
    by_row = {row: stored_object(columns, uuid, values) for row, uuid, *values in found}
    objects: list[StoredObject] = []
    for hit in hits:
        stored = by_row.get(hit.row)
        if stored is None:  # vectors may be those of a later moment, when the object was gone
            continue
        if hit.score is not None:
            stored["_score"] = hit.score
        objects.append(stored)
    return objects


def get(session: Session, name: str, uuids: Sequence[str]) -> list[StoredObject]:
    """The objects with these ids, in the order asked; unknown ids are left out."""
    table = catalog.find(session, name)
    wanted = list(dict.fromkeys(_canonical(uuid) for uuid in uuids))
    rows = _rows_of(session, table, wanted)
    return load(session, table, [Hit(rows[uuid]) for uuid in wanted if uuid in rows])


def sample(session: Session, name: str, n: int, seed: int) -> list[StoredObject]:
    """A uniform sample of at most `n` objects, the same for the same seed and data."""
    table = catalog.find(session, name)
    # By uuid, which the index of the uuids answers alone and which does not tell how the data came in.
    rows = [row for (row,) in session.rows(f"SELECT row FROM {table.objects} ORDER BY uuid")]
    chosen = random.Random(seed).sample(rows, max(0, min(n, len(rows))))
    return load(session, table, [Hit(row) for row in chosen])


def page(
    session: Session, table: Table, tree: Filter | None, after: str | None, size: int
) -> list[StoredObject]:
    """The objects that match and whose uuid comes after `after`, by uuid; `QueryRejected` after a drop."""
    table = catalog.again(session, table)
    where = condition(table, tree)
    start = "" if after is None else cursor(after)
    rows = session.rows(
        f"SELECT row FROM {table.objects} WHERE uuid > ? AND {where.sql} ORDER BY uuid LIMIT ?",
        (start, *where.parameters, size),
    )
    return load(session, table, [Hit(row) for (row,) in rows])


def _index(session: Session, table: Table, rows: Collection[int], *, remove: bool = False) -> None:
    if rows and table.searched:
        session.run(table.indexing(remove=remove), (compact(list(rows)),))


def _rows_of(session: Session, table: Table, uuids: Sequence[str]) -> dict[str, int]:
    found = session.rows(
        f"SELECT uuid, row FROM {table.objects} WHERE uuid IN (SELECT value FROM json_each(?))",
        (compact(uuids),),
    )
    return dict(cast("list[tuple[str, int]]", found))


def _canonical(uuid: str) -> str:
    try:
        return fitted_uuid(uuid)
    except Unfit:
        return ""  # no object has it
