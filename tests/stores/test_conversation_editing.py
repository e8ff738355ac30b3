"""Answers change, questions go, and searches find what stands there then."""

import contextlib
import sqlite3

import pytest
from stores.keeping import begun, found, opened, result, text

from elysia_desktop.core.errors import StoreError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "c.db"


@pytest.fixture
async def store(path):
    async with opened(path) as store:
        yield store


async def payloads(store, conversation):
    return [payload for turn in await store.turns(conversation.id) for payload in turn.payloads]


async def test_the_text_of_an_answer_is_replaced_and_found_by_its_new_words(store):
    conversation = await begun(store, "Peaks")
    cited = {
        "type": "text",
        "id": "t",
        "payload": {
            "type": "text_with_citations",
            "metadata": {"title": "Peaks"},
            "objects": [{"text": "Zugspitze", "ref_ids": ["1_1"]}],
        },
    }
    await store.append("q", [result({"name": "Watzmann"}), cited])
    await store.replace_text("q", "Hochwanner", "t")
    assert (await payloads(store, conversation))[1]["payload"] == {
        "type": "response",
        "metadata": {"title": "Peaks"},
        "objects": [{"text": "Hochwanner"}],
    }
    assert await found(store, "zugspitze") == []
    assert (
        await found(store, "hochw") == await found(store, "watzm") == await found(store, "peaks") == ["Peaks"]
    )


async def test_without_an_id_the_last_answer_is_replaced(store):
    conversation = await begun(store)
    await store.append("q", [text("one", "1"), text("two", "2"), result({"a": 1})])
    await store.replace_text("q", "three")
    said = [payload["payload"]["objects"] for payload in await payloads(store, conversation)]
    assert said == [[{"text": "one"}], [{"text": "three"}], [{"a": 1}]]


async def test_an_answer_that_was_cut_is_replaced_like_any_other(store):
    conversation = await begun(store)
    await store.keep_writing("q", "m", "hal")
    await store.replace_text("q", "whole", "m")
    await store.replace_text("q", "all of it")
    (payload,) = await payloads(store, conversation)
    assert payload["payload"]["objects"] == [{"text": "all of it"}]


async def test_a_payload_is_replaced_by_its_id(store):
    conversation = await begun(store, "T")
    await store.append("q", [text("one", "1"), text("two", "2")])
    await store.replace_payload("q", text("uno", "1"))
    assert await payloads(store, conversation) == [text("uno", "1"), text("two", "2")]
    assert await found(store, "uno") == ["T"]


async def test_an_answer_that_is_not_there_is_told(store):
    await begun(store)
    for call in (
        store.replace_text("q", "x"),
        store.replace_text("q", "x", "m"),
        store.replace_payload("q", text("x")),
        store.replace_text("no", "x"),
        store.delete_turn("no"),
        store.delete_answer("no"),
        store.clear("no"),
    ):
        with pytest.raises(StoreError) as raised:
            await call
        assert raised.value.hint


async def test_a_deleted_question_goes_with_all_that_was_sent_for_it(store, path):
    conversation = await begun(store, "T", "q", "First?")
    await store.append("q", [text("alpha")])
    await store.keep_writing("q", "m", "beta")
    await store.set_extra("q", {"a": 1})
    await store.begin_turn(conversation.id, "q2", "Second?", [])
    await store.append("q2", [text("gamma")])
    await store.delete_turn("q")
    (turn,) = await store.turns(conversation.id)
    assert turn.query_id == "q2"
    assert await found(store, "first") == await found(store, "alpha") == []
    assert await found(store, "second gamma") == ["T"]
    await store.close()
    with contextlib.closing(sqlite3.connect(path)) as database:
        for table, left in {"payloads": 1, "writings": 0, "extras": 0}.items():
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (left,), table


async def test_a_deleted_answer_leaves_its_question(store):
    conversation = await begun(store, "T", "q", "First?")
    await store.append("q", [text("alpha")])
    await store.keep_writing("q", "m", "beta")
    await store.delete_answer("q")
    (turn,) = await store.turns(conversation.id)
    assert (turn.prompt, turn.payloads) == ("First?", [])
    assert await found(store, "first") == ["T"]
    assert await found(store, "alpha") == []


async def test_a_cleared_conversation_begins_anew_under_its_title(store, path):
    conversation, other = await begun(store, "T"), await begun(store, "Other", "o", "Stays?")
    await store.append("q", [text("alpha")])
    await store.begin_turn(conversation.id, "q2", "More?", [])
    await store.save_tree(conversation.id, {"a": 1})
    assert await store.clear(conversation.id) == 2
    assert await store.turns(conversation.id) == []
    assert await store.load_tree(conversation.id) is None
    assert await found(store, "alpha") == []
    assert await found(store, "t") == ["T"]
    assert await found(store, "stays") == ["Other"]
    assert len(await store.turns(other.id)) == 1
    assert await store.clear(conversation.id) == 0
    await store.close()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
