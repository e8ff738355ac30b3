"""A schema as Weaviate's class, and back, whoever made the class."""

import pytest

from elysia_desktop.core.errors import NotSupported
from elysia_desktop.core.schema import (
    CollectionSchema,
    DataType,
    IndexedProperties,
    Property,
    Reference,
    VectorConfig,
)
from elysia_desktop.core.settings import Settings
from elysia_desktop.stores.weaviate.collections import Provider, definition, providers


def test_what_is_made_is_indexed_for_everything_without_stop_words():
    made = definition(CollectionSchema(name="Films", properties=(Property(name="title", type="text"),)))
    assert made == {
        "class": "Films",
        "properties": [
            {
                "name": "title", "dataType": ["text"], "tokenization": "word",
                "indexFilterable": True, "indexSearchable": True,
            }
        ],
        "invertedIndexConfig": {
            "indexNullState": True,
            "indexPropertyLength": True,
            "indexTimestamps": True,
            "stopwords": {"preset": "none"},
        },
        "vectorizer": "none",
    }  # fmt: skip


def test_a_vectoriser_gets_its_model_and_address():
    known = {
        "text2vec-openai": Provider("small", "http://localhost:1"),
        "text2vec-ollama": Provider("nomic", "http://o"),
    }

    def vectors(*configs):
        made = definition(CollectionSchema(name="Films", properties=(), vectors=configs), known)
        return made.get("vectorConfig") or (made["vectorizer"], made.get("moduleConfig"))

    assert vectors(VectorConfig(vectorizer="text2vec-openai", model="large")) == (
        "text2vec-openai",
        {"text2vec-openai": {"model": "large", "baseURL": "http://localhost:1", "vectorizeClassName": False}},
    )
    assert vectors(VectorConfig()) == ("none", None)
    named = vectors(
        VectorConfig(name="plot", vectorizer="text2vec-ollama", source_properties=("plot",)),
        VectorConfig(name="own"),
    )
    assert named["plot"]["vectorizer"] == {
        "text2vec-ollama": {
            "model": "nomic", "properties": ["plot"], "apiEndpoint": "http://o", "vectorizeClassName": False,
        }
    }  # fmt: skip
    assert named["own"]["vectorizer"] == {"none": {}}
    with pytest.raises(NotSupported, match="“sentence-bert”"):
        vectors(VectorConfig(vectorizer="sentence-bert"))


def test_the_settings_of_the_embedder_serve_the_vectoriser_of_its_provider():
    settings = Settings(embedder="openai", embedder_model="m", embedder_api_base="http://localhost:1/v1/")
    assert providers(settings) == {"text2vec-openai": Provider("m", "http://localhost:1")}
    assert providers(Settings(embedder="ollama")) == {"text2vec-ollama": Provider()}
    assert providers(Settings(embedder="offline")) == {}


async def test_every_schema_comes_back_as_it_was_made(store):
    await store.create(CollectionSchema(name="Films", properties=()))
    schema = CollectionSchema(
        name="All",
        description="Everything at once.",
        properties=(
            *(Property(name=f"p{index}", type=one) for index, one in enumerate(DataType)),
            Property(name="whole", type="text", tokenization="field", description="As it is."),
            Property(name="small", type="text[]", tokenization="lowercase", searchable=False),
            Property(name="blank", type="text", tokenization="whitespace", filterable=False),
            Property(name="free", type="int", filterable=False),
        ),
        vectors=(
            VectorConfig(name="a", vectorizer="text2vec-ollama", model="m", source_properties=("whole",)),
            VectorConfig(name="b"),
        ),
        indexed=IndexedProperties(is_null=False, is_length=False, is_timestamp=False),
        references=(Reference(name="film", target="Films"),),
    )
    await store.create(schema)
    assert await store.schema("All") == schema
    single = CollectionSchema(
        name="Single",
        properties=(),
        vectors=(VectorConfig(vectorizer="text2vec-ollama", model="m"),),
        multi_tenant=True,
    )
    await store.create(single)
    assert await store.schema("Single") == single


async def test_types_that_only_weaviate_has_are_read_as_the_nearest(store, clients):
    types = ("uuid", "uuid[]", "geoCoordinates", "phoneNumber", "blob", "object[]")
    async with clients.connect_to_async_client() as client:
        made = await client.collections.create_from_dict(
            {
                "class": "Odd",
                "properties": [
                    {
                        "name": f"p{index}",
                        "dataType": [one],
                        **(
                            {"nestedProperties": [{"name": "a", "dataType": ["text"]}]}
                            if one == "object[]"
                            else {}
                        ),
                    }
                    for index, one in enumerate(types)
                ],
            }
        )
        await made.data.insert(
            {
                "p0": "00000000-0000-0000-0000-000000000001",
                "p1": ["00000000-0000-0000-0000-000000000002"],
                "p2": {"latitude": 52.5, "longitude": 13.4},
                "p3": {"input": "030 123456", "defaultCountry": "DE"},
                "p5": [{"a": "x"}],
            }
        )
    assert [one.type.value for one in (await store.schema("Odd")).properties] == [
        "text", "text[]", "object", "object", "text", "object",
    ]  # fmt: skip
    (found,) = [one async for one in store.scan("Odd")]
    assert found["p0"] == "00000000-0000-0000-0000-000000000001"
    assert found["p1"] == ["00000000-0000-0000-0000-000000000002"]
    assert found["p2"] == {"latitude": 52.5, "longitude": pytest.approx(13.4)}
    assert found["p3"]["number"] == "030 123456"
    assert found["p4"] is None
    assert found["p5"] == [{"a": "x"}]
