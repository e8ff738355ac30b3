"""Collections: a schema as Weaviate's definition of a class, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from elysia_desktop.core.errors import NotSupported
from elysia_desktop.core.schema import (
    CollectionSchema,
    DataType,
    IndexedProperties,
    Property,
    Reference,
    Tokenization,
    VectorConfig,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from weaviate.collections.classes.config import CollectionConfig, PropertyConfig

    from elysia_desktop.core.settings import Settings

SINGLE = "default"
"""What the one vector of a collection without named vectors is called."""

_SELF_PROVIDED = "none"
_TYPES = {DataType.FLOAT: "number", DataType.FLOATS: "number[]"}
_READ = {
    "number": DataType.FLOAT,
    "number[]": DataType.FLOATS,
    "uuid": DataType.TEXT,
    "uuid[]": DataType.TEXTS,
    "blob": DataType.TEXT,
    "blobHash": DataType.TEXT,
    "geoCoordinates": DataType.OBJECT,
    "phoneNumber": DataType.OBJECT,
    "object[]": DataType.OBJECT,
}
# Weaviate wants at least one nested property to be named and learns the others from what comes in.
_PLACEHOLDER = {
    "name": "placeholder_",
    "dataType": ["text"],
    "indexFilterable": False,
    "indexSearchable": False,
}


@dataclass(frozen=True)
class Provider:
    """What the settings say of a vectoriser's models: which one, and where it is served."""

    model: str = ""
    address: str = ""


def providers(settings: Settings) -> dict[str, Provider]:
    """What the settings of the embedder mean for the vectoriser of the same provider."""
    if settings.embedder not in {"ollama", "openai"}:
        return {}
    # Weaviate adds the version to the address itself.
    address = settings.embedder_api_base.rstrip("/").removesuffix("/v1")
    return {f"text2vec-{settings.embedder}": Provider(settings.embedder_model, address)}


def definition(schema: CollectionSchema, known: Mapping[str, Provider] | None = None) -> dict[str, Any]:
    """The class that Weaviate makes for a schema; `known` by vectoriser fills in what the schema leaves open."""
    defined: dict[str, Any] = {
        "class": schema.name,
        "properties": _properties(schema),
        "invertedIndexConfig": {
            "indexNullState": schema.indexed.is_null,
            "indexPropertyLength": schema.indexed.is_length,
            "indexTimestamps": schema.indexed.is_timestamp,
            "stopwords": {"preset": "none"},
        },
        **_vectors(schema.vectors, known or {}),
    }
    if schema.description:
        defined["description"] = schema.description
    if schema.multi_tenant:
        defined["multiTenancyConfig"] = {"enabled": True}
    return defined


def is_defined_by(schema: CollectionSchema, defined: Mapping[str, Any]) -> bool:
    """Whether a collection has what a definition names: these properties of these types, tenants or none."""
    tenants: Mapping[str, Any] = defined.get("multiTenancyConfig", {})
    return (
        _types(_properties(schema)) == _types(defined["properties"])
        and schema.multi_tenant == bool(tenants.get("enabled"))
        and set(defined.get("vectorConfig", ())) <= {vector.name for vector in schema.vectors}
    )


def _types(properties: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    # Lists of objects are read as objects.
    return {one["name"]: one["dataType"][0].replace("object[]", "object") for one in properties}


def _properties(schema: CollectionSchema) -> list[dict[str, Any]]:
    return [
        *(_property(one) for one in schema.properties),
        *({"name": one.name, "dataType": [one.target]} for one in schema.references),
    ]


def _property(prop: Property) -> dict[str, Any]:
    defined: dict[str, Any] = {
        "name": prop.name,
        "dataType": [_TYPES.get(prop.type, prop.type.value)],
        "indexFilterable": prop.filterable,
    }
    if prop.description:
        defined["description"] = prop.description
    if prop.type.element is DataType.TEXT:
        defined["indexSearchable"] = prop.searchable
        defined["tokenization"] = prop.tokenization
    if prop.type is DataType.OBJECT:
        defined["nestedProperties"] = [_PLACEHOLDER]
    return defined


def _vectors(vectors: tuple[VectorConfig, ...], known: Mapping[str, Provider]) -> dict[str, Any]:
    if not vectors:
        return {"vectorizer": _SELF_PROVIDED}
    if len(vectors) == 1 and vectors[0].name == SINGLE and not vectors[0].source_properties:
        module, options = _vectorizer(vectors[0], known)
        return {"vectorizer": module, **({"moduleConfig": {module: options}} if options else {})}
    named = [(vector.name, *_vectorizer(vector, known)) for vector in vectors]
    return {
        "vectorConfig": {
            name: {"vectorizer": {module: options}, "vectorIndexType": "hnsw"}
            for name, module, options in named
        }
    }


def _vectorizer(vector: VectorConfig, known: Mapping[str, Provider]) -> tuple[str, dict[str, Any]]:
    """The module's name and its options."""
    module = vector.vectorizer or _SELF_PROVIDED
    if module == _SELF_PROVIDED:
        return module, {}
    if not module.startswith(("text2vec-", "multi2vec-")):
        raise NotSupported(
            f"“{module}” is not a vectoriser of Weaviate.", "Choose one such as text2vec-openai, or none."
        )
    provider = known.get(module, Provider())
    options: dict[str, Any] = {}
    if model := vector.model or provider.model:
        options["model"] = model
    if vector.source_properties:
        options["properties"] = list(vector.source_properties)
    if provider.address:
        options[_ADDRESSES.get(module, "baseURL")] = provider.address
    # The name of the collection says nothing about an object.
    options["vectorizeClassName"] = False
    return module, options


_ADDRESSES = {
    "text2vec-ollama": "apiEndpoint",
    "text2vec-transformers": "inferenceUrl",
    "text2vec-model2vec": "inferenceUrl",
}
"""What a module calls its base address, where not `baseURL`."""


def schema_of(config: CollectionConfig, dimensions: Mapping[str, int] | None = None) -> CollectionSchema:
    """The schema of a collection; `dimensions`, by name, are those that its objects' vectors have."""
    index = config.inverted_index_config
    return CollectionSchema(
        name=config.name,
        description=config.description or "",
        properties=tuple(_read_property(one) for one in config.properties),
        references=tuple(
            Reference(name=one.name, target=one.target_collections[0]) for one in config.references
        ),
        vectors=_read_vectors(config, dimensions or {}),
        multi_tenant=config.multi_tenancy_config.enabled,
        indexed=IndexedProperties(
            is_null=index.index_null_state,
            is_length=index.index_property_length,
            is_timestamp=index.index_timestamps,
        ),
    )


def _read_property(prop: PropertyConfig) -> Property:
    kind = _value(prop.data_type)
    data_type = _READ.get(kind) or DataType(kind)
    is_text = kind.startswith("text")
    tokenization = _value(prop.tokenization)
    return Property(
        name=prop.name,
        type=data_type,
        description=prop.description or "",
        filterable=prop.index_filterable,
        searchable=prop.index_searchable if is_text else data_type.element is not DataType.TEXT,
        tokenization=_tokenization(tokenization)
        if is_text
        else ("word" if data_type.element is not DataType.TEXT else "field"),
    )


def _tokenization(name: str) -> Tokenization:
    for known in get_args(Tokenization):
        if known == name:
            return known
    return "word"


def _read_vectors(config: CollectionConfig, dimensions: Mapping[str, int]) -> tuple[VectorConfig, ...]:
    if config.vector_config:
        return tuple(
            VectorConfig(
                name=name,
                vectorizer=_value(one.vectorizer.vectorizer) or _SELF_PROVIDED,
                model=_model(one.vectorizer.model),
                dimensions=dimensions.get(name),
                source_properties=tuple(one.vectorizer.source_properties or ()),
            )
            for name, one in config.vector_config.items()
        )
    vectorizer = _value(config.vectorizer) or _SELF_PROVIDED
    if vectorizer == _SELF_PROVIDED and SINGLE not in dimensions:
        return ()
    options: Mapping[str, Any] = config.vectorizer_config.model if config.vectorizer_config else {}
    length = dimensions.get(SINGLE)
    return (VectorConfig(name=SINGLE, vectorizer=vectorizer, model=_model(options), dimensions=length),)


def _model(options: Mapping[str, Any]) -> str:
    return str(options.get("model") or options.get("modelId") or "")


def _value(member: Any) -> str:
    return "" if member is None else str(getattr(member, "value", member))
