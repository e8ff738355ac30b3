import pytest
from engine.asking import Clients

from elysia_desktop.core.environment import Environment
from elysia_desktop.core.objects import Retrieval
from elysia_desktop.engine.tools.retrievals import (
    ConversationRetrieval,
    DocumentRetrieval,
    MessageRetrieval,
    retrieval_as,
)

MAPPING = {"title": "name", "content": "text", "author": ""}
DOCUMENTS = [{"uuid": "d1", "name": "One", "text": "abcdef"}, {"uuid": "d2", "name": "Two", "text": "ghi"}]
PARTS = [
    {"uuid": "p1", "text": "ef", "chunk_spans": [4, 6], "fullDocument": "d1", "_REF_ID": "query_G_1_0"},
    {"uuid": "p2", "text": "hi", "chunk_spans": [1, 3], "fullDocument": "d2", "_REF_ID": "query_G_1_1"},
    {"uuid": "p3", "text": "ab", "chunk_spans": [0, 2], "fullDocument": "d1", "_REF_ID": "query_G_1_2"},
]
METADATA = {"collection_name": "G", "display_type": "document", "chunked": True}


async def objects(result):
    return (await result.to_frontend("u", "c", "q"))["payload"]["objects"]


class Store:
    """A store that gives documents by their ids."""

    def __init__(self):
        self.asked = []

    async def get(self, name, uuids):
        self.asked.append((name, list(uuids)))
        return [each for each in DOCUMENTS if each["uuid"] in uuids]


async def test_the_person_gets_documents_with_the_places_that_were_found_and_the_model_the_parts():
    store = Store()
    made = DocumentRetrieval(PARTS, METADATA, MAPPING)
    await made.async_init(Clients(store))
    await made.async_init(Clients(store))
    assert store.asked == [("G", ["d1", "d2"])]
    one, two = await objects(made)
    assert one == {
        "title": "One",
        "content": "abcdef",
        "uuid": "d1",
        "collection_name": "G",
        "_REF_ID": "query_G_1_0",
        "chunk_spans": [
            {"start": 4, "end": 6, "uuid": "p1", "_REF_ID": "query_G_1_0"},
            {"start": 0, "end": 2, "uuid": "p3", "_REF_ID": "query_G_1_2"},
        ],
    }
    assert two["chunk_spans"] == [{"start": 1, "end": 3, "uuid": "p2", "_REF_ID": "query_G_1_1"}]
    assert made.to_json() == PARTS
    assert made.full_documents_to_json()[0]["name"] == "One"
    assert "They are passages of 2 documents." in made.llm_parse()


@pytest.mark.parametrize(
    ("mapping", "document"),
    [
        ({**MAPPING, "content": "abstract"}, {"uuid": "d1", "abstract": "In short: …", "text": "abcdef"}),
        (MAPPING, {"uuid": "d1", "text": "written anew"}),
    ],
)
async def test_a_place_is_not_shown_in_a_text_that_it_is_not_of(mapping, document):
    made = DocumentRetrieval(PARTS[:1], METADATA, mapping, full_documents=[document])
    (shown,) = await objects(made)
    assert shown["chunk_spans"] == []
    assert shown["_REF_ID"] == "query_G_1_0"


async def test_documents_that_were_not_cut_have_no_such_places():
    made = DocumentRetrieval(DOCUMENTS, {"collection_name": "G"}, MAPPING)
    assert made.async_init_completed
    assert [item["chunk_spans"] for item in await objects(made)] == [[], []]
    assert made.metadata["chunked"] is False
    stored = Environment().add("query", made)
    assert "chunk_spans" not in stored[0], "a prompt need not tell of what is not there"


async def test_nothing_found_has_no_payload():
    assert (
        await DocumentRetrieval([], METADATA, MAPPING, full_documents=[]).to_frontend("u", "c", "q") is None
    )


@pytest.mark.parametrize(
    ("display", "kind"),
    [
        ("message", MessageRetrieval),
        ("document", DocumentRetrieval),
        ("conversation", ConversationRetrieval),
        ("ticket", Retrieval),
        ("product", Retrieval),
        ("generic", Retrieval),
        ("table", Retrieval),
    ],
)
async def test_each_display_has_its_retrieval(display, kind):
    mapping = {"title": "name", "conversation_id": "name", "message_id": "uuid"}
    known = {"mappings": {display: mapping}}
    made = retrieval_as(display, DOCUMENTS, {"collection_name": "G"}, known)
    assert type(made) is kind
    assert made.payload_type == display
    assert made.name == "G"
    first, _ = await objects(made)
    assert first["uuid"] == "d1"
    assert ("name" in first) is (display == "table"), "the table shows every field under its own name"


def test_a_conversation_needs_both_ids():
    known = {"mappings": {"conversation": {"content": "text", "conversation_id": "name", "message_id": ""}}}
    assert type(retrieval_as("conversation", DOCUMENTS, {}, known)) is Retrieval
