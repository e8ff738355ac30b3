"""Tables: a collection's schema as typed SQLite columns, and rows as objects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.stores.library.texts import ordered_sql
from elysia_desktop.stores.library.values import encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elysia_desktop.core.schema import Reference
    from elysia_desktop.stores.base import StoredObject

NEW_SIGNS = "".join(map(chr, (*range(0x20BA, 0x20D0), *range(0x1F321, 0x1F700), *range(0x1F900, 0x1FB00))))
"""Currencies and emoji that SQLite's Unicode tables are too old to know: it would take them for letters."""

# Marks (M) belong to words: without them the vowel signs of Indic scripts would cut words apart.
_TOKENIZER = f"porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' separators '{NEW_SIGNS}'"

_SQL_TYPES = {DataType.INT: "INTEGER", DataType.FLOAT: "REAL", DataType.BOOLEAN: "INTEGER"}
_DECODE: dict[DataType, Callable[[Any], Any]] = {DataType.BOOLEAN: bool, DataType.OBJECT: json.loads}


@dataclass(frozen=True)
class Column:
    """A property's column, `compared` being the one to filter and sort by: for dates UTC microseconds."""

    prop: Property
    name: str
    compared: str

    @property
    def type(self) -> DataType:
        """The property's type."""
        return self.prop.type

    @property
    def is_scalar(self) -> bool:
        """Whether the property holds one value that has an order."""
        return not self.type.is_list and self.type is not DataType.OBJECT

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are written, in the order of `values.encoded`."""
        return (self.name,) if self.name == self.compared else (self.name, self.compared)

    @cached_property
    def encode(self) -> Callable[[Any], tuple[Any, ...]]:
        """What turns a value into the columns of `names`; raises `Unfit`."""
        return encoder(self.prop.name, self.type)

    @property
    def searched(self) -> bool:
        """Whether keyword search covers the property."""
        return self.prop.searchable and self.type.element is DataType.TEXT

    def definition(self) -> str:
        """The column as `CREATE TABLE` wants it."""
        kept = f'"{self.name}" {_SQL_TYPES.get(self.type, "TEXT")}'
        if self.name == self.compared:
            return kept
        return f'{kept}, "{self.compared}" {"TEXT" if self.type.is_list else "INTEGER"}'

    @property
    def ordered(self) -> str:
        """The SQL of what objects are ordered by."""
        name = f'"{self.compared}"'
        return ordered_sql(name) if self.type is DataType.TEXT else name

    def words(self) -> str:
        """The SQL for the words of the property."""
        name = f'"{self.name}"'
        if not self.type.is_list:
            return name
        # Not the JSON text itself: its escapes would become parts of words.
        return f"(SELECT group_concat(value, char(10)) FROM json_each({name})) AS {name}"


@dataclass(frozen=True)
class Table:
    """A collection's tables; named by number, so names that differ by case only do not clash."""

    id: int
    schema: CollectionSchema
    columns: tuple[Column, ...]

    @property
    def objects(self) -> str:
        """The table with one row per object: `row` in insertion order, `uuid`, `created`, the columns."""
        return f"objects_{self.id}"

    @property
    def search(self) -> str:
        """The full-text table."""
        return f"search_{self.id}"

    @property
    def vectors(self) -> str:
        """The table with one row per object and vector name."""
        return f"vectors_{self.id}"

    @property
    def gone(self) -> str:
        """The table of the numbers of vectors that were removed, for those who keep vectors elsewhere."""
        return f"gone_{self.id}"

    @property
    def pending(self) -> str:
        """The table of the vectors that are still to be made, or of which it is known why they cannot be."""
        return f"pending_{self.id}"

    @cached_property
    def searched(self) -> tuple[Column, ...]:
        """The columns that keyword search covers."""
        return tuple(column for column in self.columns if column.searched)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.prop.name: column for column in self.columns}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the properties."""
        return frozenset(self._by_name)

    @property
    def names_in_order(self) -> list[str]:
        """The names of the properties as the schema lists them."""
        return list(self._by_name)

    def column(self, name: str) -> Column:
        """The column of a property; raises `QueryRejected` naming those there are."""
        return self._by_name.get(name) or self._by_name[self.schema.property(name).name]

    @cached_property
    def upsert(self) -> str:
        """The statement that stores an object: uuid, created, then the columns."""
        names = [f'"{name}"' for column in self.columns for name in column.names]
        given = ", ".join(f"excluded.{name}" for name in names)
        # As in Weaviate: an object that is stored again as it is stays as old as it was, another is new.
        changed = f"UPDATE SET ({', '.join(['created', *names])}) = (excluded.created, {given}) "
        differs = f"WHERE ({', '.join(names)}) IS NOT ({given})"
        return (
            f"INSERT INTO {self.objects} ({', '.join(['uuid', 'created', *names])}) "
            f"VALUES ({', '.join('?' * (len(names) + 2))}) "
            f"ON CONFLICT (uuid) DO {changed + differs if names else 'NOTHING'}"
        )

    def creation(self) -> list[str]:
        """The statements that make the tables."""
        columns = "".join(f", {column.definition()}" for column in self.columns)
        return [
            f"CREATE TABLE {self.objects} (row INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, "
            f"created INTEGER NOT NULL{columns})",
            *vector_tables(self.id),
            *(self._search_creation() if self.searched else ()),
        ]

    def _search_creation(self) -> list[str]:
        # No triggers: within one FTS5 writes its index to disk after every row, five times slower.
        return [
            f"CREATE VIEW texts_{self.id} AS "
            f"SELECT row, {', '.join(c.words() for c in self.searched)} FROM {self.objects}",
            f"CREATE VIRTUAL TABLE {self.search} USING fts5({self._searched_names}, "
            f"content='texts_{self.id}', content_rowid='row', "
            f'tokenize="{_TOKENIZER}")',
        ]

    @cached_property
    def _searched_names(self) -> str:
        return ", ".join(f'"{column.name}"' for column in self.searched)

    def indexing(self, *, remove: bool = False) -> str:
        """The statement that adds rows (a JSON list) to the full-text index.

        With `remove` it takes them out, which has to happen before they change: FTS5 must be told the
        words it once got.
        """
        names = self._searched_names
        into, command = (f"{self.search}, rowid", "'delete', row") if remove else ("rowid", "row")
        return (
            f"INSERT INTO {self.search} ({into}, {names}) SELECT {command}, {names} FROM texts_{self.id} "
            "WHERE row IN (SELECT value FROM json_each(?))"
        )

    def removal(self) -> list[str]:
        """The statements that remove the tables."""
        owned = (self.pending, self.vectors, self.gone, self.objects)
        views = [f"DROP TABLE {self.search}", f"DROP VIEW texts_{self.id}"] if self.searched else []
        return [*views, *(f"DROP TABLE {name}" for name in owned)]

    def selected(self, properties: Iterable[str] | None) -> tuple[Column, ...]:
        """The columns to return: all, or those named; raises `QueryRejected` for an unknown name."""
        if properties is None:
            return self.columns
        wanted = [self.column(name) for name in dict.fromkeys(properties) if name != "uuid"]
        return tuple(wanted)


def vector_tables(number: int) -> tuple[str, ...]:
    """The statements that make what belongs to the vectors of the collection with this number."""
    of_object = (
        f"object INTEGER NOT NULL REFERENCES objects_{number} (row) ON DELETE CASCADE, name TEXT NOT NULL"
    )
    return (
        # AUTOINCREMENT: whoever has read up to a number finds all that is new above it, and none twice.
        f"CREATE TABLE vectors_{number} (id INTEGER PRIMARY KEY AUTOINCREMENT, {of_object}, "
        "vector BLOB NOT NULL, UNIQUE (object, name))",
        f"CREATE TABLE gone_{number} (sequence INTEGER PRIMARY KEY AUTOINCREMENT, vector INTEGER NOT NULL)",
        f"CREATE TRIGGER vector_gone_{number} AFTER DELETE ON vectors_{number} "
        f"BEGIN INSERT INTO gone_{number} (vector) VALUES (old.id); END",
        f"CREATE TABLE pending_{number} ({of_object}, problem TEXT, PRIMARY KEY (object, name)) WITHOUT ROWID",
    )


def stored_object(columns: Sequence[Column], uuid: str, values: Sequence[Any]) -> StoredObject:
    """The object of a row."""
    found: StoredObject = {"uuid": uuid}
    for column, value in zip(columns, values, strict=True):
        decode = json.loads if column.type.is_list else _DECODE.get(column.type)
        found[column.prop.name] = value if decode is None or value is None else decode(value)
    return found


@lru_cache(maxsize=256)
def table_of(identifier: int, schema: str) -> Table:
    """The table of a collection whose schema is kept as this JSON text."""
    parsed = CollectionSchema.model_validate_json(schema)
    columns: list[Column] = []
    for index, prop in enumerate((*parsed.properties, *map(_kept_reference, parsed.references))):
        # The index keeps names apart that SQLite takes for the same ("Name" and "name").
        name = f"p{index}_{prop.name}"
        compared = f"{name}__us" if prop.type.element is DataType.DATE else name
        columns.append(Column(prop, name, compared))
    return Table(identifier, parsed, tuple(columns))


def _kept_reference(reference: Reference) -> Property:
    """A reference as a property: the uuid it names is a text that no search covers."""
    return Property(name=reference.name, type=DataType.TEXT, searchable=False, tokenization="field")
