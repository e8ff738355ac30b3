import asyncio
import json
from uuid import NAMESPACE_DNS, uuid5

import pytest
from engine.asking import decision, settings_for, told
from support.scripted_model import ScriptedModel

from elysia_desktop.core.errors import StoreError, StoreUnreachable
from elysia_desktop.core.schema import CollectionSchema, DataType, Property
from elysia_desktop.engine.tree import Tree
from elysia_desktop.engine.tree_store import (
    TREES,
    NoSavedTree,
    delete_tree,
    load_tree,
    owner_of,
    save_tree,
    saved_trees,
    tree_exists,
    tree_uuid,
)
from elysia_desktop.stores.library import Library


@pytest.fixture
async def library(tmp_path):
    opened = Library(tmp_path / "library")
    yield opened
    await opened.close()


def exported(conversation_id="c", user_id="u", **more):
    return {"user_id": user_id, "conversation_id": conversation_id, **more}


async def test_what_is_saved_is_loaded_again(library):
    conversation = exported(tree_data={"text": "Zoë 🎬\u0000\ud800", "numbers": [1, 2.5, None, True]})
    await save_tree(library, TREES, conversation, "A title")
    assert await load_tree(library, TREES, "c") == conversation
    assert await tree_exists(library, TREES, "c")
    assert await owner_of(library, TREES, "c") == "u"


async def test_a_conversation_goes_on_where_it_was_saved(library, empty_clients):
    replies = [
        decision("text_response", end=True, text="Hello!"),
        decision("text_response", end=True, text="Yes."),
    ]
    with ScriptedModel(replies) as model:
        tree = Tree(settings=settings_for(model), user_id="u", conversation_id="c")
        before = await told(tree, "Hi", empty_clients)
        await save_tree(library, TREES, tree.export_to_json(), tree.conversation_title)
        again = Tree.import_from_json(await load_tree(library, TREES, "c"), settings=settings_for(model))
        assert again.export_to_json() == tree.export_to_json()
        await told(again, "Still there?", empty_clients)
    assert [said["content"] for said in again.conversation_history] == [
        "Hi",
        "Hello!",
        "Still there?",
        "Yes.",
    ]
    assert [p for p in again.sent if p in before] == [p for p in before if p["type"] != "text_delta"]


async def test_saving_again_replaces(library):
    for number in range(3):
        await save_tree(library, TREES, exported(number=number), f"Title {number}")
    assert (await load_tree(library, TREES, "c"))["number"] == 2
    assert [info.count for info in await library.collections()] == [1]
    assert {key: one["title"] for key, one in (await saved_trees(library, TREES, "u")).items()} == {
        "c": "Title 2"
    }


@pytest.mark.parametrize("conversation_id", ["c", "0b3c6ab6-6c2a-4b7e-9d3f-1f2f6a8f0f11", "Zoë / 2", ""])
def test_a_conversation_has_the_id_that_weaviates_client_gives_it(conversation_id):
    assert tree_uuid(conversation_id) == str(uuid5(NAMESPACE_DNS, conversation_id))


def test_the_id_of_a_conversation_is_known():
    assert tree_uuid("example.org") == "aad03681-8b63-5304-89e0-8ca8f49461b5"


async def test_the_collection_is_as_elysia_has_it(library):
    await save_tree(library, TREES, exported(), "T")
    assert TREES == "ELYSIA_TREES__"
    [stored] = await library.get(TREES, [tree_uuid("c")])
    assert {"user_id", "conversation_id", "tree", "title"} <= set(stored)
    assert (stored["user_id"], stored["conversation_id"], stored["title"]) == ("u", "c", "T")
    assert json.loads(stored["tree"]) == exported()


async def test_a_collection_that_elysia_made_is_used_as_it_is(library):
    names = ("user_id", "conversation_id", "tree", "title")
    await library.create(
        CollectionSchema(name=TREES, properties=tuple(Property(name=n, type=DataType.TEXT) for n in names))
    )
    await library.insert(
        TREES,
        [
            {
                "uuid": tree_uuid("old"),
                "user_id": "u",
                "conversation_id": "old",
                "title": "Old",
                "tree": '{"a": 1}',
            }
        ],
    )
    await save_tree(library, TREES, exported("new"), "New")
    assert await load_tree(library, TREES, "old") == {"a": 1}
    assert await saved_trees(library, TREES, "u") == {
        "old": {"title": "Old", "last_update_time": None},
        "new": {"title": "New", "last_update_time": None},
    }


async def test_saved_conversations_are_listed_for_their_user_the_latest_first(library):
    for number in range(5):
        await save_tree(library, TREES, exported(f"c{number}", "u v" if number == 3 else "u"), f"T{number}")
    await save_tree(library, TREES, exported("c1"), "T1 again")
    listed = await saved_trees(library, TREES, "u")
    assert list(listed) == ["c1", "c4", "c2", "c0"]
    assert listed["c1"]["title"] == "T1 again"
    times = [one["last_update_time"] for one in listed.values()]
    assert times == sorted(times, reverse=True)
    assert await saved_trees(library, TREES, "nobody") == {}


async def test_more_conversations_than_a_page_are_listed(library):
    await save_tree(library, TREES, exported("c0"), "T")
    rows = [
        {"uuid": tree_uuid(f"c{n}"), "user_id": "u", "conversation_id": f"c{n}", "title": "T", "tree": "{}"}
        for n in range(2_345)
    ]
    await library.insert(TREES, rows)
    assert len(await saved_trees(library, TREES, "u")) == 2_345


async def test_without_a_collection_there_is_nothing(library):
    assert await saved_trees(library, TREES, "u") == {}
    assert not await tree_exists(library, TREES, "c")
    for call in (load_tree, delete_tree):
        with pytest.raises(ValueError, match=f"no collection “{TREES}”") as raised:
            await call(library, TREES, "c")
        assert raised.type is NoSavedTree
    assert await library.collections() == []


async def test_a_conversation_that_is_not_saved_is_told_of(library):
    await save_tree(library, TREES, exported("other"), "T")
    assert not await tree_exists(library, TREES, "c")
    for call in (load_tree, delete_tree):
        with pytest.raises(NoSavedTree, match=f"No conversation “c” is saved in {TREES}"):
            await call(library, TREES, "c")


async def test_what_is_deleted_is_gone(library):
    for conversation_id in ("c", "d"):
        await save_tree(library, TREES, exported(conversation_id), "T")
    await delete_tree(library, TREES, "c")
    assert list(await saved_trees(library, TREES, "u")) == ["d"]
    assert not await tree_exists(library, TREES, "c")


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "12"])
async def test_a_damaged_conversation_is_told_of(library, text):
    await save_tree(library, TREES, exported(), "T")
    await library.update(TREES, tree_uuid("c"), {"tree": text})
    with pytest.raises(ValueError, match="“c” is damaged"):
        await load_tree(library, TREES, "c")


async def test_a_very_large_conversation_is_saved(library):
    payloads = [
        {"type": "text", "payload": {"objects": [{"text": f"{n} " + "word " * 2_000}]}} for n in range(1_100)
    ]
    conversation = exported(frontend_rebuild=payloads)
    assert len(json.dumps(conversation)) > 10_000_000
    await save_tree(library, TREES, conversation, "Large")
    assert await load_tree(library, TREES, "c") == conversation


async def test_many_who_save_first_at_the_same_time_all_succeed(library):
    await asyncio.gather(*(save_tree(library, TREES, exported(f"c{n}"), "T") for n in range(8)))
    assert len(await saved_trees(library, TREES, "u")) == 8


async def test_a_conversation_that_the_store_turns_away_is_not_taken_for_saved(library):
    with pytest.raises(StoreError, match="could not be saved"):
        await save_tree(library, TREES, exported(user_id="u\0"), "T")


async def test_a_store_that_does_not_answer_is_not_an_absent_conversation():
    class Gone:
        async def schema(self, name):
            raise StoreUnreachable("Nothing answers.")

    for call in (load_tree, delete_tree, tree_exists, saved_trees):
        with pytest.raises(StoreUnreachable):
            await call(Gone(), TREES, "c")
