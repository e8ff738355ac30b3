import asyncio

import pytest

from elysia_desktop.core.errors import ElysiaError
from elysia_desktop.core.schema import CollectionSchema, Property, VectorConfig
from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.analysis.editing import (
    delete_preprocessed_collection,
    delete_preprocessed_collection_async,
    edit_preprocessed_collection,
    edit_preprocessed_collection_async,
    preprocessed_collection_exists,
    preprocessed_collection_exists_async,
    view_preprocessed_collection,
    view_preprocessed_collection_async,
)
from elysia_desktop.engine.analysis.preprocess import preprocess_async


@pytest.fixture
async def known(shop):
    """The shop, analysed without a model, and a collection with two vectors that was analysed too."""
    store = shop.store()
    vectors = (VectorConfig(name="plot"), VectorConfig(name="title"))
    await store.create(
        CollectionSchema(name="Films", properties=(Property(name="title", type="text"),), vectors=vectors)
    )
    for name in ("Shop", "Films"):
        async for _ in preprocess_async(name, shop, settings=Settings()):
            pass
    return shop


async def viewed(clients, name="Shop"):
    return await view_preprocessed_collection_async(name, clients)


async def test_it_is_there_after_an_analysis_and_gone_when_deleted(known):
    assert await preprocessed_collection_exists_async("Shop", known)
    assert not await preprocessed_collection_exists_async("Chat", known)
    assert not await preprocessed_collection_exists_async("Nope", known)
    await delete_preprocessed_collection_async("Shop", known)
    assert not await preprocessed_collection_exists_async("Shop", known)
    assert (await known.store().schema("Shop")).name == "Shop"


async def test_what_is_not_there_cannot_be_viewed_deleted_or_edited(known):
    for work in (view_preprocessed_collection_async, delete_preprocessed_collection_async):
        with pytest.raises(ValueError, match="“Chat” was not analysed"):
            await work("Chat", known)
        with pytest.raises(ValueError, match=r"no collection “Chats”.*Chat, "):
            await work("Chats", known)
    with pytest.raises(ValueError, match="“Chat” was not analysed"):
        await edit_preprocessed_collection_async("Chat", known, summary="Talk.")


async def test_a_refusal_is_one_of_the_errors_that_are_told_to_the_person(known):
    with pytest.raises(ElysiaError) as raised:
        await viewed(known, "Nope")
    assert raised.value.sentence == str(raised.value)
    assert "Use one of: " in str(raised.value)


async def test_the_summary_changes_alone(known):
    before = await viewed(known)
    after = await edit_preprocessed_collection_async("Shop", known, summary="Half \ud83d.")
    assert after == {**before, "summary": "Half ?."}
    assert await viewed(known) == after


async def test_mappings_replace_those_there_were_and_the_table_stays(known):
    table = (await viewed(known))["mappings"]["table"]
    mappings = {"ticket": {"title": "label", "status": "", "content": "text"}}
    after = await edit_preprocessed_collection_async("Shop", known, mappings=mappings)
    assert after["mappings"] == {"ticket": {"title": "label", "content": "text"}, "table": table}
    assert "guessed" not in after
    again = await edit_preprocessed_collection_async("Shop", known, mappings=after["mappings"])
    assert again == after


@pytest.mark.parametrize(
    ("mappings", "told"),
    [
        ({"hologram": {}}, r"no display “hologram”.*conversation, .*table"),
        ({"ticket": {"tilte": "label"}}, r"no field “tilte” in the display “ticket”.*title"),
        ({"ticket": {"title": "lable"}}, r"no property “lable” in Shop.*label"),
        ({"table": {"nope": "label"}}, r"no field “nope” in the display “table”.*label"),
        ({"table": {"label": "nope"}}, r"no property “nope” in Shop"),
        ({"conversation": {"content": "text", "message_id": "label"}}, r"needs conversation_id"),
        ({"generic": {"title": ""}}, r"no field mapped"),
        (
            {"document": ["title"]},
            r"“document” is an object with fields as keys, not \[“title”\]. For example: ",
        ),
        ({"document": None}, r"“document” is an object with fields as keys, not null"),
        (["document"], r"“mappings” is an object with displays as keys, not \[“document”\]"),
        (
            {"document": {"title": ["label"]}},
            r"“title” of the display “document” .* property, not \[“label”\]",
        ),
        ({"document": {"title": {}}}, r"takes the name of one property, not an object"),
        ({"document": {3: "label"}}, r"no field “3” in the display “document”.*title"),
        ({None: {}}, r"no display “None”"),
    ],
)
async def test_a_mapping_that_names_what_does_not_exist_changes_nothing(known, mappings, told):
    before = await viewed(known)
    with pytest.raises(ValueError, match=told):
        await edit_preprocessed_collection_async("Shop", known, summary="New.", mappings=mappings)
    assert await viewed(known) == before


async def test_a_display_that_a_person_maps_stays_however_few_of_its_fields_are(known):
    after = await edit_preprocessed_collection_async("Shop", known, mappings={"product": {"name": "label"}})
    assert after["mappings"]["product"] == {"name": "label"}


async def test_conversations_that_a_person_maps_can_be_shown_as_messages_too(known):
    mapping = {"content": "text", "conversation_id": "kind", "message_id": "label"}
    after = await edit_preprocessed_collection_async("Shop", known, mappings={"conversation": mapping})
    assert list(after["mappings"]) == ["conversation", "message", "table"]
    assert after["mappings"]["message"] == mapping
    given = {"conversation": mapping, "message": {"content": "text"}}
    after = await edit_preprocessed_collection_async("Shop", known, mappings=given)
    assert after["mappings"]["message"] == {"content": "text"}


@pytest.mark.parametrize("part", ["fields", "named_vectors"])
@pytest.mark.parametrize("changes", [["x"], "x", {"name": "price"}, 3, [{"name": "price"}, 3]])
async def test_changes_that_are_no_list_of_objects_are_refused_in_words(known, part, changes):
    before = await viewed(known)
    with pytest.raises(
        ValueError, match=rf"“{part}” is a list of objects with a name each, not .* For example:"
    ):
        await edit_preprocessed_collection_async("Shop", known, summary="New.", **{part: changes})
    assert await viewed(known) == before


async def test_none_leaves_what_there_was(known):
    change = {"name": "plot", "enabled": False, "description": "What happens"}
    before = await edit_preprocessed_collection_async("Films", known, named_vectors=[change])
    after = await edit_preprocessed_collection_async(
        "Films",
        known,
        named_vectors=[{"name": "plot", "enabled": None, "description": None}, None],
        fields=[{"name": "title", "description": None}],
    )
    assert after == before
    after = await edit_preprocessed_collection_async(
        "Films", known, named_vectors=[{"name": "plot", "enabled": True, "description": None}]
    )
    assert after["named_vectors"][0] == {**before["named_vectors"][0], "enabled": True}


async def test_descriptions_of_fields_change_by_name(known):
    before = await viewed(known)
    after = await edit_preprocessed_collection_async(
        "Shop", known, fields=[{"name": "price", "description": "In pounds"}, None]
    )
    changed = {field["name"]: field for field in after["fields"]}
    assert changed["price"]["description"] == "In pounds"
    assert [field["name"] for field in after["fields"]] == [field["name"] for field in before["fields"]]
    assert await edit_preprocessed_collection_async("Shop", known, fields=after["fields"]) == after


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"name": "prize", "description": "?"}, r"no field “prize”.*price"),
        ({"description": "?"}, r"no field “None”"),
        ({}, r"no field “None”"),
        ({"name": ["price"]}, r"no field “\['price'\]”"),
        ({"name": "price", "type": "int"}, r"“type” of the field “price” cannot be changed.*description"),
        ({"name": "price", "enabled": True}, r"“enabled” of the field"),
        ({"name": "price", "description": 3}, r"is a text, not 3"),
    ],
)
async def test_a_field_that_is_unknown_or_computed_is_refused(known, field, told):
    before = await viewed(known)
    with pytest.raises(ValueError, match=told):
        await edit_preprocessed_collection_async("Shop", known, fields=[field])
    assert await viewed(known) == before


async def test_named_vectors_are_switched_and_described(known):
    change = {"name": "plot", "enabled": False, "description": "What happens"}
    after = await edit_preprocessed_collection_async("Films", known, named_vectors=[change])
    plot, title = after["named_vectors"]
    assert change.items() <= plot.items()
    assert title["enabled"] is True
    with pytest.raises(ValueError, match=r"no vector “plat”.*plot, title"):
        await edit_preprocessed_collection_async("Films", known, named_vectors=[{"name": "plat"}])
    with pytest.raises(ValueError, match="true or false"):
        await edit_preprocessed_collection_async(
            "Films", known, named_vectors=[{"name": "plot", "enabled": "no"}]
        )
    with pytest.raises(ValueError, match="There are none yet"):
        await edit_preprocessed_collection_async("Shop", known, named_vectors=[{"name": "plot"}])


async def test_the_blocking_forms_do_the_same(known):
    assert preprocessed_collection_exists("Shop", known)
    assert edit_preprocessed_collection("Shop", known, summary="All of it.")["summary"] == "All of it."
    assert view_preprocessed_collection("Shop", known)["summary"] == "All of it."
    delete_preprocessed_collection("Shop", known)
    assert not await asyncio.to_thread(preprocessed_collection_exists, "Shop", known)
