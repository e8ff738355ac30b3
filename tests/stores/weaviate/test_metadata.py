"""What analysis wrote is kept where elysia-ai keeps it, and read whoever wrote it."""

import pytest

from elysia_desktop.core.errors import QueryRejected, StoreError

NAME = "ELYSIA_METADATA__"

FIELD = {
    "description": "",
    "range": None,
    "mean": None,
    "groups": None,
    "date_range": None,
    "date_median": None,
}
METADATA = {
    "name": "Films",
    "length": 4.0,
    "summary": "Films and who is in them.",
    "fields": [
        {"name": "year", "type": "int", **FIELD, "range": [1972, 2001], "mean": 1984},
        {"name": "seen", "type": "boolean", **FIELD, "groups": [{"value": "true", "count": 3}]},
        {
            "name": "premiere", "type": "date", **FIELD,
            "date_range": ["1972-03-20T00:00:00+00:00", "2001-04-25T00:00:00+00:00"],
            "date_median": "1979-05-26T00:00:00+00:00",
        },
    ],
    "mappings": {"table": {"title": "title"}, "document": {"title": "title", "content": "plot"}},
    "named_vectors": None,
    "vectorizer": {"vectorizer": "none", "model": ""},
    "index_properties": {"isNullIndexed": True, "isLengthIndexed": True, "isTimestampIndexed": False},
    "prompts": ["Which film is the oldest?"],
}  # fmt: skip


async def test_it_comes_back_as_it_was_kept(films):
    assert await films.get_metadata("Films") is None
    assert await films.delete_metadata("Films") is False
    await films.put_metadata("Films", METADATA)
    assert await films.get_metadata("Films") == METADATA
    assert await films.delete_metadata("Films") is True
    assert await films.get_metadata("Films") is None


async def test_it_is_replaced_whole(films, make):
    await make("Books", {"title": "text"})
    await films.put_metadata("Films", METADATA | {"guessed": True})
    await films.put_metadata("Books", METADATA | {"summary": "Books."})
    named = [
        {
            "name": "a",
            "vectorizer": "none",
            "model": "",
            "source_properties": ["plot"],
            "enabled": True,
            "description": "",
        }
    ]
    changed = METADATA | {"prompts": [], "fields": [], "named_vectors": named, "vectorizer": None}
    await films.put_metadata("Films", changed)
    await films.put_metadata("Films", changed)
    assert await films.get_metadata("Films") == changed
    assert (await films.get_metadata("Books")) == METADATA | {"name": "Books", "summary": "Books."}
    kept = {one.name: one.count for one in await films.collections()}
    assert kept[NAME] == 2


async def test_what_another_program_wrote_is_read_and_replaced(films, clients):
    await films.put_metadata("Films", METADATA)
    await films.delete_metadata("Films")
    async with clients.connect_to_async_client() as client:
        theirs = {key: value for key, value in METADATA.items() if value is not None}
        await client.collections.use(NAME).data.insert(theirs | {"summary": "Theirs."})
    assert await films.get_metadata("Films") == METADATA | {"summary": "Theirs."}
    await films.put_metadata("Films", METADATA)
    assert await films.get_metadata("Films") == METADATA
    assert {one.name: one.count for one in await films.collections()}[NAME] == 1


async def test_it_goes_with_its_collection_and_no_other(films, make):
    await make("Books", {"title": "text"})
    for name in ("Films", "Books"):
        await films.put_metadata(name, METADATA)
    await films.drop("Films")
    await make("Films", {"title": "text"})
    assert await films.get_metadata("Films") is None
    assert await films.get_metadata("Books") is not None


async def test_what_is_no_json_is_refused(films):
    with pytest.raises(QueryRejected, match="metadata"):
        await films.put_metadata("Films", {"summary": object()})


async def test_what_weaviate_cannot_keep_is_told(films):
    await films.put_metadata("Films", METADATA)
    with pytest.raises(StoreError, match="could not be kept"):
        await films.put_metadata("Films", METADATA | {"length": "long"})
    assert await films.get_metadata("Films") == METADATA


def test_the_collection_is_as_elysia_ai_makes_it(client_library):
    from elysia_desktop.stores.weaviate.metadata import definition

    made = definition()
    assert made["class"] == "ELYSIA_METADATA__"
    types = {one["name"]: one["dataType"] for one in made["properties"]}
    assert types == {
        "name": ["text"], "length": ["number"], "summary": ["text"], "index_properties": ["object"],
        "named_vectors": ["object[]"], "vectorizer": ["object"], "fields": ["object[]"],
    }  # fmt: skip
    assert made["properties"][0]["tokenization"] == "field"
