"""What a collection looks like: its properties, their types and the operators each type has."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from elysia_desktop.core.errors import QueryRejected


class DataType(StrEnum):
    """The type of a property, with Weaviate's names."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXTS = "text[]"
    INTS = "int[]"
    FLOATS = "float[]"
    BOOLEANS = "boolean[]"
    DATES = "date[]"
    OBJECT = "object"

    @property
    def is_list(self) -> bool:
        """Whether the property holds several values."""
        return self.value.endswith("[]")

    @property
    def element(self) -> DataType:
        """The type of one value: `int` for `int[]`, itself otherwise."""
        return DataType(self.value.removesuffix("[]"))

    @property
    def is_number(self) -> bool:
        """Whether one value is a number."""
        return self in {DataType.INT, DataType.FLOAT}


Tokenization = Literal[
    "word", "lowercase", "whitespace", "field", "trigram", "gse", "gse_ch", "kagome_ja", "kagome_kr"
]
"""How a text is cut into the terms that filters compare, with Weaviate's names; `field` compares it whole."""

Operator = Literal["=", "!=", "<", ">", "<=", ">=", "LIKE", "IS_NULL", "CONTAINS_ANY", "CONTAINS_ALL"]

_COMPARISONS: tuple[Operator, ...] = ("=", "!=", "<", ">", "<=", ">=")

MetricFunction = Literal[
    "COUNT", "MIN", "MAX", "MEAN", "MEDIAN", "MODE", "SUM", "TOP_OCCURRENCES",
    "TOTAL_TRUE", "TOTAL_FALSE", "PERCENTAGE_TRUE", "PERCENTAGE_FALSE",
]  # fmt: skip


def operators_of(data_type: DataType, *, length: bool = False) -> tuple[Operator, ...]:
    """The filter operators of a type; with `length`, of the length of a list."""
    if length:
        return _COMPARISONS if data_type.is_list else ()
    if data_type.is_list:
        return ("=", "!=", "CONTAINS_ANY", "CONTAINS_ALL", "IS_NULL")
    match data_type:
        case DataType.INT | DataType.FLOAT | DataType.DATE:
            return (*_COMPARISONS, "IS_NULL")
        case DataType.TEXT:
            return ("=", "!=", "LIKE", "IS_NULL")
        case DataType.BOOLEAN:
            return ("=", "!=", "IS_NULL")
        case _:
            return ()


def metrics_of(data_type: DataType) -> tuple[MetricFunction, ...]:
    """The aggregate functions of a type."""
    match data_type:
        case DataType.INT | DataType.FLOAT:
            return ("COUNT", "MIN", "MAX", "MEAN", "MEDIAN", "MODE", "SUM")
        case DataType.TEXT:
            return ("COUNT", "TOP_OCCURRENCES")
        case DataType.BOOLEAN:
            return ("COUNT", "TOTAL_TRUE", "TOTAL_FALSE", "PERCENTAGE_TRUE", "PERCENTAGE_FALSE")
        case DataType.DATE:
            return ("COUNT", "MIN", "MAX", "MEDIAN", "MODE")
        case _:
            return ("COUNT",)


class Property(BaseModel):
    """One property of a collection; `filterable` and `searchable` say what it is indexed for.

    `tokenization` says how the words of a text are told apart; other types have none.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    type: DataType
    description: str = ""
    filterable: bool = True
    searchable: bool = True
    tokenization: Tokenization = "word"


class VectorConfig(BaseModel):
    """One vector of a collection's objects: where it comes from and what it covers."""

    model_config = ConfigDict(frozen=True)

    name: str = "default"
    vectorizer: str = "none"
    model: str = ""
    dimensions: int | None = None
    source_properties: tuple[str, ...] = ()


class Reference(BaseModel):
    """A property that names one object of another collection by its uuid."""

    model_config = ConfigDict(frozen=True)

    name: str
    target: str


class IndexedProperties(BaseModel):
    """What can be filtered on besides values: missing values, lengths of lists, the time of creation."""

    model_config = ConfigDict(frozen=True)

    is_null: bool = True
    is_length: bool = True
    is_timestamp: bool = True


class CollectionSchema(BaseModel):
    """The properties, in order, and vectors of a collection."""

    model_config = ConfigDict(frozen=True)

    name: str
    properties: tuple[Property, ...]
    vectors: tuple[VectorConfig, ...] = ()
    description: str = ""
    multi_tenant: bool = False
    indexed: IndexedProperties = IndexedProperties()
    references: tuple[Reference, ...] = ()

    def property(self, name: str) -> Property:
        """The property called `name`; raises `QueryRejected` naming those there are."""
        for candidate in self.properties:
            if candidate.name == name:
                return candidate
        raise QueryRejected.unknown("property", name, [p.name for p in self.properties], self.name)

    def of_type(self, *types: DataType) -> list[Property]:
        """The properties that have one of these types."""
        return [p for p in self.properties if p.type in types]


class CollectionInfo(BaseModel):
    """A collection's name and number of objects."""

    model_config = ConfigDict(frozen=True)

    name: str
    count: int = Field(ge=0)
