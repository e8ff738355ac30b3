import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from engine.kept import GUIDES, guide, kept_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    """The parts that are told of what a request finds."""
    request = request or asked()
    return await find_parts(store, request, (await store.query(request)).objects, "content", shown)


def texts_by_document(parts):
    texts = {}
    for part in parts:
        texts.setdefault(part["fullDocument"], []).append(part["content"])
    return texts


async def kept(store):
    return [item async for item in store.scan(CHUNKS)]


async def test_the_parts_that_speak_of_it_are_found_with_where_they_stand(store):
    parts = await parts_of(store)
    assert len(texts_by_document(parts)) == 2
    texts = {
        item["uuid"]: item["content"] for item in await store.get("Guides", list(texts_by_document(parts)))
    }
    for part in parts:
        start, end = part["chunk_spans"]
        assert texts[part["fullDocument"]][start:end] == part["content"]
        assert "tents" in part["content"]
        assert part["category"] == "Camping"
        assert len(part["content"]) < 300


async def test_only_what_a_question_finds_is_chunked_and_each_once(store):
    await parts_of(store, asked(limit=1))
    first = await kept(store)
    assert len({item["fullDocument"] for item in first}) == 1
    await parts_of(store, asked(limit=1))
    assert await kept(store) == first
    await parts_of(store, asked(limit=2))
    assert len({item["fullDocument"] for item in await kept(store)}) == 2


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
    found = await parts_of(store, asked("stoves", limit=8))
    assert [part["fullDocument"] for part in found] == [changed["uuid"]]
    assert "stoves" in found[0]["content"]
    after = Counter(item["fullDocument"] for item in await kept(store))
    assert after[changed["uuid"]] == 5
    assert {**after, changed["uuid"]: 25} == before
    assert not any("guide 3 speaks of tents" in item["content"] for item in await kept(store))


async def test_questions_at_the_same_time_make_one_collection_without_doubles(store):
    limits = (1, 2, 3, 8)
    answers = await asyncio.gather(*(parts_of(store, asked(limit=limit)) for limit in limits))
    assert [len(texts_by_document(answer)) for answer in answers] == list(limits)
    places = Counter((item["fullDocument"], *item["chunk_spans"]) for item in await kept(store))
    assert set(places.values()) == {1}
    assert len(places) == 8 * 25


async def test_chunks_of_documents_that_do_not_match_are_not_found(store):
    await parts_of(store, asked(limit=8))
    uuid = guide(5)["uuid"]
    only = PropertyFilter(property="title", operator="=", value="Guide 5")
    found = await parts_of(store, asked(filters=only, limit=8))
    assert set(texts_by_document(found)) == {uuid}


async def test_of_each_document_the_best_part_comes_first_then_the_next_best_of_each(store):
    order = Sort(property="title", direction="desc")
    request = asked("speaks tents", limit=3, sort=(order,))
    found = await parts_of(store, request)
    titles = [part["title"] for part in found]
    assert titles == ["Guide 7", "Guide 6", "Guide 5"] * PER_DOCUMENT
    assert all("tents" in part["content"] for part in found[:3])
    assert len({part["uuid"] for part in found}) == len(found)


async def test_a_book_that_speaks_of_nothing_else_leaves_the_others_their_parts(store):
    book = "Tents are tents. " * 500
    await store.update("Guides", guide(0)["uuid"], {"content": book})
    texts = texts_by_document(await parts_of(store, asked(limit=8)))
    assert len(texts.pop(guide(0)["uuid"])) == PER_DOCUMENT
    assert len(texts) == 7
    assert all("tents" in text for found in texts.values() for text in found)


async def test_of_a_document_that_was_found_by_something_else_the_beginning_is_read(store):
    await store.update(
        "Guides", guide(2)["uuid"], {"title": "All of tents", "content": guide(2, "ropes")["content"]}
    )
    await store.update("Guides", guide(3)["uuid"], {"title": "Tents: to be written", "content": ""})
    found = {part["title"]: part for part in await parts_of(store, asked(limit=8))}
    assert found["All of tents"]["content"].startswith("Sentence 0 of guide 2 ")
    assert found["Tents: to be written"]["content"] == ""
    assert len(found) == 8


async def test_without_a_text_the_documents_must_do(store):
    assert await parts_of(store, asked("zeppelin")) == []
    await store.update("Guides", guide(2)["uuid"], {"title": "Zeppelin", "content": None})
    assert await parts_of(store, asked("zeppelin")) == []


async def test_chunks_of_another_field_are_replaced(store):
    await parts_of(store)
    request = asked("Guide")
    await find_parts(store, request, (await store.query(request)).objects, "title", ("title",))
    schema = await store.schema(CHUNKS)
    assert {item["title"] for item in await kept(store)} <= {f"Guide {n}" for n in range(8)}
    assert "content" not in {prop.name for prop in schema.properties}


async def test_chunks_that_another_program_began_to_keep_are_added_to(store):
    schema = schema_for(await store.schema("Guides"), "content")
    of_others = [prop for prop in schema.properties if prop.name in {"content", "chunk_spans"}]
    await store.create(schema.model_copy(update={"properties": tuple(of_others)}))
    for _ in range(2):
        found = await parts_of(store)
        assert len(texts_by_document(found)) == 2
        assert all("tents" in part["content"] for part in found)


class ByMeaning:
    """A store whose documents can be searched by meaning, and of the chunks those that are ready."""

    def __init__(self, store, ready):
        self._store = store
        self._ready = ready
        self.asked_for = []

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def schema(self, name):
        vectors = (VectorConfig(name="content", vectorizer="any", source_properties=("content",)),)
        return (await self._store.schema(name)).model_copy(update={"vectors": vectors})

    async def create(self, schema):
        assert [vector.source_properties for vector in schema.vectors] == [("content",)]
        await self._store.create(schema.model_copy(update={"vectors": ()}))

    async def query(self, request):
        if request.search == "none":
            return await self._store.query(request)
        self.asked_for.append((request.collection, request.search, request.target_vectors))
        page = await self._store.query(
            request.model_copy(update={"search": "keyword", "target_vectors": None})
        )
        if request.collection != CHUNKS or request.search == "keyword":
            return page
        ready = await self._ready()
        return replace(page, objects=[item for item in page.objects if item["uuid"] in ready])


async def test_where_chunks_cannot_be_searched_by_meaning_words_must_do(store):
    async def ready():
        raise NotSupported("There are no vectors.")

    embedding = ByMeaning(store, ready)
    found = await parts_of(embedding, asked(search="vector", target_vectors=("content", "other")))
    assert all("tents" in part["content"] for part in found)
    assert embedding.asked_for == [
        ("Guides", "vector", ("content", "other")),
        (CHUNKS, "vector", ("content",)),
        (CHUNKS, "keyword", None),
    ]


async def test_documents_whose_chunks_have_no_vectors_yet_are_searched_by_words(store):
    async def ready():
        return {item["uuid"] for item in await kept(store) if item["fullDocument"] == guide(1)["uuid"]}

    texts = texts_by_document(await parts_of(ByMeaning(store, ready), asked(search="hybrid", limit=8)))
    assert len(texts) == 8
    assert all("tents" in text for found in texts.values() for text in found)


async def test_long_values_of_a_document_are_not_repeated_with_each_chunk(store):
    await store.update("Guides", guide(0)["uuid"], {"category": "Camping " * 40})
    found = await parts_of(store, asked(limit=8))
    assert {"category" in chunk for chunk in found if chunk["title"] == "Guide 0"} == {False}


GUIDE_TEXTS = st.lists(st.sampled_from(["Tents.", "Ropes.", "Tents and ropes.", "None."]), max_size=30).map(
    " ".join
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(GUIDE_TEXTS, min_size=1, max_size=7),
    size=st.integers(1, 3),
    words=st.sampled_from(["tents", "ropes tents", "guide"]),
    order=st.sampled_from([(), (Sort(property="title", direction="desc"),)]),
)
def test_the_pages_of_a_question_tell_of_each_document_once(texts, size, words, order):
    guides = [guide(n, content=text) for n, text in enumerate(texts)]

    async def read(folder):
        library = Library(folder)
        await kept_in(library, Guides=(GUIDES, guides))
        whole = asked(words, sort=order, limit=10)
        pages = [
            await parts_of(library, asked(words, sort=order, limit=size, offset=at))
            for at in range(0, len(texts), size)
        ]
        found = (await library.query(whole)).objects
        together = await parts_of(library, whole)
        await library.close()
        return found, together, pages

    with TemporaryDirectory() as folder:
        found, together, pages = asyncio.run(read(Path(folder)))
    cuttable = any(item["content"] for item in found)
    assert list(texts_by_document(together)) == ([item["uuid"] for item in found] if cuttable else [])
    paged = [texts_by_document(page) for page in pages]
    with_text = {item["uuid"] for item in found if item["content"]}
    told = [uuid for page in paged for uuid in page]
    assert len(told) == len(set(told))
    assert with_text <= set(told) <= {item["uuid"] for item in found}
    for page in paged:
        for uuid, parts in page.items():
            assert 1 <= len(parts) <= PER_DOCUMENT
            assert Counter(parts) == Counter(texts_by_document(together)[uuid])


@pytest.mark.parametrize(("mean", "field"), [(LONG, None), (LONG + 1, "content"), (None, None)])
def test_only_texts_over_four_hundred_tokens_on_average_are_long(mean, field):
    fields = [
        {"name": "title", "type": "text", "mean": 5.0},
        {"name": "content", "type": "text", "mean": mean},
        {"name": "parts", "type": "text[]", "mean": 9_000},
    ]
    assert long_field({"fields": fields}) == field
    assert long_field({}) is None
