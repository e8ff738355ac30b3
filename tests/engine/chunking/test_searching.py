import asyncio
from collections import Counter

import pytest
from engine.kept import GUIDES, guide, kept_in

from elysia_desktop.core.errors import NotSupported
from elysia_desktop.core.requests import PropertyFilter, QueryRequest, Sort
from elysia_desktop.core.schema import VectorConfig
from elysia_desktop.engine.chunking.keeping import name_for, schema_for
from elysia_desktop.engine.chunking.searching import LONG, PER_DOCUMENT, find_parts, long_field
from elysia_desktop.stores.base import is_internal
from elysia_desktop.stores.clients import ClientManager
from elysia_desktop.stores.library import Library

CHUNKS = name_for("Guides")


@pytest.fixture(params=["library", "weaviate"])
async def store(request, tmp_path):
    guides = [guide(n, at=40 + n) for n in range(8)]
    if request.param == "library":
        store = Library(tmp_path)
        await kept_in(store, Guides=(GUIDES, guides))
        yield store
        await store.close()
        return
    node = request.getfixturevalue("weaviate_node")
    clients = ClientManager(
        data_source="local", local_weaviate_port=node.port, local_weaviate_grpc_port=node.grpc_port
    )
    await kept_in(clients.store(), Guides=(GUIDES, guides))
    yield clients.store()
    async with clients.connect_to_async_client() as client:
        await client.collections.delete_all()
    await clients.close_clients()


def asked(text="tents", **changes):
    return QueryRequest(collection="Guides", text=text, **{"search": "keyword", "limit": 2, **changes})


async def parts_of(store, request=None, shown=("title", "content", "category")):
    return await find_parts(store, request or asked(), "content", shown)


async def kept(store):
    return [item async for item in store.scan(CHUNKS)]


async def test_the_parts_that_speak_of_it_are_found_with_where_they_stand(store):
    found = await parts_of(store)
    assert len(found.documents) == 2
    texts = {document["uuid"]: document["content"] for document in found.documents}
    assert {chunk["fullDocument"] for chunk in found.chunks} == set(texts)
    for chunk in found.chunks:
        start, end = chunk["chunk_spans"]
        assert texts[chunk["fullDocument"]][start:end] == chunk["content"]
        assert "tents" in chunk["content"]
        assert chunk["category"] == "Camping"
        assert len(chunk["content"]) < 300


async def test_only_the_candidates_of_the_question_are_chunked_and_each_once(store):
    await parts_of(store, asked(limit=1))
    first = await kept(store)
    assert len({item["fullDocument"] for item in first}) == 3, (
        "three times what was asked for is looked through"
    )
    await parts_of(store, asked(limit=1))
    assert await kept(store) == first
    await parts_of(store, asked(limit=2))
    assert len({item["fullDocument"] for item in await kept(store)}) == 6


async def test_where_chunks_are_kept_is_internal_and_refers_to_the_documents(store):
    await parts_of(store)
    assert CHUNKS == "ELYSIA_CHUNKED_guides__"
    assert is_internal(CHUNKS)
    schema = await store.schema(CHUNKS)
    assert [(reference.name, reference.target) for reference in schema.references] == [
        ("fullDocument", "Guides")
    ]


async def test_a_document_that_changed_is_chunked_anew_and_its_old_chunks_go(store):
    await parts_of(store, asked(limit=8))
    before = Counter(item["fullDocument"] for item in await kept(store))
    changed = guide(3, about="stoves", at=7, sentences=20)
    await store.update("Guides", changed["uuid"], {"content": changed["content"]})
    found = await parts_of(store, asked("stoves"))
    assert {chunk["fullDocument"] for chunk in found.chunks} == {changed["uuid"]}
    after = Counter(item["fullDocument"] for item in await kept(store))
    assert after[changed["uuid"]] == 5
    assert {**after, changed["uuid"]: 25} == before
    assert not any("guide 3 speaks of tents" in item["content"] for item in await kept(store))


async def test_questions_at_the_same_time_make_one_collection_without_doubles(store):
    answers = await asyncio.gather(*(parts_of(store, asked(limit=limit)) for limit in (1, 2, 3, 8)))
    assert all(answer.chunks for answer in answers)
    places = Counter((item["fullDocument"], *item["chunk_spans"]) for item in await kept(store))
    assert set(places.values()) == {1}
    assert len(places) == 8 * 25


async def test_chunks_of_documents_that_do_not_match_are_not_found(store):
    await parts_of(store, asked(limit=8))
    uuid = guide(5)["uuid"]
    only = PropertyFilter(property="title", operator="=", value="Guide 5")
    found = await parts_of(store, asked(filters=only, limit=8))
    assert {chunk["fullDocument"] for chunk in found.chunks} == {uuid}


async def test_no_more_documents_than_asked_for_nor_more_than_a_few_chunks_of_each(store):
    found = await parts_of(store, asked("speaks", limit=3))
    number = Counter(chunk["fullDocument"] for chunk in found.chunks)
    assert len(number) == len(found.documents) <= 3
    assert max(number.values()) <= PER_DOCUMENT


async def test_documents_keep_the_order_that_was_asked_for(store):
    request = asked(sort=(Sort(property="title", direction="desc"),), limit=3)
    found = await parts_of(store, request)
    titles = [document["title"] for document in found.documents]
    assert titles == sorted(titles, reverse=True)


async def test_without_a_part_that_is_found_the_documents_must_do(store):
    assert await parts_of(store, asked("Camping")) is None
    assert await parts_of(store, asked("zeppelin")) is None


async def test_chunks_of_another_field_are_replaced(store):
    await parts_of(store)
    await find_parts(store, asked("Guide"), "title", ("title",))
    schema = await store.schema(CHUNKS)
    assert {item["title"] for item in await kept(store)} <= {f"Guide {n}" for n in range(8)}
    assert "content" not in {prop.name for prop in schema.properties}


async def test_chunks_that_another_program_began_to_keep_are_added_to(store):
    schema = schema_for(await store.schema("Guides"), "content")
    of_others = [prop for prop in schema.properties if prop.name in {"content", "chunk_spans"}]
    await store.create(schema.model_copy(update={"properties": tuple(of_others)}))
    for _ in range(2):
        found = await parts_of(store)
        assert len({chunk["fullDocument"] for chunk in found.chunks}) == 2
        assert all("tents" in chunk["content"] for chunk in found.chunks)


async def test_where_chunks_cannot_be_searched_by_meaning_words_must_do(store):
    class ByMeaning:
        """The same store, whose documents can be searched by meaning and whose chunks cannot yet."""

        def __getattr__(self, name):
            return getattr(store, name)

        async def schema(self, name):
            vectors = (VectorConfig(name="content", vectorizer="any", source_properties=("content",)),)
            return (await store.schema(name)).model_copy(update={"vectors": vectors})

        async def create(self, schema):
            assert [vector.source_properties for vector in schema.vectors] == [("content",)]
            await store.create(schema.model_copy(update={"vectors": ()}))

        async def query(self, request):
            if request.search == "none":
                return await store.query(request)
            asked_for.append((request.collection, request.search, request.target_vectors))
            if request.collection == CHUNKS and request.search == "vector":
                raise NotSupported("There are no vectors.")
            return await store.query(request.model_copy(update={"search": "keyword", "target_vectors": None}))

    asked_for = []
    request = asked(search="vector", target_vectors=("content", "other"))
    found = await parts_of(ByMeaning(), request)
    assert all("tents" in chunk["content"] for chunk in found.chunks)
    assert asked_for == [
        ("Guides", "vector", ("content", "other")),
        (CHUNKS, "vector", ("content",)),
        (CHUNKS, "keyword", None),
    ]


async def test_long_values_of_a_document_are_not_repeated_with_each_chunk(store):
    await store.update("Guides", guide(0)["uuid"], {"category": "Camping " * 40})
    found = await parts_of(store, asked(limit=8))
    assert {"category" in chunk for chunk in found.chunks if chunk["title"] == "Guide 0"} == {False}


@pytest.mark.parametrize(("mean", "field"), [(LONG, None), (LONG + 1, "content"), (None, None)])
def test_only_texts_over_four_hundred_tokens_on_average_are_long(mean, field):
    fields = [
        {"name": "title", "type": "text", "mean": 5.0},
        {"name": "content", "type": "text", "mean": mean},
        {"name": "parts", "type": "text[]", "mean": 9_000},
    ]
    assert long_field({"fields": fields}) == field
    assert long_field({}) is None
