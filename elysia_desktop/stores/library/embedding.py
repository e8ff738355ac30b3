"""Embedding: which objects wait for a vector, of which text, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from elysia_desktop.core.errors import StoreError
from elysia_desktop.core.schema import DataType, VectorConfig
from elysia_desktop.stores.base import is_internal
from elysia_desktop.stores.fitting import Unfit
from elysia_desktop.stores.library import catalog, vectors
from elysia_desktop.stores.library.tables import stored_object
from elysia_desktop.stores.library.values import compact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from elysia_desktop.core.schema import CollectionSchema
    from elysia_desktop.stores.embedders.base import Embedder, Embedding, Unembeddable
    from elysia_desktop.stores.library.session import Session
    from elysia_desktop.stores.library.tables import Column, Table
    from elysia_desktop.stores.library.vectors import Vector

Texts = dict[tuple[int, str], str]
"""What is embedded, by row and name of the vector."""


@dataclass(frozen=True)
class EmbeddingProgress:
    """How many of a collection's vectors are made, of how many; `failed` of them cannot be.

    `problem` is what keeps it from going on while some wait, and why those that failed did after that.
    """

    done: int
    total: int
    failed: int = 0
    problem: str = ""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.done / self.total if self.total else 1.0


@dataclass(frozen=True)
class Portion:
    """The next objects to embed for one of a collection's vectors."""

    collection: str
    config: VectorConfig
    texts: Texts


def embedded(schema: CollectionSchema) -> tuple[VectorConfig, ...]:
    """The vectors that an embedder makes."""
    return tuple(config for config in schema.vectors if config.vectorizer != "none")


def by_embedder(schema: CollectionSchema, embedder: Embedder | None) -> CollectionSchema:
    """The schema of a new collection: its vectors are to come from the embedder, unless it says otherwise."""
    if embedder is None or is_internal(schema.name):
        return schema
    identity = {"vectorizer": embedder.name, "model": embedder.model, "dimensions": None}
    kept = tuple(
        config if config.vectorizer == "none" else config.model_copy(update=identity)
        for config in schema.vectors
    )
    own = (VectorConfig(vectorizer=embedder.name, model=embedder.model),)
    return schema.model_copy(update={"vectors": kept or own})


def sources(table: Table, config: VectorConfig) -> tuple[Column, ...]:
    """The properties whose texts a vector covers; all that keyword search does unless some are named."""
    texts = [column for column in table.columns if column.type.element is DataType.TEXT]
    named = [column for column in texts if column.prop.name in config.source_properties]
    return tuple(named if config.source_properties else [c for c in texts if c.prop.searchable])


def texts_of(session: Session, table: Table, configs: Iterable[VectorConfig], rows: Collection[int]) -> Texts:
    """What these rows hold to embed: each property's text on a line of its own; empty where there is none."""
    found: Texts = {}
    for config in configs:
        columns = sources(table, config)
        names = "".join(f', "{column.name}"' for column in columns)
        for row, *values in session.rows(
            f"SELECT row{names} FROM {table.objects} WHERE row IN (SELECT value FROM json_each(?))",
            (compact(list(rows)),),
        ):
            held = stored_object(columns, "", values)
            found[row, config.name] = "\n".join(_lines(held[column.prop.name] for column in columns))
    return found


def _lines(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        text = ", ".join(cast("list[str]", value)) if isinstance(value, list) else value
        if text and not text.isspace():
            yield text


def follow(
    session: Session,
    table: Table,
    before: Texts,
    given: Mapping[int, Mapping[str, Vector]],
    old: Collection[int],
    *,
    replaced: bool = True,
) -> None:
    """Bring the vectors of rows that were written up to date.

    `given` holds the vectors that came along with each row, `old` the rows that were there before, `before`
    their texts. With `replaced` the owner's vectors that did not come along belong to what was replaced and go.
    """
    made = embedded(table.schema)
    own = {config.name for config in table.schema.vectors} - {config.name for config in made}
    after = texts_of(session, table, made, given.keys()) if made else {}
    changed = [key for key, text in after.items() if before.get(key) != text and key[1] not in given[key[0]]]
    there = set(old)
    outdated = [(row, name) for row, name in changed if row in there]
    outdated += [(row, name) for row in there for name in given[row]]
    if replaced:
        outdated += [(row, name) for row in there for name in own if name not in given[row]]
    vectors.remove(session, table, outdated)
    _unwait(session, table, ((row, name) for row in there for name in given[row]))
    coming = ((row, name, vector) for row, named in given.items() for name, vector in named.items())
    vectors.store(session, table, coming)
    session.run_many(f"INSERT OR REPLACE INTO {table.pending} (object, name) VALUES (?, ?)", changed)


def _unwait(session: Session, table: Table, done: Iterable[tuple[int, str]]) -> None:
    session.run_many(f"DELETE FROM {table.pending} WHERE object = ? AND name = ?", done)


def take(session: Session, name: str, most: int) -> Portion | None:
    """The next objects of a collection that wait for a vector; None when there are none."""
    table = catalog.find(session, name)
    for config in embedded(table.schema):
        found = session.rows(
            f"SELECT object FROM {table.pending} WHERE name = ? AND problem IS NULL LIMIT ?",
            (config.name, most),
        )
        if found:
            rows = [row for (row,) in found]
            return Portion(name, config, texts_of(session, table, [config], rows))
    return None


def put(
    session: Session, portion: Portion, results: Mapping[tuple[int, str], Embedding | Unembeddable | None]
) -> None:
    """Keep what became of a portion; of objects whose text or embedder is another by now nothing is kept.

    None stands for a text of which there is nothing to embed.
    """
    table = catalog.find(session, portion.collection)
    config = next((c for c in table.schema.vectors if c.name == portion.config.name), None)
    if config is None or (config.vectorizer, config.model) != _identity(portion.config):
        return
    rows = [row for row, _ in results]
    current = texts_of(session, table, [config], rows)
    waiting = _waiting(session, table, config.name, rows)
    added: list[tuple[int, str, Vector]] = []
    done: list[tuple[int, str]] = []
    for key, result in results.items():
        if key[0] not in waiting or current.get(key) != portion.texts[key]:
            continue
        try:
            if isinstance(result, list):
                added.append((*key, vectors.vector_of(config.name, result)))
        except Unfit as error:
            _note_problem(session, table, key, str(error))
            continue
        if result is None or isinstance(result, list):
            done.append(key)
        else:
            _note_problem(session, table, key, result.reason)
    _check_dimensions(config, added)
    vectors.remove(session, table, ((row, name) for row, name, _ in added))
    vectors.store(session, table, added)
    _unwait(session, table, done)
    if added and config.dimensions is None:
        known = config.model_copy(update={"dimensions": len(added[0][2])})
        configs = tuple(known if c.name == config.name else c for c in table.schema.vectors)
        catalog.keep_vectors(session, table, configs)


def _identity(config: VectorConfig) -> tuple[str, str]:
    return config.vectorizer, config.model


def _waiting(session: Session, table: Table, name: str, rows: Sequence[int]) -> set[int]:
    found = session.rows(
        f"SELECT object FROM {table.pending} WHERE name = ? AND object IN (SELECT value FROM json_each(?))",
        (name, compact(rows)),
    )
    return {row for (row,) in found}


def _check_dimensions(config: VectorConfig, added: Sequence[tuple[int, str, Vector]]) -> None:
    sizes = {len(vector) for _, _, vector in added}
    if config.dimensions is not None:
        sizes.add(config.dimensions)
    if len(sizes) > 1:
        raise StoreError(
            f"The embedder “{config.model}” makes vectors of different sizes: "
            f"{', '.join(map(str, sorted(sizes)))} dimensions.",
            "Its server may have another model by the same name: at the next try, half a minute later, that is "
            "looked into, and all vectors are made anew.",
        )


def retry(session: Session, name: str) -> None:
    """Have the texts of a collection that were refused wait again."""
    session.run(f"UPDATE {catalog.find(session, name).pending} SET problem = NULL WHERE problem IS NOT NULL")


def _note_problem(session: Session, table: Table, key: tuple[int, str], reason: str) -> None:
    session.run(f"UPDATE {table.pending} SET problem = ? WHERE object = ? AND name = ?", (reason, *key))


def progress(session: Session, name: str) -> EmbeddingProgress:
    """How far a collection's vectors are made."""
    table = catalog.find(session, name)
    configs = embedded(table.schema)
    if not configs:
        return EmbeddingProgress(0, 0)
    total = session.value(f"SELECT count(*) FROM {table.objects}") * len(configs)
    waiting, failed, problem = session.rows(
        f"SELECT count(*), count(problem), max(problem) FROM {table.pending}"
    )[0]
    return EmbeddingProgress(total - waiting, total, failed, problem or "")
